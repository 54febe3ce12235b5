import re
import subprocess
import unicodedata

from lxml import html

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .relationship_common import RelationshipCommon

# Captions of the paper forms, as in the source procedure.
EVALUATION = """
    客户 信息类别 摘要 交易 回访 接待 投诉 其他 与发展战略和服务要求的差距 评估结果 建议等级
    收集整理 评估(客户关系主管) 客户服务经理
"""
TABLE = "客户 强化措施 负责人 期限 客户反馈 效果"
PLAN = """
    目标 维护方式 维护措施 维护人员 费用预算 合计 可行性 节约性 客户服务经理审核 客户总监审批
"""
REPORT = "期间 推行情况 客户反馈 效果分析 优化措施 经理意见"
FOOT = "编制日期 审核日期 批准日期 修改标记 修改处数 修改日期"
TITLES = {
    "evaluation_report": "客户关系评估表",
    "plan_report_strengthening": "客户关系强化表",
    "plan_report": "客户关系维护方案",
    "report_report": "客户关系维护报告",
}
CAPTIONS = dict(zip(TITLES, (EVALUATION, TABLE, PLAN, REPORT), strict=True))
RADICALS = str.maketrans("⼾⻅⻚⻓⻔⻛⻋", "户见页长门风车")


def squeeze(text):
    """Text without any space, and without the radicals that PDF readers take for characters."""
    return unicodedata.normalize("NFKC", re.sub(r"\s", "", text).translate(RADICALS))


