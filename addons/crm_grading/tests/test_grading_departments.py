from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import QUARTER_END, GradingCommon

MODELS = (
    "crm.grading.score",
    "crm.grading.score.line",
    "crm.grading.judgement",
    "crm.grading.register",
    "crm.grade.history",
    "crm.grade.declaration",
)


@tagged("post_install", "-at_install")
class TestGradingDepartments(GradingCommon, HttpCase):
    """A specialist sees the grades of the customers of the own department, by no door others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_departments()
        for partner in cls.customers:
            cls._order(partner, lines=[(None, 20, 100)])
            cls.env["crm.grading.judgement"].with_user(cls.supervisor).create(
                {
                    "partner_id": partner.id,
                    "topic_id": cls.topic.id,
                    "value": 50,
                    "reason": "Grows",
                    "company_id": cls.company.id,
                }
            )
        cls.grading = cls._run(cls._approved())
        cls.declarations = (
            cls.env["crm.grade.declaration"]
            .with_user(cls.supervisor)
            .create(
                [
                    {"partner_id": partner.id, "grade_id": cls.grade_b.id}
                    for partner in cls.customers
                ]
            )
        )
        cls.env["crm.grade.history"].with_user(cls.manager).create(
            [{"partner_id": partner.id, "grade_to_id": cls.grade_b.id} for partner in cls.customers]
        )
        cls.env.flush_all()

    def _of(self, model, user=None):
        """The records of our three customers, as a user may search them."""
        path = "score_id.partner_id" if model.endswith("line") else "partner_id"
        domain = [(path, "in", self.customers.ids)]
        return self.env[model].with_user(user or self.env.user).search(domain)

    def _customers_of(self, records):
        if records._name.endswith("line"):
            return records.sudo().score_id.partner_id
        return records.sudo().partner_id

    @requirement("A3.F1", "E1.R3")
    def test_search_and_reading(self):
        for model in MODELS:
            everything = self._of(model)
            self.assertEqual(self._customers_of(everything), self.customers, model)
            for user, strange in (
                (self.specialist, self.other_customer),
                (self.stranger, self.customer),
            ):
                seen = self._of(model, user)
                self.assertEqual(
                    self._customers_of(seen), self.customers - strange, (model, user.login)
                )
                hidden = (everything - seen).with_user(user)
                with self.assertRefused(AccessError, ""):
                    hidden[0].read([])
                self.assertEqual(len(everything), len(seen) + len(hidden), model)

    @requirement("E1.R3")
    def test_who_sees_every_department(self):
        for model in MODELS:
            for role in ("supervisor", "manager", "director", "general_manager", "auditor"):
                seen = self._of(model, getattr(self, role))
                self.assertEqual(self._customers_of(seen), self.customers, (model, role))

    @requirement("E1.R3")
    def test_owner_head_and_department_above(self):
        score = self._score(self.grading, self.other_customer).with_user(self.specialist)
        self.assertFalse(score.has_access("read"))
        self.other_customer.user_id = self.specialist
        self.env.invalidate_all()
        self.assertTrue(score.has_access("read"), "who looks after the customer")
        self.other_customer.user_id = False
        self.env.invalidate_all()
        self.assertFalse(score.has_access("read"))
        self.other_department.parent_id = self.department
        self.env.invalidate_all()
        self.assertTrue(score.has_access("read"), "the department above")
        own = self._score(self.grading, self.customer).with_user(self.stranger)
        self.assertFalse(own.has_access("read"), "the department below")
        self.department.deputy_id = self.stranger
        self.env.invalidate_all()
        self.assertTrue(own.has_access("read"), "its deputy")
        self.department.deputy_id = False
        self.customer.crm_department_id = self.other_department
        self.env.invalidate_all()
        self.assertTrue(own.has_access("read"), "the customer changed hands, with his past")

    @requirement("E1.R3")
    def test_departments_of_each_company_count_there(self):
        """In another company the customer has no department: that opens nothing here."""
        other = self.env["res.company"].create({"name": "Other"})
        self.stranger.company_ids = [Command.link(other.id)]
        for companies in (self.company + other, other + self.company):
            scores = (
                self.env["crm.grading.score"]
                .with_user(self.stranger)
                .with_context(allowed_company_ids=companies.ids)
                .search([("partner_id", "in", self.customers.ids)])
            )
            self.assertEqual(scores.sudo().partner_id, self.customers - self.customer)

    @requirement("A3.F3", "E1.R3")
    def test_declarations_of_strange_customers(self):
        """They would show the figures: neither a new one nor a changed customer gets them."""
        declarations = self.env["crm.grade.declaration"].with_user(self.specialist)
        with self.assertRefused(AccessError, ""):
            declarations.create({"partner_id": self.other_customer.id})
        contact = self.env["res.partner"].create(
            {"name": "Wang", "parent_id": self.other_customer.id}
        )
        with self.assertRefused(AccessError, ""):
            declarations.create({"partner_id": contact.id})
        mine = declarations.create({"partner_id": self.free_customer.id})
        for partner in (self.other_customer, contact):
            with self.assertRefused(AccessError, ""):
                mine.write({"partner_id": partner.id})
        mine.partner_id = self.customer

    @requirement("A3.F1", "E1.R3")
    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_over_rpc(self):
        """Every door a browser or a script has, with the key of a specialist."""
        expires = fields.Datetime.now() + timedelta(hours=6)
        key = (
            self.env["res.users.apikeys"]
            .with_user(self.specialist)
            .sudo()
            ._generate(None, "test", expires)
        )

        def call(model, method, **body):
            headers = {"Authorization": f"bearer {key}"}
            return self.url_open(f"/json/2/{model}/{method}", json=body, headers=headers)

        for model in MODELS:
            strange = self._of(model).filtered(
                lambda record: self._customers_of(record) == self.other_customer
            )
            path = "score_id.partner_id" if model.endswith("line") else "partner_id"
            domain = [[path, "=", self.other_customer.id]]
            self.assertTrue(strange, model)
            self.assertEqual(call(model, "search", domain=domain).json(), [], model)
            self.assertEqual(call(model, "search_count", domain=domain).json(), 0, model)
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
        score = self._score(self.grading, self.other_customer)
        for model, method, ids in (
            ("crm.grading.score", "action_declare", score.ids),
            ("crm.grading.score.line", "action_open_documents", score.line_ids[:1].ids),
            ("res.partner", "action_open_crm_score", self.other_customer.ids),
            ("crm.grade.declaration", "action_refresh", self.declarations[1].ids),
        ):
            response = call(model, method, ids=ids)
            self.assertEqual(response.status_code, 403, (model, method))
        [run] = call("crm.grading.run", "read", ids=self.grading.ids, fields=["score_ids"]).json()
        self.assertNotIn(score.id, run["score_ids"])
        self.authenticate(self.specialist.login, self.specialist.login)
        report = self.env.ref("crm_grading.crm_grading_score_report").report_name
        response = self.url_open(f"/report/html/{report}/{score.id}")
        self.assertNotEqual(response.status_code, 200)
        self.assertNotIn(self.other_customer.name, response.text)
        own = self._score(self.grading, self.customer)
        response = self.url_open(f"/report/html/{report}/{own.id}")
        self.assertEqual(response.status_code, 200)
        self.assertIn(self.customer.name, response.text)

    @requirement("E1.R3")
    def test_declaring_all_changes_stays_in_the_department(self):
        self.declarations.unlink()
        run = self._run(self.grading.standard_id, date_to=QUARTER_END)
        action = run.with_user(self.specialist).action_declare_changes()
        made = self.env["crm.grade.declaration"].search(action["domain"])
        self.assertNotIn(self.other_customer, made.partner_id)
        self.assertTrue(made)
