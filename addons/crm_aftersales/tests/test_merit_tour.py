import subprocess

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .merit_common import MeritCommon

ENTRY_FORM = """
    KF-QR-105 奖惩登记表 姓名 部门 类型 □奖励 ☑扣款 □调岗 轻微过失 事由 提出人
    批准 本人申诉 申诉处理 线路中断，不是我挂的 录音证实话务员挂断电话
"""
APPRAISAL_FORM = """
    KF-QR-107 绩效考核表 被考核者 指标 权重 得分 总分 等级 领导评语
    本人意见 改进计划 同意，会改进 每周复盘
"""


@tagged("post_install", "-at_install")
class TestMeritTour(MeritCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        modules = ["crm_service_base", "crm_visits", "crm_aftersales"]
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(modules, ["zh_CN"])
        people = cls.specialist | cls.supervisor | cls.manager | cls.second_manager
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        cls.company.partner_id.lang = "zh_CN"

    def _tour(self, path, name, user):
        self.start_tour(f"/odoo/action-crm_aftersales.{path}", name, login=user.login)
        self.env.invalidate_all()

    @requirement("A4.R9", "C1.R12")
    def test_from_the_complaint_to_the_statement_in_chinese(self):
        """A complaint against staff is judged, proposes, is approved, objected to and counted."""
        case = self._make_complaint(
            self.supervisor, subject="话务员挂断电话", complained_user_id=self.specialist.id
        )
        complaints = "crm_service_case_action_complaint"
        self._tour(f"{complaints}/{case.id}", "crm_merit_judge", self.supervisor)
        entry = self.env["crm.merit.entry"].search([("case_id", "=", case.id)])
        self.assertEqual((entry.state, entry.person_id), ("submitted", self.specialist))
        self._tour(f"crm_merit_entry_action/{entry.id}", "crm_merit_approve", self.manager)
        self.assertEqual(entry.approved_by_id, self.manager)
        self._tour("crm_merit_entry_action_own", "crm_merit_object", self.specialist)
        self.assertEqual(entry.objection, "线路中断，不是我挂的")
        self._tour(f"crm_merit_entry_action/{entry.id}", "crm_merit_decide", self.second_manager)
        self.assertEqual(entry.objection_result, "upheld")
        report_type = self.env.ref("crm_aftersales.statistics_type_merit")
        period = report_type._get_period(report_type._get_today())
        report = report_type._generate(self.company, *period)
        row = report.data["tables"][0]["rows"][0]
        self.assertEqual((row[2], row[-2], row[-1]), (1, 10, -10))
        url = f"/odoo/action-crm_service_base.crm_statistics_report_action/{report.id}"
        self.start_tour(url, "crm_merit_statement", login=self.manager.login)
        printed = self._print("crm_aftersales.crm_merit_entry_report", entry)
        for word in ENTRY_FORM.split():
            self.assertIn(squeeze(word), printed)
        statement = self._print("crm_aftersales.crm_statistics_merit_report", report)
        for word in ("KF-QR-106", "月度奖惩统计表", entry.name, "客户投诉"):
            self.assertIn(squeeze(word), statement)

    @requirement("D8.R2")
    def test_appraisal_in_chinese(self):
        appraisal = (
            self.env["crm.appraisal"]
            .with_user(self.supervisor)
            .create(
                {
                    "person_id": self.specialist.id,
                    "date_from": "2026-01-01",
                    "date_to": "2026-03-31",
                    "opinion": "认真负责",
                    "measure_ids": [
                        Command.create(
                            {
                                "name": "每周复盘",
                                "user_id": self.specialist.id,
                                "date_due": "2099-01-01",
                            }
                        )
                    ],
                }
            )
        )
        appraisal.action_tell()
        self._tour(f"crm_appraisal_action/{appraisal.id}", "crm_appraisal_comment", self.specialist)
        appraisal.action_approval_submit()
        appraisal.with_user(self.manager).action_approval_approve()
        printed = self._print("crm_aftersales.crm_appraisal_report", appraisal)
        for word in APPRAISAL_FORM.split():
            self.assertIn(squeeze(word), printed)

    def _print(self, xmlid, record):
        """A printed form as the reader sees it, without spaces."""
        report = self.env["ir.actions.report"].with_context(
            lang="zh_CN", tz="Asia/Shanghai", force_report_rendering=True
        )
        content, kind = report._render_qweb_pdf(xmlid, record.ids)
        self.assertEqual(kind, "pdf")
        command = ["pdftotext", "-layout", "-", "-"]
        result = subprocess.run(command, input=content, capture_output=True, check=True)
        return squeeze(result.stdout.decode())
