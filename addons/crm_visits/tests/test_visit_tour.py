from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitTour(VisitCommon, HttpCase):
    @requirement("A1.F1", "A1.F2", "A1.F4", "A1.R3", "A1.R7")
    def test_the_whole_way_in_chinese(self):
        """Specialist plans, supervisor approves, specialist visits and reports, all sign."""
        self.env["crm.visit.plan"].search([]).sudo().active = False
        people = self.specialist | self.supervisor | self.manager
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        customer = self.env["res.partner"].create(self._prepare_customer_values("兰州光学"))
        self.env["crm.visit.method"].search([("code", "!=", "phone")]).write({"sequence": 99})
        plans, visits, reports = (
            f"/odoo/action-crm_visits.crm_visit_{name}action" for name in ("plan_", "", "report_")
        )
        self._tour(plans, "crm_visits_plan", self.specialist)
        self._tour(plans, "crm_visits_plan_approve", self.supervisor)
        plan = self.env["crm.visit.plan"].search([("line_ids.partner_id", "=", customer.id)])
        self.assertEqual((plan.state, plan.approved_by_id), ("approved", self.supervisor))
        self._tour(visits, "crm_visits_visit", self.specialist)
        signing = "/odoo/action-crm_visits.crm_visit_action"
        self.env.ref("crm_visits.crm_visit_action").context = "{'search_default_submitted': 1}"
        self._tour(signing, "crm_visits_visit_sign", self.supervisor)
        visit = plan.visit_ids
        self.assertEqual((visit.state, visit.opinion), ("reviewed", "发货及时,说明书看不懂"))
        self.env.ref("crm_visits.crm_visit_action").context = "{}"
        self._tour(visits, "crm_visits_report", self.specialist)
        self._tour(reports, "crm_visits_report_approve", self.manager)
        report = self.env["crm.visit.report"].search([("visit_ids", "in", visit.ids)])
        self.assertEqual(report.state, "approved")
        self.assertEqual(report.leader_opinion, "同意,五月前改好说明书")

    @requirement("A1.R8")
    def test_the_week_reaches_the_general_manager_in_chinese(self):
        """The specialist submits the summary of the week, the general manager signs it."""
        (self.specialist | self.general_manager).write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        customer = self.env["res.partner"].create(self._prepare_customer_values("兰州光学"))
        monday = fields.Date.today() - timedelta(days=fields.Date.today().weekday() + 7)
        call = self._make_call(partner_id=customer.id, date_start=f"{monday} 02:00:00")
        call.write(
            {
                "date_end": f"{monday} 02:10:00",
                "satisfaction_service": "good",
                "satisfaction_product": "good",
                "opinion": "满意",
                "result": "已答复",
            }
        )
        call.action_finish()
        self._approve(call)
        week = self.env.ref("crm_visits.statistics_type_week")
        week.write({"department_id": self.department.id, "user_id": self.specialist.id})
        week.department_ids = self.department
        summary = week._generate(self.company, monday, monday + timedelta(days=6))
        self._tour(
            "/odoo/action-crm_service_base.crm_statistics_report_action",
            "crm_visits_week_submit",
            self.specialist,
        )
        self._tour(
            "/odoo/action-crm_service_base.crm_approval_step_action_inbox",
            "crm_visits_week_sign",
            self.general_manager,
        )
        self.assertEqual(summary.state, "issued")
        self.assertEqual(summary.approved_by_id, self.general_manager)
        self.assertIn(self.supervisor, summary.distribution_ids.user_id)
        task = summary.activity_ids.filtered(lambda activity: activity.user_id == self.supervisor)
        self.assertTrue(task, "the head of the department has a task")

    @requirement("C1.R2")
    def test_the_numbers_on_a_customers_buttons(self):
        customer = self.env["res.partner"].create(self._prepare_customer_values("兰州光学"))
        for number in range(2):
            self._make_call(
                partner_id=customer.id, date_start=self.now - timedelta(days=number + 1)
            )
        customer.message_post(body="报价", message_type="email", date=self.now)
        self._tour(
            f"/odoo/action-crm_service_base.res_partner_action/{customer.id}",
            "crm_visits_counters",
            self.specialist,
        )

    def _tour(self, url, name, user):
        self.start_tour(url, name, login=user.login)
        self.env.invalidate_all()
