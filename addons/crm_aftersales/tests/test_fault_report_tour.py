import subprocess

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .test_fault_report import FaultCommon

REPORT = """
    KF-QR-090 故障分析报告 客户 故障 发生时间 结束时间 地点 设备 故障现象 处理预案 通报时间
    故障造成的影响 故障处理情况 原因分析 措施 负责人 期限
"""
ROSTER = "KF-QR-092 值班表 假期 值班任务 值班人 代班人 电话 地点"


@tagged("post_install", "-at_install")
class TestFaultReportTour(FaultCommon, HttpCase):
    @requirement("C3.R11")
    def test_the_chain_in_chinese(self):
        """A case, told at once, passed on, analysed, approved, sent."""
        users = self.specialist | self.supervisor | self.manager
        users.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        case = self._make_case(
            kind="request", subject="充电柜停充", description="整柜断电，不能出工"
        )
        cases, faults = (
            f"/odoo/action-crm_aftersales.{name}"
            for name in ("crm_service_case_action", "crm_fault_report_action")
        )
        self._tour(f"{cases}/{case.id}", "crm_fault_tell", self.specialist)
        fault = case.sudo().fault_ids
        self.assertEqual(fault.notice_ids.user_id, self.seller | self.supervisor)
        self._tour(f"{faults}/{fault.id}", "crm_fault_pass", self.supervisor)
        self.assertEqual(fault.passed_by_id, self.supervisor)
        self._analyse(fault.with_user(self.specialist))
        self._tour(f"{faults}/{fault.id}", "crm_fault_analyse", self.specialist)
        self.assertEqual(fault.cause, "风扇停转")
        for user in (self.supervisor, self.manager):
            self._tour(f"{faults}/{fault.id}", "crm_fault_approve", user)
        self.assertEqual(fault.state, "approved")
        self._tour(f"{faults}/{fault.id}", "crm_fault_send", self.specialist)
        self.assertEqual((fault.state, fault.sending_ids.partner_id), ("sent", self.customer))
        text = self._print("crm_aftersales.crm_fault_report_report", fault)
        for word in (*REPORT.split(), "整柜断电", "风扇停转", "Nobodylooked", self.seller.name):
            self.assertIn(word, text)

    def _tour(self, path, name, user):
        self.start_tour(path, name, login=user.login)
        self.env.invalidate_all()

    @requirement("C3.R12")
    def test_the_roster_in_print(self):
        roster = self.env["crm.duty.roster"].create(
            {
                "title": "国庆节",
                "user_id": self.specialist.id,
                "date_from": "2031-10-01",
                "date_to": "2031-10-02",
                "tasks": "每小时巡视",
                "shift_ids": [
                    Command.create(
                        {
                            "date_start": "2031-10-01 01:00:00",
                            "date_end": "2031-10-01 10:00:00",
                            "user_id": self.specialist.id,
                            "deputy_id": self.manager.id,
                            "phone": "139 0000 1111",
                        }
                    )
                ],
            }
        )
        text = self._print("crm_aftersales.crm_duty_roster_report", roster)
        words = ("国庆节", "每小时巡视", "13900001111", "2031-10-0109:00", "无人值班")
        for word in (*ROSTER.split(), *words, squeeze(self.manager.name)):
            self.assertIn(word, text)

    @requirement("C3.R14")
    def test_round_and_research_in_print(self):
        inspection = self.env["crm.inspection.round"].create(
            {
                "title": "四季度巡检",
                "date_from": "2031-10-01",
                "line_ids": [
                    Command.create({"partner_id": self.customer.id, "date_due": "2031-11-01"})
                ],
            }
        )
        text = self._print("crm_aftersales.crm_inspection_round_report", inspection)
        for word in ("KF-QR-093", "质量巡检表", "四季度巡检", squeeze(self.customer.name)):
            self.assertIn(word, text)
        research = self.env["crm.service.research"].create(
            {
                "subject": "热线满意吗",
                "leader_id": self.manager.id,
                "findings": "周一难打通",
                "measure_ids": [
                    Command.create({"name": "增加坐席", "user_id": self.specialist.id})
                ],
            }
        )
        text = self._print("crm_aftersales.crm_service_research_report", research)
        for word in ("KF-QR-094", "服务调研报告", "带队领导", "周一难打通", "增加坐席"):
            self.assertIn(word, text)

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
