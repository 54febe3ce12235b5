from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitReport(VisitCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls._make_plan()
        cls._approve(plan)
        cls.visits = plan.visit_ids
        for visit in cls.visits:
            cls._carry_out(visit)

    def _make_report(self, visits=None):
        action = (visits or self.visits).action_make_report()
        return self.env["crm.visit.report"].with_user(self.specialist).browse(action["res_id"])

    @requirement("A1.F4")
    def test_a_report_is_drawn_from_the_records(self):
        report = self._make_report()
        self.assertEqual(report.visit_ids, self.visits)
        self.assertEqual(report.partner_ids, self.customer | self.other_customer)
        self.assertEqual(report.method_ids, self.method_phone)
        self.assertEqual(report.visitor_ids, self.specialist)
        self.assertEqual(report.date_visit_from, min(self.visits.mapped("date_start")))
        self.assertIn(f"{self.customer.name}: The charger gets warm", report.product_evaluation)
        self.assertIn("A manual in Chinese", report.service_expectation)
        self.assertEqual(report.measures.count("Send the new manual"), 2)
        self.assertEqual(self.visits[0].report_count, 1)

    @requirement("A1.F4")
    def test_the_leaders_opinion_comes_from_the_decision(self):
        report = self._make_report()
        report.action_approval_submit()
        with self.assertRaises(AccessError):
            report.with_user(self.supervisor).action_approval_approve("Good")
        report.with_user(self.manager).action_approval_approve("Improve the manual by May")
        self.assertEqual(report.state, "approved")
        self.assertEqual(report.leader_opinion, "Improve the manual by May")
        with self.assertRaises(UserError):
            report.with_user(self.manager).write({"measures": "None"})
        with self.assertRaises(AccessError):
            report.visit_ids[0].write({"report_ids": [(5,)]})

    @requirement("A1.R9")
    def test_a_report_names_opinions_expectations_and_measures(self):
        report = self._make_report()
        report.write(
            {"measures": False, "product_expectation": False, "service_expectation": False}
        )
        with self.assertRefused(
            UserError,
            "Customer's Expectations of Products / Customer's Expectations of Service and "
            "Measures to Improve Service",
        ):
            report.action_approval_submit()
        report.write({"measures": "New manual", "service_expectation": "A manual"})
        opinions = {"product_evaluation": False, "service_evaluation": False}
        for values, missing in (
            (opinions, "Evaluation of Products / Customer's Evaluation of Service"),
            ({"visit_ids": [Command.clear()]}, "Visits"),
        ):
            with self.assertRefused(UserError, missing):
                report.write(values)
                report.action_approval_submit()
        report.action_approval_submit()
        self.assertEqual(report.state, "submitted")

    @requirement("A1.F4")
    def test_visits_that_did_not_take_place_make_no_report(self):
        with self.assertRefused(UserError, "took place"):
            self._make_call().action_make_report()

    @requirement("A1.F4")
    def test_visits_of_two_companies_make_no_report(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["crm.visit"].create(
            {
                "partner_id": self.customer.id,
                "method_id": self.method_callback.id,
                "company_id": company.id,
                "user_id": False,
                "is_history": True,
                "state": "history",
                "date_start": self.now,
            }
        )
        with self.assertRefused(UserError, "one company"):
            self.env["crm.visit.report"]._create_from_visits(self.visits[0].sudo() | theirs)

    @requirement("A1.F4")
    def test_only_drafts_are_deleted(self):
        draft, report = self._make_report(), self._make_report()
        report.action_approval_submit()
        with self.assertRefused(UserError, ""):
            report.with_user(self.manager).unlink()
        draft.unlink()
        self.assertTrue(report.exists())
