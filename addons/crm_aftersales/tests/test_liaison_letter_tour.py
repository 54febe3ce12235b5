import subprocess

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .letter_common import LetterCommon

LETTER = """
    编号 发往部门 抄送 事由 详细描述 要求完成期限 发函人 接收人签收 回复 完成情况
    ZC-QR-025 工作联系函
"""


@tagged("post_install", "-at_install")
@requirement("E2.F025")
class TestLiaisonLetterTour(LetterCommon, HttpCase):
    def _tour(self, path, name, user):
        self.start_tour(path, name, login=user.login)
        self.env.invalidate_all()

    def test_the_whole_way_in_chinese(self):
        """From a case, answered by a plain user of another department, checked, printed."""
        (self.specialist | self.fitter).write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.technical.with_context(lang="zh_CN").name = "技术部"
        case = self._make_complaint(subject="充电器发热", description="充到一半烫手")
        cases, letters = (
            f"/odoo/action-crm_aftersales.{name}"
            for name in ("crm_service_case_action", "crm_liaison_letter_action")
        )
        self._tour(f"{cases}/{case.id}", "crm_letter_send", self.specialist)
        letter = case.sudo().letter_ids
        self.assertEqual((letter.state, letter.department_to_id), ("sent", self.technical))
        self._tour(f"{letters}_department", "crm_letter_answer", self.fitter)
        self.assertEqual((letter.state, letter.answered_by_id), ("answered", self.fitter))
        self._tour(f"{letters}/{letter.id}", "crm_letter_check", self.specialist)
        self.assertEqual((letter.state, letter.conclusion), ("done", "已更换，客户满意"))
        text = self._print("crm_aftersales.crm_liaison_letter_report", letter)
        for word in (*LETTER.split(), "充到一半烫手", "停发该批次", "技术部"):
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

    @requirement("C3.R10")
    def test_decisions_in_print(self):
        document = self.env["crm.adjudication"].create(
            {
                "subject": "停工损失",
                "description": "谁承担",
                "user_id": self.specialist.id,
                "department_ids": [Command.set((self.technical | self.stores).ids)],
            }
        )
        document.write(
            {
                "decision": "市场部承担",
                "decided_by_id": self.director.id,
                "opinion_ids": [
                    Command.create({"department_id": self.stores.id, "opinion": "不同意"})
                ],
            }
        )
        text = self._print("crm_aftersales.crm_adjudication_report", document)
        for word in ("裁决书", "KF-QR-070", "部门意见", "不同意", "市场部承担", document.name):
            self.assertIn(word, text)

    @requirement("D6.R4")
    def test_minutes_in_print(self):
        discussion = self.env["crm.case.discussion"].create(
            {
                "subject": "发热专题",
                "minutes": "抽测十只",
                "cause": "散热不足",
                "solution": "停发",
                "answer": "免费更换",
                "measure_ids": [
                    Command.create(
                        {"name": "封存库存", "user_id": self.fitter.id, "date_due": self.today}
                    )
                ],
            }
        )
        text = self._print("crm_aftersales.crm_case_discussion_report", discussion)
        for word in ("会议纪要", "KF-QR-071", "抽测十只", "散热不足", "免费更换", "封存库存"):
            self.assertIn(word, text)
