from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .relationship_common import RelationshipCommon

# how to get from a paper to its customers
PATHS = {
    "evaluation": "partner_id",
    "information": "evaluation_id.partner_id",
    "judgement": "evaluation_id.partner_id",
    "plan": "measure_ids.partner_id",
    "budget": "plan_id.measure_ids.partner_id",
    "measure": "partner_id",
    "report": "line_ids.partner_id",
    "report.line": "partner_id",
    "figure": "partner_id",
}


@tagged("post_install", "-at_install")
class TestRelationshipDepartments(RelationshipCommon, HttpCase):
    """A specialist sees the relationship papers of the own department, by no door others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = False
        cls._make_departments()
        for partner in cls.customers:
            cls._make_order(partner)
            cls._make_approved_evaluation(partner, user=cls.supervisor)
            plan = cls._make_running_plan(
                measures=[{"partner_id": partner.id, "user_id": cls.supervisor.id}]
            )
            plan.action_make_report()
        cls.env.flush_all()

    def _of(self, name, user=None):
        """The papers of our three customers, as a user may search them."""
        papers = self.env[f"crm.relationship.{name}"].with_user(user or self.env.user)
        return papers.search([(PATHS[name], "in", self.customers.ids)])

    def _customers_of(self, name, papers):
        return papers.sudo().mapped(PATHS[name]) & self.customers

    @requirement("E1.R3")
    def test_a_stranger_opens_a_dialog_about_my_paper(self):
        evaluation = self._make_evaluation()
        values = {"evaluation_id": evaluation.id, "question": "Who buys?"}
        dialogs = self.env["crm.relationship.information.ask"]
        with self.assertRefused(AccessError, ""):
            dialogs.with_user(self.stranger).create({**values, "request_user_id": self.stranger.id})
        with self.assertRefused(AccessError, ""):
            dialogs.with_user(self.stranger).onchange(values, [], {"company_id": {}})

    @requirement("E1.R3")
    def test_search_and_reading(self):
        for name in PATHS:
            everything = self._of(name)
            self.assertEqual(self._customers_of(name, everything), self.customers, name)
            for user, strange in (
                (self.specialist, self.other_customer),
                (self.stranger, self.customer),
            ):
                seen = self._of(name, user)
                self.assertEqual(
                    self._customers_of(name, seen), self.customers - strange, (name, user.login)
                )
                hidden = (everything - seen).with_user(user)
                self.assertEqual(self._customers_of(name, hidden), strange, name)
                for paper in hidden:
                    with self.assertRefused(AccessError, ""):
                        paper.read([])

    @requirement("E1.R3")
    def test_who_sees_every_department(self):
        for name in PATHS:
            for role in ("supervisor", "manager", "director", "general_manager", "auditor"):
                seen = self._of(name, getattr(self, role))
                self.assertEqual(self._customers_of(name, seen), self.customers, (name, role))

    @requirement("E1.R3")
    def test_who_looks_after_the_customer_and_who_is_above(self):
        for change in (
            {"user_id": self.specialist.id},
            {"crm_department_id": self.department.id},
            {"crm_department_id": False},
        ):
            values = {name: self.other_customer[name] for name in change}
            self.other_customer.write(change)
            self.env.invalidate_all()
            for name in PATHS:
                seen = self._of(name, self.specialist)
                self.assertEqual(self._customers_of(name, seen), self.customers, (name, change))
            self.other_customer.write(values)
            self.env.invalidate_all()
        self.assertNotIn(
            self.other_customer, self._customers_of("plan", self._of("plan", self.specialist))
        )
        self.other_department.parent_id = self.department
        self.env.invalidate_all()
        for name in PATHS:
            seen = self._of(name, self.specialist)
            self.assertEqual(self._customers_of(name, seen), self.customers, name)

    @requirement("E1.R3", "E1.R7")
    def test_own_work_is_seen_whoever_the_customer_is_of(self):
        """A task in a strange plan shows the task and its plan, staff of a plan see all of it."""
        plan = self._make_running_plan(
            measures=[
                {"partner_id": self.other_customer.id, "user_id": self.specialist.id},
                {"partner_id": self.other_customer.id, "user_id": self.stranger.id},
            ]
        )
        plan.action_make_report()
        mine, _theirs = plan.measure_ids
        self.assertEqual(mine.user_id, self.specialist)
        self.assertIn(self.specialist, plan.member_ids, "owners are staff")
        for papers in (plan, plan.measure_ids, plan.budget_ids, plan.report_ids.line_ids):
            papers.with_user(self.specialist).check_access("read")
        plan.sudo().member_ids = self.stranger
        self.env.invalidate_all()
        seen = plan.measure_ids.with_user(self.specialist)._filtered_access("read")
        self.assertEqual(seen, mine, "the own task only")
        self.assertTrue(plan.with_user(self.specialist).has_access("read"))
        mine.sudo().user_id = self.stranger
        self.env.invalidate_all()
        self.assertFalse(plan.with_user(self.specialist).has_access("read"))
        evaluation = self._make_evaluation(self.other_customer, user=self.supervisor)
        self.assertFalse(evaluation.with_user(self.specialist).has_access("read"))
        evaluation.user_id = self.specialist
        self.env.invalidate_all()
        self._hand_over(evaluation.with_user(self.specialist))
        self.assertEqual(evaluation.state, "collected")

    @requirement("E1.R3")
    def test_of_a_shared_plan_each_department_sees_its_own(self):
        plan = self._make_running_plan(
            measures=[
                {"partner_id": partner.id, "user_id": self.supervisor.id}
                for partner in (self.customer, self.other_customer)
            ],
            evaluation_ids=[Command.set(self._of("evaluation").ids)],
        )
        plan.action_make_report()
        report = plan.report_ids
        for user, own in (
            (self.specialist, self.customer),
            (self.stranger, self.other_customer),
        ):
            self.env.invalidate_all()
            seen = plan.with_user(user)
            self.assertEqual(seen.measure_ids.sudo().partner_id, own)
            self.assertEqual(seen.evaluation_ids.sudo().partner_id, own + self.free_customer)
            self.assertEqual(report.with_user(user).line_ids.sudo().partner_id, own)
            self.assertEqual(report.with_user(user).figure_ids.sudo().partner_id, own)

    @requirement("E1.R3")
    def test_evaluations_of_strange_customers(self):
        """They would show orders and contacts: neither a new one nor a changed customer does."""
        evaluations = self.env["crm.relationship.evaluation"].with_user(self.specialist)
        contact = self.env["res.partner"].create(
            {"name": "Wang", "parent_id": self.other_customer.id}
        )
        strangers = self.other_customer + contact
        for partner in strangers:
            with self.assertRefused(AccessError, ""):
                evaluations.create({"partner_id": partner.id})
            with self.assertRefused(AccessError, ""):
                partner.with_user(self.specialist).action_crm_relationship_evaluate()
        mine = evaluations.create({"partner_id": self.free_customer.id})
        for partner in strangers:
            with self.assertRefused(AccessError, ""):
                mine.write({"partner_id": partner.id})
        mine.partner_id = self.customer
        foreign = self._make_evaluation(self.other_customer, user=self.supervisor)
        for name, values in (
            ("information", {"kind": "other", "summary": "x"}),
            ("judgement", {"requirement_id": mine.judgement_ids[:1].requirement_id.id}),
        ):
            lines = self.env[f"crm.relationship.{name}"].with_user(self.specialist)
            line = lines.create({"evaluation_id": mine.id, **values})
            with self.assertRefused(AccessError, ""):
                lines.create({"evaluation_id": foreign.id, **values})
            with self.assertRefused(Exception, ""):
                line.write({"evaluation_id": foreign.id})

    @requirement("E1.R3")
    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_over_rpc(self):
        expires = fields.Datetime.now() + timedelta(hours=6)
        keys = self.env["res.users.apikeys"].with_user(self.specialist).sudo()
        key = keys._generate(None, "test", expires)

        def call(model, method, **body):
            headers = {"Authorization": f"bearer {key}"}
            return self.url_open(f"/json/2/{model}/{method}", json=body, headers=headers)

        for name, path in PATHS.items():
            model = f"crm.relationship.{name}"
            strange = self._of(name) - self._of(name, self.specialist).with_env(self.env)
            self.assertTrue(strange, name)
            domain = [["id", "in", strange.ids]]
            self.assertEqual(call(model, "search", domain=domain).json(), [], model)
            by_customer = [[path, "=", self.other_customer.id]]
            self.assertEqual(call(model, "search_count", domain=by_customer).json(), 0, model)
            grouped = call(
                model, "formatted_read_group", domain=domain, groupby=[], aggregates=["__count"]
            )
            self.assertEqual(grouped.json()[0]["__count"], 0, model)
            for method, body in (
                ("read", {"fields": ["display_name"]}),
                ("web_read", {"specification": {"display_name": {}}}),
                ("export_data", {"fields_to_export": [".id", "display_name"]}),
            ):
                response = call(model, method, ids=strange.ids, **body)
                self.assertIn(response.status_code, (403, 422), (model, method))
        strange = self._of("evaluation") - self._of("evaluation", self.specialist).with_env(
            self.env
        )
        for model, method, ids in (
            ("crm.relationship.evaluation", "action_collect", strange.ids),
            ("crm.relationship.evaluation", "action_make_maintenance", strange.ids),
            ("crm.relationship.plan", "action_done", strange.plan_ids.ids),
        ):
            if ids:
                self.assertEqual(call(model, method, ids=ids).status_code, 403, (model, method))
        self.authenticate(self.specialist.login, self.specialist.login)
        report = self.env.ref("crm_grading.crm_relationship_evaluation_report").report_name
        response = self.url_open(f"/report/html/{report}/{strange[:1].id}")
        self.assertNotEqual(response.status_code, 200)
        self.assertNotIn(self.other_customer.name, response.text)