@tagged("post_install", "-at_install")
class TestRelationshipForms(RelationshipCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(
            ["crm_service_base", "crm_grading"], ["zh_CN"]
        )
        cls.env["ir.config_parameter"].set_param("report.print_delay", "50")
        cls.customer.ref = "C-0815"

    def _form(self, name):
        return self.env.ref(f"crm_grading.crm_relationship_{name}")

    def _pages(self, name, documents=None, lang="zh_CN", user=None):
        report = self.env["ir.actions.report"].with_user(user or self.specialist)
        report = report.with_context(lang=lang, tz="Asia/Shanghai", force_report_rendering=True)
        pdf = report._render_qweb_pdf(self._form(name), documents.ids if documents else [])[0]
        run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=-1, check=True)
        return [squeeze(page) for page in run.stdout.decode().split("\f")[:-1]]

    def _print(self, name, documents=None, **options):
        return "".join(self._pages(name, documents, **options))

    def _cell(self, name, document, caption):
        report = self.env["ir.actions.report"].with_user(self.specialist)
        page = report.with_context(lang="en_US")._render_qweb_html(self._form(name), document.ids)[
            0
        ]
        [cell] = html.fromstring(page.decode()).xpath(
            "//td[div[@class='crm_form_caption'][normalize-space()=$c]]", c=caption
        )
        return " ".join(cell.text_content().split())

    def assertPrinted(self, texts, printed):
        if isinstance(texts, str):
            texts = texts.split()
        self.assertFalse([text for text in texts if squeeze(str(text)) not in printed], printed)

    @requirement("E1.F2", "E1.R9")
    def test_evaluation(self):
        self._make_order()
        self.customer.crm_grade_id = self.env.ref("crm_service_base.customer_grade_a")
        evaluation = self._make_evaluation(gaps="Half of the share went elsewhere")
        self._hand_over(evaluation)
        box = "Approved by (Service Manager)"
        self.assertNotIn(self.manager.name, self._cell("evaluation_report", evaluation, box))
        self._evaluate(evaluation)
        printed = self._print("evaluation_report", evaluation)
        self.assertPrinted(EVALUATION, printed)
        grade = self.env.ref("crm_service_base.customer_grade_b").with_context(lang="zh_CN")
        values = [
            TITLES["evaluation_report"],
            evaluation.name,
            self.customer.name,
            "C-0815",
            f"{evaluation.date_from} {evaluation.date_to}",
            self.customer.crm_grade_id.with_context(lang="zh_CN").name,
            *(
                f"{line.date or ''} {line.source} {line.summary}"
                for line in evaluation.information_ids
            ),
            "300.00",
            *evaluation.judgement_ids.with_context(lang="zh_CN").mapped("name"),
            "1 (≥ 1)",
            "未达到",
            f"{evaluation.score:.1f}",
            "Gap 0: orders went elsewhere",
            "Half of the share",
            "Orders went to a competitor",
            "□牢固 □正常 ☑薄弱 □有流失风险",
            grade.name,
            "Agreed",
            self.specialist.name,
            self.supervisor.name,
            self.manager.name,
        ]
        self.assertPrinted(values, printed)
        self.assertIn(self.manager.name, self._cell("evaluation_report", evaluation, box))

    @requirement("E1.F3", "E1.R9")
    def test_strengthening_table(self):
        measures = [{"description": "With spare parts"}, {"name": "Training"}]
        plan = self._make_running_plan("strengthening", measures=measures)
        self._finish(plan.measure_ids[0], effect_note="A trial order")
        printed = self._print("plan_report_strengthening", plan)
        self.assertPrinted(TABLE, printed)
        values = [
            TITLES["plan_report_strengthening"],
            plan.name,
            "Visit with the engineer",
            "Training",
            "They like the new contact",
            "明显",
            "A trial order",
            f"{self.specialist.name} {plan.measure_ids[0].date_deadline}",
            f"1 {self.customer.name} Visit with the engineer With spare parts",
            f"2 {self.customer.name} Training",
            f"{plan.date_from} {plan.date_to}",
            plan.title,
            plan.goal,
            self.supervisor.name,
            "Feasible",
            self.manager.name,
        ]
        self.assertPrinted(values, printed)

    @requirement("E1.F4", "E1.R9")
    def test_plan_with_the_signatures_of_manager_and_director(self):
        plan = self._make_plan(measures=[{"description": "With spare parts"}])
        plan.budget_ids[0].note = "Four journeys"
        plan.action_approval_submit()
        plan.with_user(self.manager).action_approval_approve("Feasible")
        director = "Approval by the Customer Director"
        manager = "Review by the Customer Service Manager"
        self.assertNotIn(self.director.name, self._cell("plan_report", plan, director))
        plan.with_user(self.director).action_approval_approve("Go on")
        self.assertIn(f"Feasible {self.manager.name}", self._cell("plan_report", plan, manager))
        self.assertIn(f"Go on {self.director.name}", self._cell("plan_report", plan, director))
        printed = self._print("plan_report", plan)
        self.assertPrinted(PLAN, printed)
        written = [plan[name] for name in ("goal", "approach", "feasibility", "economy", "title")]
        values = [TITLES["plan_report"], "Travel", "3,000.00", "5,000.00", *written]
        measure = plan.measure_ids
        self.assertPrinted(
            [
                *values,
                plan.name,
                f"{plan.date_from} {plan.date_to}",
                f"维护人员 {plan.member_ids.name}",
                f"1 {self.customer.name} {measure.name} With spare parts 拜访",
                f"{self.specialist.name} {measure.date_deadline}",
                "1 Travel Four journeys",
                self.supervisor.name,
            ],
            printed,
        )
        self.assertPrinted(
            ["Maintenance Goal", *values[1:]], self._print("plan_report", plan, lang="en_US")
        )

    @requirement("E1.F5", "E1.R9")
    def test_report(self):
        plan = self._make_running_plan(measures=[{}, {"name": "Training"}])
        self._finish(plan.measure_ids[0])
        self._make_order(day=self.today, quantity=7)
        report = self.env["crm.relationship.report"].browse(plan.action_make_report()["res_id"])
        report = report.with_user(self.supervisor)
        done, waiting = report.line_ids
        done.note = "Keep it up"
        report.write(
            {
                "summary": "One of two is done",
                "effect_analysis": "Orders came back",
                "problem": "Too little time",
                "optimisation": "Call every month",
            }
        )
        report.action_approval_submit()
        report.with_user(self.manager).action_approval_approve("Train more")
        printed = self._print("report_report", report)
        self.assertPrinted(REPORT, printed)
        values = [
            TITLES["report_report"],
            report.name,
            plan.name,
            "One of two is done",
            "Orders came back",
            "Too little time",
            "Call every month",
            "Train more",
            "They like the new contact",
            "措施:2;完成:1(50.0%);逾期:0;有效率:100.0%",
            f"{report.date_from} {report.date_to}",
            f"{self.customer.name} {done.name} {self.specialist.name} {done.date_deadline}",
            "完成 They like the new contact 明显 Keep it up",
            f"{self.customer.name} {waiting.name} {self.specialist.name}",
            f"{self.customer.name} 订单金额 0 700 700",
            self.supervisor.name,
            self.manager.name,
        ]
        self.assertPrinted(values, printed)

    @requirement("E1.F2", "E1.F3", "E1.F4", "E1.F5", "E1.R9")
    def test_blank_forms_and_form_control(self):
        for name, captions in CAPTIONS.items():
            form = self._form(name)
            form.write(
                {
                    "crm_form_revision": "B/2",
                    "crm_form_revision_count": 7,
                    "crm_form_date_prepared": "2026-01-05",
                    "crm_form_date_reviewed": "2026-01-06",
                    "crm_form_date_approved": "2026-01-07",
                    "crm_form_date_revised": "2026-02-08",
                }
            )
            with self.subTest(name):
                printed = self._print(name)
                self.assertPrinted(captions, printed)
                self.assertPrinted(FOOT, printed)
                self.assertPrinted([TITLES[name], form.crm_form_code, "B/2"], printed)
                self.assertRegex(printed, "(?<!非)受控")
                self.assertRegex(printed, "2026-01-05.*2026-01-07.*2026-02-08")
                self.assertNotIn("☑", printed)
                self.assertNotIn("False", printed)

    @requirement("E1.F3")
    def test_a_long_table_keeps_its_head_on_every_page(self):
        measures = [{"name": f"Measure-{number:03}."} for number in range(60)]
        plan = self._make_plan("strengthening", measures=measures)
        pages = self._pages("plan_report_strengthening", plan)
        self.assertGreater(len(pages), 2)
        head = squeeze("序号 客户 强化措施 负责人 期限")
        self.assertTrue(all(head in page for page in pages[:-1]))
        self.assertPrinted([measure["name"] for measure in measures], "".join(pages))
