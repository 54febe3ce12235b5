from odoo import fields
from odoo.fields import Command

from odoo.addons.crm_visits.tests.common import VisitCommon


class CaseCommon(VisitCommon):
    """A hotline team of the specialist, led by the supervisor who heads the department."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.service.team"].create(
            {
                "name": "Hotline",
                "sequence": 1,
                "company_id": cls.company.id,
                "department_id": cls.department.id,
                "leader_id": cls.supervisor.id,
                "member_ids": [Command.set(cls.specialist.ids)],
            }
        )
        cls.category = cls.env.ref("crm_aftersales.case_category_product")
        for state in ("new", "progress", "customer", "parts", "solved", "closed"):
            setattr(cls, f"stage_{state}", cls.env.ref(f"crm_aftersales.case_stage_{state}"))

    @classmethod
    def _make_case(cls, user=None, **values):
        """A case that the specialist registers."""
        return (
            cls.env["crm.service.case"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "subject": "The charger gets hot",
                    "partner_id": cls.customer.id,
                    "category_id": cls.category.id,
                    **values,
                }
            )
        )

    @classmethod
    def _make_complaint(cls, user=None, **values):
        return cls._make_case(user, kind="complaint", **values)

    @classmethod
    def _solve(cls, case, **values):
        """Solve a case; a complaint is judged, and what its severity asks for is noted."""
        if case.kind == "complaint" and case.validity == "pending":
            case._judge("valid", "The charger was measured at 80 degrees")
        if case.kind == "complaint" and case.validity == "valid":
            cls._handle(case)
        case.write({"solution": "Charger replaced", **values})
        case.action_solve()
        return case

    @classmethod
    def _handle(cls, case):
        """Cause and fault of a valid complaint; of a major one analysis and agreement."""
        if case.fault == "open":
            case.fault = "own"
        case.cause_id = cls.env.ref("crm_aftersales.case_cause_material")
        if case.fault == "own" and not case.date_apologized:
            cls._talk(case, "apology")
        if case.severity == "major":
            case.write({"cause_analysis": "A bad cell", "measures": "Batch called back"})
            if not case.date_agreed:
                cls._talk(case, "proposal")
                cls._talk(case, "agreement")

    @classmethod
    def _talk(cls, case, kind, **values):
        """Something is said about a case, and noted by whoever works on it."""
        return (
            cls.env["crm.case.talk"]
            .with_user(case.env.user)
            .create(
                {
                    "case_id": case.id,
                    "kind": kind,
                    "contact": "Mr Wang",
                    "text": f"Words of the {kind}",
                    **values,
                }
            )
        )

    @classmethod
    def _call_back(cls, case, **values):
        """The callback of a solved case is made and its record submitted."""
        visit = case.sudo().callback_id.with_user(case.sudo().callback_id.user_id)
        visit.write(
            {
                "date_start": fields.Datetime.now(),
                "callback_quality": "good",
                "callback_attitude": "good",
                "satisfaction_service": "good",
                "satisfaction_complaint": "good",
                "result": "Works again",
                **values,
            }
        )
        visit.action_finish()
        visit.action_approval_submit()
        cls.env.invalidate_all()
        return visit

    @classmethod
    def _called_back(cls, case, moment, is_bad=False):
        """A callback about a case that was made at some time, its record submitted."""
        case = case.sudo()
        visit = cls.env["crm.visit"].create(
            {
                "method_id": cls.env.ref("crm_visits.visit_method_callback_complaint").id,
                "partner_id": (case.partner_id or cls.customer).id,
                "user_id": (case.user_id or cls.specialist).id,
                "company_id": case.company_id.id,
            }
        )
        said = {"callback_quality": "poor" if is_bad else "good", "date_start": moment}
        visit.sudo().write({"case_id": case.id, "state": "submitted", **said})
        return visit

    @classmethod
    def _hours_ago(cls, hours):
        return fields.Datetime.subtract(cls.now, hours=hours)

    @classmethod
    def _prepare_commitment_values(cls, title="Two hours", **values):
        """What a commitment needs to be submitted: the points of the rule are met."""
        metric = cls.env.ref("crm_aftersales.metric_clock_share")
        result = cls.env.ref("crm_aftersales.metric_satisfied_share")
        note = "Nothing was measured before"
        return {
            "title": title,
            "statement": f"{title}.",
            "benefit": "Nobody waits",
            "is_about_matter": True,
            "is_simple": True,
            "monitor_id": cls.supervisor.id,
            "ground_ids": [Command.create({"kind": "demand", "text": "They ask for it"})],
            "item_ids": [
                Command.create(
                    {
                        "metric_id": metric.id,
                        "clock_target": "acknowledge",
                        "target": 90,
                        "note": note,
                    }
                ),
                Command.create({"metric_id": result.id, "target": 90, "note": note}),
            ],
            **values,
        }

    @classmethod
    def _make_commitment(cls, title="Two hours", user=None, **values):
        """A complete draft of the specialist."""
        values = cls._prepare_commitment_values(title, **values)
        return cls.env["crm.service.commitment"].with_user(user or cls.specialist).create(values)

    @classmethod
    def _enforce(cls, commitment):
        """Submitted and approved by the general manager."""
        commitment.action_approval_submit()
        commitment.with_user(cls.general_manager).action_approval_approve()
        return commitment
