import re
import subprocess
import unicodedata
from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import GradingCommon

# Captions of the paper forms, as in the source procedures.
SHEET = """
    客户分级标准表 客户姓名 客户编号 客户类型 联系方式 项目 分值 评分数据来源 评分标准 得分 合计
    备注
    对公司利润贡献率 客户下单金额 与公司合作年限 客户信用状况 客户发展前景
    统计一季度客户的销售订单量及其购买产品的利润率 统计公司近一个季度的客户下单金额
    客户与本公司的合作记录 统计客户最近一年的付款情况是否及时 挖掘该客户潜在价值
"""
DECLARATION = """
    客户等级申报表 客户名称 客户编号 拟申报等级 经营项目 对口负责人 申报责任人 交易情况分析 年份
    年度交易数量 年度交易额 交易次数 主要付款方式 信用评级 总信用额度 现有信用额度 拖欠欠款次数 备注
    信用情况分析 服务部、营销部意见 总经理意见 日期
"""
ACCOUNTS = "大客户登记名单 客户姓名 客户公司简称 联系电话 年销售数量 年销售额 季末退货率"
DIRECTORY = "客户分级目录表 客户等级 客户名称 客户编号 年销售额 备注"
RADICALS = str.maketrans("⼾⻅⻚⻓⻔⻛⻋", "户见页长门风车")


def squeeze(text):
    """Text without any space, as cells wrap where they like; readers may give radicals back."""
    return unicodedata.normalize("NFKC", re.sub(r"\s", "", text).translate(RADICALS))


