from datetime import datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase

from .common import VisitCommon

LANGUAGES = ("en_US", "zh_CN", "zh_TW")


@tagged("post_install", "-at_install")
class TestVisitImport(VisitCommon, ImportCase):
    """Methods, plans and old records through Odoo's import dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US", "tz": "Asia/Shanghai"})

    def _texts(self, messages):
        return " ".join(message["message"] for message in messages)

    @requirement("A1.R2")
    def test_methods(self):
        for lang in LANGUAGES:
            method, messages = self.import_template("crm.visit.method", self.supervisor, lang)
            self.assertFalse(messages, lang)
            self.assertEqual(
                (method.code, method.channel, method.notice_days), ("video", "other", 1)
            )
            self.assertTrue(method.is_plan_required)
            self.assertFalse(method.is_place_required)
            self.assertEqual(method.checklist_ids.mapped("is_required"), [True, False])
            self.assertEqual(len(method.question_ids), 2)
            method.unlink()

    @requirement("A1.R2")
    def test_method_with_a_code_that_is_taken(self):
        methods, messages = self.import_file(
            "crm.visit.method",
            [["Name", "Code"], ["Video", "video"], ["Face again", self.method_face.code]],
            self.supervisor,
        )
        self.assertFalse(methods)
        self.assertIn("code of its own", self._texts(messages))
        self.assertFalse(self.env["crm.visit.method"].search([("code", "=", "video")]))

    @requirement("A1.F1")
    def test_plans(self):
        for lang in LANGUAGES:
            plan, messages = self.import_template("crm.visit.plan", self.specialist, lang)
            self.assertFalse(messages, lang)
            self.assertEqual((plan.state, plan.user_id), ("draft", self.specialist))
            self.assertEqual(len(plan.line_ids), 2)
            self.assertEqual(plan.line_ids.visitor_ids, self.specialist)
            self.assertEqual({line.date_planned.hour for line in plan.line_ids}, {1}, "9:00 there")
            self.assertEqual(plan.line_ids.method_id, plan.method_id, "the cells are empty")
            plan.action_approval_submit()
            self.assertEqual(plan.state, "submitted")

    @requirement("A1.F1")
    def test_plan_with_wrong_values(self):
        captions = [
            "From",
            "To",
            "Purpose",
            "Planned Visits/Customer",
            "Planned Visits/Planned Date",
        ]
        count = self.env["crm.visit.plan"].search_count([])
        for customer, date, sentence in (
            (self.customer.name, "2026-07-01 09:00:00", "outside the period"),
            ("Nobody Ltd.", "2026-05-02 09:00:00", "Nobody Ltd."),
            (self.customer.name, "next Monday", "incorrect values"),
        ):
            plans, messages = self.import_file(
                "crm.visit.plan",
                [
                    captions,
                    [
                        "2026-05-01",
                        "2026-05-31",
                        "First",
                        self.customer.name,
                        "2026-05-01 09:00:00",
                    ],
                    ["2026-05-01", "2026-05-31", "Second", customer, date],
                ],
                self.specialist,
            )
            self.assertFalse(plans)
            self.assertIn(sentence, self._texts(messages))
            self.assertEqual(self.env["crm.visit.plan"].search_count([]), count)

    @requirement("A1.F2", "A1.R10")
    def test_old_records(self):
        """They keep author and date, count as visits once a supervisor takes them in, and stay."""
        visits = self.env["crm.visit"]
        for lang in LANGUAGES:
            visit, messages = self.import_template("crm.visit", self.supervisor, lang)
            self.assertFalse(messages, lang)
            self.assertEqual(visit.origin, "2019-0001")
            self.assertEqual(visit.satisfaction_service, "good")
            self.assertEqual(visit.date_start.hour, 1)
            self.assertFalse(visit.check_ids, "nothing is to be prepared any more")
            visits |= visit
        visits.with_user(self.supervisor).action_accept_history()
        self.assertEqual(set(visits.mapped("state")), {"history"})
        with self.assertRefused(UserError, "locked"):
            visits[0].with_user(self.supervisor).write({"opinion": "Changed"})

    @requirement("A1.F2")
    def test_old_record_of_somebody_else(self):
        start = datetime(2019, 3, 1, 1, 30)
        visit, messages = self.import_file(
            "crm.visit",
            [
                [
                    "Old Record",
                    "Old Number",
                    "Customer",
                    "Method",
                    "Owner",
                    "Visitors",
                    "Started",
                    "Service Satisfaction",
                ],
                [
                    "TRUE",
                    "HF-7",
                    self.customer.name,
                    self.method_face.code,
                    "test_specialist",
                    "test_specialist,test_manager",
                    "2019-03-01 09:30:00",
                    "Fairly Good",
                ],
            ],
            self.supervisor,
        )
        self.assertFalse(messages)
        self.assertEqual((visit.user_id, visit.date_start), (self.specialist, start))
        self.assertEqual(visit.visitor_ids, self.specialist | self.manager)
        self.assertEqual(visit.satisfaction_service, "fair")
        visit.with_user(self.supervisor).action_accept_history()
        contact = self.env["crm.service.contact"].search(
            [("res_model", "=", "crm.visit"), ("res_id", "=", visit.id)]
        )
        self.assertEqual((contact.date, contact.user_id), (start, self.specialist))

    @requirement("A1.F2")
    def test_old_records_with_wrong_values(self):
        captions = ["Old Record", "Customer", "Method", "Started"]
        good = ["TRUE", self.customer.name, "phone", "2019-03-01 09:30:00"]
        count = self.env["crm.visit"].search_count([])
        for bad, sentence in (
            (["TRUE", self.customer.name, "Pigeon post", "2019-03-01 09:30:00"], "Pigeon post"),
            (["TRUE", self.customer.name, "phone", "1 March 2019"], "1 March"),
            (["TRUE", self.customer.name, "phone", "2090-03-01 09:30:00"], "in the future"),
            (["FALSE", self.customer.name, "phone", "2019-03-01 09:30:00"], "approved plan"),
        ):
            visits, messages = self.import_file("crm.visit", [captions, good, bad], self.supervisor)
            self.assertFalse(visits)
            self.assertIn(sentence, self._texts(messages))
            self.assertEqual(self.env["crm.visit"].search_count([]), count)

    @requirement("A1.F2")
    def test_only_supervisors_import_old_records(self):
        visits, messages = self.import_template("crm.visit", self.specialist, "en_US")
        self.assertFalse(visits)
        self.assertIn("Only a supervisor", self._texts(messages))
