import subprocess

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tools.periods import period_of

from .common import GradingCommon
from .test_grading_forms import squeeze


@tagged("post_install", "-at_install")
class TestGradingTour(GradingCommon, HttpCase):
    @requirement("A3.F1", "A3.F3", "A3.F4", "E1.R3")
    def test_the_whole_way_in_chinese(self):
        """Supervisor types a standard and tries it, manager approves, supervisor grades and
        declares, the manager signs for the department where its head is the author, then the
        general manager. The customer stands in the directory, on the screen and on paper.
        """
        people = self.supervisor | self.manager | self.general_manager
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.department.deputy_id = self.manager
        self.env["res.partner"].search([("crm_customer_type_id", "!=", False)]).write(
            {"crm_customer_type_id": False}
        )
        customer = self.env["res.partner"].create(self._prepare_customer_values("兰州光学"))
        day = self.env["crm.grading.run"]._get_last_quarter_end(fields.Date.today())
        self._order(customer, str(day), [(None, 100, 100)])
        standards, runs, declarations = (
            f"/odoo/action-crm_grading.crm_{name}_action"
            for name in ("grading_standard", "grading_run", "grade_declaration")
        )
        self._tour(standards, "crm_grading_standard", self.supervisor)
        standard = self.env["crm.grading.standard"].search([("name", "=", "巡检标准")])
        self.assertEqual(standard.criterion_ids.mapped("weight"), [60, 40])
        self.assertEqual(standard.level_ids.mapped("score_from"), [50, 30, 0])
        self._tour(standards, "crm_grading_standard_approve", self.manager)
        self._tour(runs, "crm_grading_run", self.supervisor)
        self.assertEqual(customer.crm_grade_computed_id, self.grade_a)
        for role in ("manager", "general_manager"):
            self.assertFalse(customer.crm_grade_id)
            approver = getattr(self, role)
            self._tour(declarations, f"crm_grading_declaration_approve_{role}", approver)
        self.assertEqual(customer.crm_grade_id, self.grade_a)
        declaration = self.env["crm.grade.declaration"].search([("partner_id", "=", customer.id)])
        self.assertEqual((declaration.state, declaration.user_id), ("approved", self.supervisor))
        self._tour("/odoo/action-crm_grading.crm_grading_register_action", "crm_grading_register")
        report_type = self.env.ref("crm_grading.statistics_type_grade_directory")
        report_type.user_id = self.supervisor
        report = report_type._generate(self.company, *period_of("quarterly", day))
        url = f"/odoo/action-crm_service_base.crm_statistics_report_action/{report.id}"
        self._tour(url, "crm_grading_directory")
        action = report.with_user(self.supervisor).action_print()
        reports = self.env["ir.actions.report"].with_user(self.supervisor)
        reports = reports.with_context(lang="zh_CN", force_report_rendering=True)
        pdf, _kind = reports._render_qweb_pdf(action["report_name"], report.ids)
        printed = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=-1, check=True)
        text = squeeze(printed.stdout.decode())
        for words in map(squeeze, ("客户分级目录表", "兰州光学", "A级", "10,000.00")):
            self.assertIn(words, text)

    def _tour(self, url, name, user=None):
        self.start_tour(url, name, login=(user or self.supervisor).login)
        self.env.invalidate_all()
