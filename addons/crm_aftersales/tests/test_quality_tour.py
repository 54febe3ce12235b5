import subprocess

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tools.periods import period_of
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .quality_common import QualityHttp
from .test_feedback import TYPED

FEEDBACK = """
    编号 客户姓名 联系电话 客户公司简称 售后服务人员姓名 售后服务总体评价
    优秀 良好 一般 较差 具体评价
    是否为客户进行了产品操作示范和讲解 售后服务人员态度（可多选） 礼貌 热情 冷淡 粗暴
    是否收费或变相收费 是 否 审核人 售后服务人员 日期 KF-QR-095 售后服务质量反馈表
"""
SURVEY = """
    编号 客户姓名 联系电话 联系地址 售后服务项目 客户满意度评价 非常满意 满意 一般 不满意 非常不满意
    KF-QR-096 售后服务质量调查表
"""


class QualityChinese(QualityHttp):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        modules = ["crm_service_base", "crm_visits", "crm_aftersales", "survey", "portal"]
        cls.env["ir.module.module"]._load_module_terms(modules, ["zh_CN"])
        people = cls.supervisor.partner_id + cls.specialist.partner_id + cls.customer
        (people + cls.company.partner_id).write({"lang": "zh_CN", "tz": "Asia/Shanghai"})

    def _tour(self, path, name, user=None):
        self.env.flush_all()
        self.start_tour(path, name, login=user and user.login)
        self.env.invalidate_all()

    def _print(self, xmlid, record):
        """A printed form as the reader sees it, without spaces."""
        report = self.env["ir.actions.report"].with_context(
            lang="zh_CN", tz="Asia/Shanghai", force_report_rendering=True
        )
        content, kind = report._render_qweb_pdf(f"crm_aftersales.{xmlid}", record.ids)
        self.assertEqual(kind, "pdf")
        command = ["pdftotext", "-layout", "-", "-"]
        result = subprocess.run(command, input=content, capture_output=True, check=True)
        return squeeze(result.stdout.decode())

    def assertPrinted(self, words, text):
        words = words.split() if isinstance(words, str) else words
        for word in words:
            self.assertIn(squeeze(word), text)


@tagged("post_install", "-at_install")
class TestQualityTour(QualityChinese):
    @requirement("C3.R14", "A3.F6")
    def test_from_invitation_to_statistics_in_chinese(self):
        """A campaign, answered by the public on a phone, followed up, counted."""
        self.customer.name = "Lanzhou Optics"
        campaign = self.env["crm.service.survey.campaign"].create(
            {
                "title": "春季售后服务满意度",
                "topic_id": self.topic.id,
                "rule": "served",
                "partner_ids": [Command.set(self.customer.ids)],
                "user_id": self.supervisor.id,
            }
        )
        action = "/odoo/action-crm_aftersales"
        path = f"{action}.crm_service_survey_campaign_action"
        self._tour(path, "crm_aftersales_campaign_start", self.supervisor)
        self.assertEqual(campaign.state, "running")
        self.env["crm.service.survey.campaign"]._cron_ask()
        survey = campaign.survey_ids
        mail = self.env["mail.mail"].search([("email_to", "ilike", "wang@lanzhou")])
        self.assertIn(survey.access_token, mail.body_html)
        self.assertIn("开始填写", mail.body_html)
        self.browser_size, self.touch_enabled = "390x844", True
        link = self._path(survey, access_token=survey.access_token)
        self._tour(f"/zh_CN{link}", "crm_aftersales_survey_answer")
        self.browser_size, self.touch_enabled = "1366x768", False
        self.assertEqual(survey.line_ids.mapped("score"), [5, 2, 4, 4, 3, 5])
        self.assertEqual(survey.answered_via, "link")
        self.assertEqual(survey.comment, "打了三次电话才有人接")
        path = f"{action}.crm_service_survey_action/{survey.id}"
        self._tour(path, "crm_aftersales_survey_follow_up", self.supervisor)
        path = f"{action}.crm_service_survey_campaign_action/{campaign.id}"
        self._tour(path, "crm_aftersales_survey_statistics", self.supervisor)
        report_type = self.env.ref("crm_aftersales.statistics_type_service_survey")
        report_type.user_id = self.supervisor
        report = report_type._generate(self.company, *period_of("quarterly", self.today))
        text = self._print("crm_statistics_service_survey_report", report)
        self.assertPrinted(
            "满意度调查统计表 KF-QR-098 答复率 按项目 响应速度 联系渠道便捷 平均分 3.83",
            text,
        )

    @requirement("A3.F5")
    def test_feedback_during_the_call_in_chinese(self):
        path = f"/odoo/action-crm_aftersales.crm_service_case_action/{self.case.id}"
        self._tour(path, "crm_aftersales_feedback_call", self.specialist)
        feedback = self.case.feedback_ids
        self.assertEqual((feedback.state, feedback.overall), ("answered", "poor"))
        self.assertTrue(feedback.complaint_id)


@tagged("post_install", "-at_install")
class TestQualityForms(QualityChinese):
    @requirement("A3.F5")
    def test_feedback_form(self):
        feedback = self._feedback()
        empty = self._print("crm_service_feedback_report", feedback)
        self.assertPrinted(FEEDBACK, empty)
        self.assertNotIn("☑", empty)
        feedback.write({**TYPED, "comment": "很及时"})
        feedback.action_answer()
        feedback.with_user(self.supervisor).action_review()
        text = self._print("crm_service_feedback_report", feedback)
        self.assertPrinted(FEEDBACK, text)
        self.assertPrinted(["☑良好", "☑热情", "☑是", "（按约定）", "很及时", "Lan-Opt"], text)
        names = [self.worker.name, self.supervisor.name, self.customer.name, feedback.name]
        self.assertPrinted(names, text)

    @requirement("A3.F6")
    def test_survey_form_empty_and_filled(self):
        self.customer.write({"street": "东岗东路 12 号", "city": "兰州"})
        survey = self._survey(channel="letter", scan="cGRm")
        empty = self._print("crm_service_survey_report", survey)
        self.assertPrinted(SURVEY, empty)
        self.assertPrinted(["联系渠道便捷", "收费合理", "东岗东路12号", "信函"], empty)
        self.assertNotIn("☑", empty)
        self._answer(survey, [5, 4, 3, 2, 1, 5], self.specialist)
        text = self._print("crm_service_survey_report", survey)
        self.assertPrinted(SURVEY, text)
        for mark in ("☑非常满意", "☑满意", "☑一般", "☑不满意", "☑非常不满意"):
            self.assertIn(mark, text)
        self.assertEqual(text.count("☑"), 6)

    @requirement("A4.R8")
    def test_review_form(self):
        review = self.env["crm.service.review"].with_user(self.supervisor)
        review = review.create(
            {
                "subject_id": self.worker.id,
                "date_from": period_of("quarterly", self.today)[0],
                "date_to": period_of("quarterly", self.today)[1],
                "verdict": "good",
                "strengths": "回电及时",
            }
        )
        review.action_show()
        review.with_user(self.worker).staff_comment = "同意"
        review.with_user(self.worker).action_acknowledge()
        self._approve(review, self.manager)
        text = self._print("crm_service_review_report", review)
        self.assertPrinted(
            ["服务质量评审表", "KF-QR-097", "被评审人", self.worker.name, "回电及时", "同意"], text
        )
        self.assertPrinted(["解决的服务单", "时限达成率", "☑良好", self.manager.name], text)