@tagged("post_install", "-at_install")
class TestGradingForms(GradingCommon):
    """Printed in Chinese and read back from the PDF."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(
            ["crm_service_base", "crm_grading"], ["zh_CN"]
        )
        cls.env["ir.config_parameter"].set_param("report.print_delay", "50")
        cls.customer.write(
            {
                "ref": "C-0815",
                "crm_short_name": "LZO",
                "crm_customer_class": "key",
                "email": "lzo@example.com",
            }
        )

    def _print(self, name, documents):
        report = self.env["ir.actions.report"].with_user(self.specialist)
        report = report.with_context(lang="zh_CN", force_report_rendering=True)
        form = self.env.ref(f"crm_grading.{name}")
        pdf, kind = report._render_qweb_pdf(form, documents.ids)
        self.assertEqual((kind, pdf[:5]), ("pdf", b"%PDF-"))
        run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=-1, check=True)
        pages = run.stdout.decode().split("\f")[:-1]
        return squeeze("".join(pages)), len(pages)

    def assertPrinted(self, texts, printed):
        missing = [text for text in texts if squeeze(str(text)) not in printed]
        self.assertFalse(missing, printed)

    @requirement("A3.F1")
    def test_sheet(self):
        """One a customer, by the shipped standard in Chinese."""
        self.env.ref("base.user_admin").lang = "zh_CN"
        standard = self.env["crm.grading.standard"].with_context(lang="zh_CN")
        standard = standard.create(standard._prepare_procedure_values())
        self._order(lines=[(None, 500, 100)])
        run = self._run(standard, is_trial=True)
        scores = run.score_ids.filtered(
            lambda s: s.partner_id in self.customer | self.other_customer
        )
        scores[0].note = "Talks with two shops"
        printed, pages = self._print("crm_grading_score_report", scores)
        self.assertEqual(pages, 2)
        self.assertPrinted(SHEET.split(), printed)
        score = self._score(run)
        self.assertPrinted(
            [
                "KF-QR-040",
                "Lanzhou Optics",
                "C-0815",
                self.customer.crm_customer_type_id.with_context(lang="zh_CN").name,
                "0931 1234567",
                "lzo@example.com",
                "Talks with two shops",
                f"编号 {score.run_id.name}-{self.customer.ref}",
                score.with_context(lang="zh_CN").reason,
                score.grade_proposed_id.with_context(lang="zh_CN").name,
                *standard.criterion_ids.mapped("rule_text"),
                *(
                    f"{item.name} {item.weight:.0f} {item.data_source}"
                    for item in standard.criterion_ids
                ),
                *(
                    f"{line.points:.2f} {line.value_text}"
                    for line in score.line_ids.with_context(lang="zh_CN")
                ),
                f"{score.total:.2f}",
                "50,000",
                "未评",
                "没有到期发票",
            ],
            printed,
        )

    @requirement("A3.F3")
    def test_declaration(self):
        self.customer.write({"credit_limit": 7777, "user_id": self.plain_user.id})
        self._order(lines=[(None, 2, 100)])
        score = self._score(self._run(self._approved()))
        self.customer.sudo().crm_grade_computed_id = self.grade_b
        today = fields.Date.today()
        self._order(day=str(today - timedelta(days=30)), lines=[(None, 13, 100)])
        declaration = (
            self.env["crm.grade.declaration"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "grade_id": self.grade_a.id,
                    "business": "Batteries",
                    "payment_method": "Wire",
                    "credit_analysis": "Never late",
                    "opinion_service": "Deserves it",
                    "opinion_marketing": "Agreed too",
                    "is_credit_asked": True,
                    "credit_asked": 54321,
                    "reason": "Opens ten shops",
                    "date_expiry": today + timedelta(days=90),
                    "evaluation": "Gaps: none",
                    "note": "Ask again in spring",
                }
            )
        )
        printed, pages = self._print("crm_grade_declaration_report", declaration)
        expiry = declaration.date_expiry
        self.assertPrinted(DECLARATION.split(), printed)
        self.assertNotIn(squeeze(self.general_manager.name), printed)
        declaration.action_approval_submit()
        declaration.with_user(self.supervisor).action_approval_approve("Head agrees")
        declaration.with_user(self.general_manager).action_approval_approve("Boss agrees")
        printed, pages = self._print("crm_grade_declaration_report", declaration)
        self.assertEqual(pages, 1)
        self.assertEqual(printed.count("7,777.00"), 2, "in total and left")
        self.assertPrinted(
            [
                declaration.name,
                "KF-QR-042",
                "Lanzhou Optics",
                "C-0815",
                self.grade_a.with_context(lang="zh_CN").name,
                self.grade_b.with_context(lang="zh_CN").name,
                self.plain_user.name,
                self.specialist.name,
                f"{declaration.date_from} {declaration.date_to}",
                "15 1,500.00 2 Wire",
                "7,777.00",
                "7,777.00 0 Ask again",
                f"{score.total:.2f} 分",
                "Opens ten shops",
                f"有效期至 {expiry.year}年{expiry.month}月{expiry.day}日",
                "Gaps: none",
                "Ask again in spring",
                "Batteries",
                "Wire",
                "Never late",
                "Deserves it",
                "Agreed too",
                "54,321.00",
                "Head agrees",
                self.supervisor.name,
                "Boss agrees",
                self.general_manager.name,
            ],
            printed,
        )

    @requirement("A3.F2", "A3.F4")
    def test_registers(self):
        self.customer.crm_grade_id = self.grade_a
        self._order(day="2026-02-01", lines=[(None, 10, 100)])
        self.company.partner_id.lang = "zh_CN"
        for name, captions, code in (
            ("key_accounts", ACCOUNTS, "KF-QR-041"),
            ("grade_directory", DIRECTORY, "KF-QR-043"),
        ):
            report_type = self.env.ref(f"crm_grading.statistics_type_{name}")
            self.supervisor.lang = "zh_CN"
            report_type.user_id = self.supervisor
            report = report_type._generate(self.company, date(2026, 1, 1), date(2026, 3, 31))
            form = report_type.print_report_id.get_external_id()[report_type.print_report_id.id]
            printed, _pages = self._print(form.split(".")[1], report)
            self.assertPrinted([*captions.split(), code, "Lanzhou Optics", "1,000.00"], printed)

    @requirement("E1.R9")
    def test_no_two_forms_share_a_code(self):
        forms = self.env["ir.actions.report"].search(
            [("report_name", "=like", "crm\\_grading.%"), ("crm_form_code", "!=", False)]
        )
        self.assertGreaterEqual(len(forms), 8)
        others = self.env["ir.actions.report"].search(
            [("crm_form_code", "in", forms.mapped("crm_form_code"))]
        )
        self.assertEqual(len(others), len(set(others.mapped("crm_form_code"))))
