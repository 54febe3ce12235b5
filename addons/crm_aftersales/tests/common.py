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
        case.write({"solution": "Charger replaced", **values})
        case.action_solve()
        return case

    @classmethod
    def _hours_ago(cls, hours):
        return fields.Datetime.subtract(cls.now, hours=hours)
