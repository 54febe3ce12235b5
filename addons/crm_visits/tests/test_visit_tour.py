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

    def _tour(self, url, name, user):
        self.start_tour(url, name, login=user.login)
        self.env.invalidate_all()
