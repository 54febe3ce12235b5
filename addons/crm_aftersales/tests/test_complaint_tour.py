import subprocess

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .test_complaint_referral import ReferralCommon

COMPLAINTS = "/odoo/action-crm_aftersales.crm_service_case_action_complaint"


@tagged("post_install", "-at_install")
class TestComplaintTour(ReferralCommon, HttpCase):
    @requirement("E2.F028", "E2.R1", "E2.R4", "E2.R7")
    def test_hotline_to_closed_major_complaint_in_chinese(self):
        """A call is raised, reported, referred, agreed, solved, visited, closed and printed."""
        modules = ["crm_service_base", "crm_visits", "crm_aftersales"]
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(modules, ["zh_CN"])
        people = self.specialist | self.supervisor | self.worker
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.env["res.partner"].create(
            self._prepare_customer_values("兰州光学", phone="0931 7654321")
        )
        self.workshop.with_context(lang="zh_CN").name = "维修部"
        call = "/odoo/action-crm_aftersales.crm_service_case_action_call"
        self._tour(call, "register", self.specialist)
        case = self.env["crm.service.case"].search([("subject", "=", "充电器冒烟烫伤手")])
        self.assertEqual((case.severity, case.validity), ("major", "valid"))
        self.assertTrue(case.date_great, "injury: the general manager was told")
        url = f"{COMPLAINTS}/{case.id}"
        self._tour(url, "report", self.supervisor)
        self.assertEqual(case.reported_to_id, self.supervisor)
        self._tour(url, "refer", self.specialist)
        department = "/odoo/action-crm_aftersales.crm_case_referral_action_department"
        self._tour(department, "answer", self.worker)
        self.assertEqual(case.referral_ids.answered_by_id, self.worker)
        self._tour(url, "solve", self.specialist)
        self.assertEqual(case.state, "solved")
        self.assertEqual(case.callback_id.channel, "face")
        self._tour(url, "callback", self.supervisor)
        self.assertEqual(case.callback_id.state, "in_progress")
        visit = f"/odoo/action-crm_visits.crm_visit_action_callback/{case.callback_id.id}"
        self._tour(visit, "record", self.supervisor)
        self.assertEqual(case.callback_result, "satisfied")
        self._tour(url, "close", self.specialist)
        self.assertEqual(case.state, "closed")
        printed = self._print(case)
        for text in ("客户投诉处置表", "☑重大", "电芯批次不良", "客户满意", "可以接受"):
            self.assertIn(squeeze(text), printed)

    def _tour(self, url, name, user):
        self.start_tour(url, f"crm_aftersales_complaint_{name}", login=user.login)
        self.env.invalidate_all()

    def _print(self, case):
        """Text of the handling form as the specialist prints it."""
        form = self.env.ref("crm_aftersales.crm_service_case_report_handling")
        reports = self.env["ir.actions.report"].with_user(self.specialist)
        reports = reports.with_context(lang="zh_CN", force_report_rendering=True)
        pdf, _kind = reports._render_qweb_pdf(form, case.ids)
        run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=-1, check=True)
        return squeeze(run.stdout.decode())
