import re
import subprocess
import unicodedata
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon

# Captions of the paper forms, as in the source procedures.
PLAN = """
    填表日期 客户回访人员 回访方式 □电话 □邮件 面谈 □其他 拟回访日期 拟回访对象 回访地点 回访目的
    公司领导签字 说明
"""
PLAN_LIST = "序号 客户 方式 日期 地点 目的 回访人员"
RECORD = """
    编号 被访客户姓名 服务满意度 产品满意度 好 较好 一般 差 很差 回访人 日期 访问问题 客户意见和要求
    对策与建议 回访要点 访问记录 回访人签名 客户签字 主管领导审核签字 审核日期 本表需附“客户信息表”
    客户信息表 客户名称 简称 客户编号 客户类型 客户等级 联系人 电话 QQ 微信 地址 区域 负责人
"""
PHONE = "序号 客户姓名 联系电话 回访时间 回访目的 回访内容 回访结果"
REPORT = """
    编号 日期 回访时间 回访人员 回访形式 回访目的 回访对象 回访主要内容 回访结果 客户主要意见
    客户对产品评价 客户对产品期望 客户对服务评价 客户对服务期望 改善客户服务对策 回访中遇到的问题
    备注/说明 领导审核意见
"""
FOOT = "编制日期 审核日期 批准日期 修改标记 修改处数 修改日期"
TITLES = {
    "plan_report": "客户回访计划表",
    "report_record": "客户回访记录表",
    "report_phone": "电话回访记录表",
    "report_report": "客户回访报告表",
}


RADICALS = str.maketrans("⼾⻅⻚⻓⻔⻛⻋", "户见页长门风车")


def squeeze(text):
    """Text without any space, as cells wrap where they like.

    The Noto fonts draw some characters and their radicals with one glyph, and PDF readers then
    give back the radical.
    """
    return unicodedata.normalize("NFKC", re.sub(r"\s", "", text).translate(RADICALS))


class FormsCommon(VisitCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in ("zh_CN", "en_US"):
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["crm_service_base", "crm_visits"], ["zh_CN"]
        )
        cls.env["ir.config_parameter"].set_param("report.print_delay", "50")
        cls.company.name = "Lanzhou Service Ltd"
        cls.specialist.tz = cls.supervisor.tz = "Asia/Shanghai"
        cls.customer.write(
            {
                "ref": "C-0815",
                "crm_short_name": "LZO",
                "crm_qq": "10001",
                "crm_wechat": "wx-lzo",
                "street": "Zhangye Road 1",
                "city": "Lanzhou",
                "user_id": cls.specialist.id,
                "crm_grade_id": cls.env.ref("crm_service_base.customer_grade_a").id,
                "crm_region_id": cls.env["crm.service.region"].create({"name": "Northwest"}).id,
                "child_ids": [Command.create({"name": "Ms Liu", "phone": "13800001111"})],
            }
        )

    def _form(self, name):
        return self.env.ref(f"crm_visits.crm_visit_{name}")

    def _pages(self, name, documents=None, lang="zh_CN", layout="-raw"):
        """Text of each page of the printed form, read back from the PDF without spaces."""
        ids = documents.ids if documents else []
        report = self.env["ir.actions.report"].with_user(self.specialist)
        report = report.with_context(lang=lang, tz="Asia/Shanghai", force_report_rendering=True)
        pdf, kind = report._render_qweb_pdf(self._form(name), ids)
        self.assertEqual((kind, pdf[:5]), ("pdf", b"%PDF-"))
        run = subprocess.run(["pdftotext", layout, "-", "-"], input=pdf, stdout=-1, check=True)
        return [squeeze(page) for page in run.stdout.decode().split("\f")[:-1]]

    def _print(self, name, documents=None, lang="zh_CN"):
        return "".join(self._pages(name, documents, lang))

    def _html(self, name, documents=None, lang="zh_CN"):
        report = self.env["ir.actions.report"].with_user(self.specialist).with_context(lang=lang)
        ids = documents.ids if documents else []
        return report._render_qweb_html(self._form(name), ids)[0].decode()

    def _cell(self, name, document, caption):
        """Text of the cell with this caption."""
        tree = html.fromstring(self._html(name, document, lang="en_US"))
        [cell] = tree.xpath("//td[div[@class='crm_form_caption'][normalize-space()=$c]]", c=caption)
        return " ".join(cell.text_content().split())

    def _boxes(self, name, document):
        """What stands in the form, by caption.

        :return: a dict of the single boxes, and a list of dicts of the repeated lines
        """
        boxes, lines = {}, []
        tree = html.fromstring(self._html(name, document, lang="en_US"))
        for table in tree.find_class("crm_form_box"):
            if "crm_form_lines" in table.get("class"):
                heads = [self._text(cell) for cell in table.xpath("thead//th")]
                lines += [
                    dict(zip(heads, map(self._text, row), strict=True))
                    for row in table.xpath("tbody/tr")
                ]
                continue
            for caption in table.xpath(".//th[not(@colspan)]"):
                boxes[self._text(caption)] = self._text(caption.getnext())
        return boxes, lines

    @staticmethod
    def _text(cell):
        return " ".join(" ".join(cell.itertext()).split())

    def assertPrinted(self, texts, printed):
        """Each text is printed; words where one string is given."""
        if isinstance(texts, str):
            texts = texts.split()
        missing = [text for text in texts if squeeze(str(text)) not in printed]
        self.assertFalse(missing, printed)


@tagged("post_install", "-at_install")
class TestVisitForms(FormsCommon):
    @requirement("A1.F1")
    def test_plan(self):
        plan = self._make_plan(
            self.method_face, customers=self.customer, note="Take the price list"
        )
        self._approve(plan)
        printed = self._print("plan_report", plan)
        self.assertPrinted(PLAN, printed)
        self.assertPrinted(["☑面谈", TITLES["plan_report"]], printed)
        day = plan.date_filled
        values = [
            plan.name,
            f"填表日期{day.year}年{day.month}月{day.day}日",
            self.company.name,
            self.customer.name,
            self.specialist.name,
            self.supervisor.name,
            "Quarterly visit",
            "Their office",
            "Take the price list",
        ]
        self.assertPrinted(values, printed)
        english = self._print("plan_report", plan, lang="en_US")
        self.assertPrinted(
            ["Customer Visit Plan", "☑ Face to Face", "Purpose of Visit", *values[2:]], english
        )

    @requirement("A1.F1")
    def test_plan_names_other_methods(self):
        plan = self._make_plan(self.env.ref("crm_visits.visit_method_letter"))
        printed = self._print("plan_report", plan, lang="en_US")
        self.assertPrinted(["□ Face to Face", f"☑ Other: {plan.method_id.name}"], printed)

    @requirement("A1.F1")
    def test_plan_of_200_visits(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer-{number:03}."} for number in range(200)]
        )
        plan = self._make_plan(customers=customers)
        pages = self._pages("plan_report", plan)
        self.assertGreater(len(pages), 5)
        heads = [squeeze(PLAN_LIST) in page for page in pages]
        self.assertTrue(all(heads[:-1]), "The list's head is missing on a page")
        serials = [squeeze(f"{n + 1} {c.name}") for n, c in enumerate(plan.line_ids.partner_id)]
        self.assertPrinted(serials, "".join(pages))
        self.assertIn("公司领导签字", pages[-1])

    @requirement("A1.F2")
    def test_record(self):
        visit = self._carry_out(
            self._make_visit(self.method_face),
            key_points="They open two shops",
            note="Met Mr Chen",
            next_order_note="50 sets in January",
            satisfaction_complaint="average",
            problem="Had to wait",
        )
        visit.answer_ids[0].answer = "All is well"
        self._approve(visit)
        printed = self._print("report_record", visit)
        self.assertPrinted(RECORD, printed)
        self.assertIn(TITLES["report_record"], printed)
        self.assertPrinted(
            ["服务满意度 ☑好 □较好 □一般 □差 □很差", "产品满意度 □好 ☑较好"], printed
        )
        written = ["opinion", "product_opinion", "service_opinion", "product_expectation"]
        written += ["service_expectation", "countermeasure", "stock_advice", "local_demand"]
        written += [
            "result",
            "key_points",
            "note",
            "next_order_note",
            "problem",
            "purpose",
            "place",
        ]
        partner = [
            self.customer[name]
            for name in ("name", "ref", "crm_short_name", "crm_qq", "crm_wechat", "street", "phone")
        ]
        values = [
            visit.name,
            self.supervisor.name,
            self.specialist.name,
            *partner,
            "Northwest",
            self.customer.with_context(lang="zh_CN").crm_grade_id.name,
            "Ms Liu",
            "13800001111",
            *visit.answer_ids.mapped("question"),
            "All is well",
            *(visit[name] for name in written),
        ]
        self.assertPrinted(values, printed)
        english = self._print("report_record", visit, lang="en_US")
        self.assertPrinted(
            [
                "Customer Visit Record",
                "☑ Good □ Fairly Good □ Average □ Poor □ Very Poor",
                "Satisfaction with Complaints and Disputes: Average",
                "Customer Information Sheet",
            ],
            english,
        )

    @requirement("A1.F2", "A1.R7", "E1.R9")
    def test_signatures_come_from_the_approval(self):
        visit = self._carry_out(self._make_visit(self.method_face))
        boxes = ("Visitor's Signature", "Supervisor's Review Signature")
        names = (self.specialist.name, self.supervisor.name)
        visit.action_approval_submit()
        for box, name in zip(boxes, names, strict=True):
            self.assertNotIn(name, self._cell("report_record", visit, box))
        visit.with_user(self.supervisor).action_approval_approve()
        for box, name in zip(boxes, names, strict=True):
            self.assertIn(name, self._cell("report_record", visit, box))
            self.assertIn(str(self.today.year), self._cell("report_record", visit, box))
        customer_box = self._cell("report_record", visit, "Customer's Signature")
        self.assertEqual(customer_box, "Customer's Signature Date Y ____ M __ D __")

    @requirement("A1.F1")
    def test_a_planned_visit_has_its_own_values(self):
        plan = self._make_plan(self.method_face)
        day = plan.date_from + timedelta(days=3)
        line = plan.line_ids[0]
        line.write(
            {
                "date_planned": f"{day} 01:30:00",
                "place": "Their shop",
                "purpose": "Hand over the price list",
                "method_id": self.method_phone.id,
                "visitor_ids": [Command.set(self.manager.ids)],
            }
        )
        boxes, lines = self._boxes("plan_report", plan)
        self.assertEqual(boxes["Customers to Visit"], "2 customers, as listed below")
        self.assertEqual(boxes["Planned Visit Date"], f"{plan.date_from} {plan.date_to}")
        self.assertEqual(
            lines[0],
            {
                "Serial No.": "1",
                "Customer": self.customer.name,
                "Method": self.method_phone.name,
                "Date": f"{day} 09:30",
                "Place": "Their shop",
                "Purpose": "Hand over the price list",
                "Visitors": self.manager.name,
            },
        )
        self.assertEqual(lines[1]["Visitors"], self.specialist.name)
        plan.line_ids[1].unlink()
        boxes, lines = self._boxes("plan_report", plan)
        self.assertEqual(boxes["Customers to Visit"], self.customer.name)
        self.assertEqual(boxes["Planned Visit Date"], f"{day:%B} {day.day}, {day.year}")
        self.assertEqual(boxes["Place of Visit"], "Their shop")
        self.assertFalse(lines)

    @requirement("A1.F2")
    def test_the_record_names_who_went_when_and_what_was_asked(self):
        visit = self._make_call(
            method_id=self.method_face.id,
            is_history=False,
            visitor_ids=[Command.set((self.specialist | self.manager).ids)],
            answer_ids=[Command.create({"question": "May we call again?", "answer": "In May"})],
            date_scheduled="2026-02-03 17:00:00",
        )
        boxes, _lines = self._boxes("report_record", visit)
        self.assertEqual(boxes["Name of Visited Customer"], self.customer.name)
        self.assertEqual(boxes["Visitor"], f"{self.specialist.name}, {self.manager.name}")
        self.assertEqual(boxes["Date"], "February 4, 2026", "in the time zone of the reader")
        asked = self._cell("report_record", visit, "Questions Asked")
        self.assertIn("1. May we call again? In May 2.", asked)

    @requirement("A1.F2")
    def test_the_customer_information_sheet_is_complete(self):
        contact = self.customer.child_ids
        contact.write({"function": "Buyer", "crm_qq": "20002", "crm_wechat": "wx-liu"})
        self.customer.write({"email": "optics@example.com", "crm_legal_representative": "Mr Zhao"})
        boxes, lines = self._boxes("report_record", self._make_call())
        sheet = {
            "Name of Customer": self.customer.name,
            "Short Name": "LZO",
            "Customer Number": "C-0815",
            "Customer Type": self.customer.crm_customer_type_id.name,
            "Customer Grade": self.customer.crm_grade_id.name,
            "Region": "Northwest",
            "Phone": self.customer.phone,
            "E-mail": "optics@example.com",
            "QQ": "10001",
            "WeChat": "wx-lzo",
            "Address": "Lanzhou Zhangye Road 1",
            "Legal Representative": "Mr Zhao",
            "Person in Charge": self.specialist.name,
        }
        address = boxes.pop("Address")
        self.assertTrue({"Zhangye", "Lanzhou"} <= set(re.findall(r"\w+", address)), address)
        del sheet["Address"]
        self.assertEqual({caption: boxes.get(caption) for caption in sheet}, sheet)
        self.assertEqual(
            lines[0],
            {
                "Contact": "Ms Liu",
                "Position": "Buyer",
                "Phone": "13800001111",
                "QQ": "20002",
                "WeChat": "wx-liu",
            },
        )

    @requirement("A1.F3")
    def test_a_call_on_the_sheet_has_its_own_values(self):
        calls = self._make_call(date_start="2026-02-03 01:30:00", date_end="2026-02-03 01:40:00")
        calls |= self._make_call(
            date_start="2026-02-04 01:30:00",
            date_end="2026-02-04 01:40:00",
            phone="0931 999",
            purpose="Ask about the charger",
            note="They like it",
            opinion="A cooler one",
            key_points="Two shops",
            countermeasure="Send samples",
            result="Content",
        )
        _boxes, lines = self._boxes("report_phone", calls)
        content = lines[1].pop("Content of Visit")
        self.assertEqual(
            lines[1],
            {
                "Serial No.": "2",
                "Customer Name": self.customer.name,
                "Contact Phone": "0931 999",
                "Time of Visit": "2026-02-04 09:30",
                "Purpose of Visit": "Ask about the charger",
                "Result of Visit": "Content",
            },
        )
        for text in ("They like it", "A cooler one", "Two shops", "Send samples"):
            self.assertIn(text, content)
        self.assertEqual([line["Serial No."] for line in lines], [str(n + 1) for n in range(12)])

    @requirement("A1.F4")
    def test_the_report_names_who_when_and_how(self):
        visits = self.env["crm.visit"].union(
            self._make_call(date_start="2026-02-03 17:00:00", date_end="2026-02-03 17:40:00"),
            self._make_call(
                method_id=self.method_reception.id,
                partner_id=self.other_customer.id,
                visitor_ids=[Command.set(self.manager.ids)],
                date_start="2026-02-05 01:00:00",
                date_end="2026-02-05 02:00:00",
            ),
        )
        visits.action_finish()
        report = self.env["crm.visit.report"].with_user(self.specialist)._create_from_visits(visits)
        boxes, _lines = self._boxes("report_report", report)
        expected = {
            "Time of Visit": "2026-02-04 2026-02-05",
            "Visitors": {self.specialist.name, self.manager.name},
            "Form of Visit": {self.method_callback.name, self.method_reception.name},
            "Customers Visited": {self.customer.name, self.other_customer.name},
        }
        for caption, value in expected.items():
            shown = boxes[caption] if isinstance(value, str) else set(boxes[caption].split(", "))
            self.assertEqual(shown, value, caption)

    @requirement("A1.F3")
    def test_phone_log(self):
        calls = self.env["crm.visit"].union(
            *(self._make_call(note=f"Talk-{n}.", result=f"Result-{n}.") for n in range(60))
        )
        pages = self._pages("report_phone", calls)
        self.assertIn(TITLES["report_phone"], pages[0])
        self.assertGreater(len(pages), 1)
        head = squeeze(PHONE)
        self.assertEqual([page.count(head) for page in pages], [1] * len(pages))
        row = [self.customer.name, self.customer.phone, "Callback after repair"]
        self.assertPrinted(row, pages[0])
        self.assertPrinted([f"Talk-{n}.Result-{n}." for n in range(60)], "".join(pages))
        self.assertPrinted(
            ["Phone Visit Record", "Contact Phone"], self._print("report_phone", calls, "en_US")
        )

    @requirement("A1.F4")
    def test_report(self):
        visit = self._carry_out(self._make_visit(self.method_face), note="Met", problem="Waited")
        self._approve(visit)
        report = self.env["crm.visit.report"].with_user(self.specialist)._create_from_visits(visit)
        report.note = "For the quarter"
        report.action_approval_submit()
        report.with_user(self.manager).action_approval_approve("Well done, go on")
        printed = self._print("report_report", report)
        self.assertPrinted(REPORT, printed)
        self.assertIn(TITLES["report_report"], printed)
        written = ["purpose", "content", "product_evaluation", "product_expectation"]
        written += ["service_evaluation", "service_expectation", "measures", "problem"]
        values = [report[name] for name in [*written, "result", "note"]]
        values += ["Well done, go on", self.manager.name, self.customer.name, report.name]
        self.assertPrinted(values, printed)
        english = self._print("report_report", report, lang="en_US")
        self.assertPrinted(["Customer Visit Report", "Leader's Review Opinion", *values], english)

    @requirement("A1.F1", "A1.F2", "A1.F3", "A1.F4")
    def test_blank_forms(self):
        captions = {
            "plan_report": PLAN,
            "report_record": RECORD,
            "report_phone": PHONE,
            "report_report": REPORT,
        }
        for name, words in captions.items():
            with self.subTest(name):
                printed = self._print(name)
                self.assertPrinted(words, printed)
                self.assertPrinted([TITLES[name], "____年__月__日"], printed)
                self.assertNotIn("☑", printed)
                self.assertNotIn("False", printed)

    @requirement("A1.F1", "A1.F2", "A1.F3", "A1.F4")
    def test_every_cell_is_printed(self):
        visit = self._make_visit(self.method_face)
        documents = {
            "plan_report": visit.plan_id,
            "report_record": visit,
            "report_phone": self._make_call(
                partner_id=self.plain_user.partner_id.id, purpose=False
            ),
            "report_report": self.env["crm.visit.report"].create({}),
        }
        for name, document in documents.items():
            for filled in (document, None):
                with self.subTest(name, filled=filled):
                    self._check_cells(html.fromstring(self._html(name, filled)))

    def _check_cells(self, tree):
        tables = tree.find_class("crm_form_box")
        self.assertTrue(tables)
        for table in tables:
            widths = {sum(int(cell.get("colspan", 1)) for cell in row) for row in table.iter("tr")}
            self.assertEqual(len(widths), 1, html.tostring(table))

    @requirement("A1.F1", "A1.F2", "A1.F3", "A1.F4", "E1.R9")
    def test_form_control(self):
        for name, title in TITLES.items():
            form = self._form(name)
            printed = self._print(name)
            head = f"表单编号{form.crm_form_code}非受控修改标记A/0"
            self.assertPrinted([head], printed)
            self.assertNotIn("修改处数", printed)
            form.write(
                {
                    "crm_form_code": "KF-X-9",
                    "crm_form_is_controlled": True,
                    "crm_form_revision": "B/2",
                    "crm_form_revision_count": 7,
                    "crm_form_date_prepared": "2026-01-05",
                    "crm_form_date_reviewed": "2026-01-06",
                    "crm_form_date_approved": "2026-01-07",
                    "crm_form_date_revised": "2026-02-08",
                }
            )
            printed = self._print(name)
            self.assertPrinted([title, "KF-X-9", "受控"], printed)
            self.assertPrinted(FOOT, printed)
            self.assertNotIn("非受控", printed)
            self.assertPrinted(["2026-01-05 2026-01-06 2026-01-07 B/2 7 2026-02-08"], printed)

    @requirement("A1.F2", "E1.R9")
    def test_50_records_in_one_run(self):
        visits = self.env["crm.visit"].union(*(self._make_call() for _number in range(50)))
        report = type(self.env["ir.actions.report"])
        with patch.object(
            report, "_run_wkhtmltopdf", autospec=True, side_effect=report._run_wkhtmltopdf
        ) as run:
            pages = self._pages("report_record", visits)
        self.assertEqual([len(call.args[1]) for call in run.call_args_list], [1])
        self.assertGreaterEqual(len(pages), 50)
        first = [page for page in pages if TITLES["report_record"] in page]
        self.assertEqual(len(first), 50)
        for visit, page in zip(visits, first, strict=True):
            self.assertIn(visit.name, page)

    @requirement("A1.F2")
    def test_long_text_wraps_and_grows(self):
        words = [f"word{number}." for number in range(3000)]
        lines = [f"line{number}." for number in range(150)]
        visit = self._make_call(
            opinion=" ".join(words), note="\n".join(lines), countermeasure="W" * 900
        )
        pages = self._pages("report_record", visit, layout="-raw")
        self.assertGreater(len(pages), 3)
        printed = "".join(pages)
        self.assertPrinted([*words, *lines, "W" * 900, "主管领导审核签字"], printed)

    @requirement("A1.F2", "A1.F3")
    def test_markup_is_only_text(self):
        text = "<b>bold</b> <script>document.body.innerHTML='gone'</script> & <img src=x>"
        self.customer.name = "A<i>B</i>"
        call = self._make_call(note=text, purpose=text, result=text)
        for name in ("report_record", "report_phone"):
            self.assertPrinted([text, "A<i>B</i>"], self._print(name, call))

    @requirement("A1.F2")
    def test_nothing_is_fetched(self):
        page = self._html("report_record", self._make_call())
        self.assertNotRegex(page, r"<link|src=\"(?!data:)|url\(|@import")

    @requirement("A1.F1", "A1.F2", "A1.F3", "A1.F4")
    def test_kept_as_attachment_each_holds_its_own(self):
        calls = self._make_call() | self._make_call() | self._make_call()
        for name in ("report_record", "report_phone"):
            form = self._form(name)
            form.attachment = "object.name + '.pdf'"
            pages = self._pages(name, calls)
            self.assertGreaterEqual(len(pages), 3)
            for call in calls:
                [attachment] = self.env["ir.attachment"].search(
                    [("res_model", "=", "crm.visit"), ("res_id", "=", call.id)]
                )
                self.assertEqual(attachment.name, f"{call.name}.pdf")
                run = subprocess.run(
                    ["pdftotext", "-", "-"], input=attachment.raw, stdout=-1, check=True
                )
                if name == "report_record":
                    printed = run.stdout.decode()
                    self.assertIn(call.name, printed)
                    for other in calls - call:
                        self.assertNotIn(other.name, printed)
                attachment.unlink()

    @requirement("A1.F2")
    def test_forms_follow_the_rights_on_documents(self):
        visit = self._make_call()
        report = self.env["ir.actions.report"].with_user(self.plain_user)
        with self.assertRaises(AccessError):
            report._render_qweb_html(self._form("report_record"), visit.ids)


@tagged("post_install", "-at_install")
class TestVisitFormsHttp(FormsCommon, HttpCase):
    @requirement("A1.F2", "A1.F3")
    def test_forms_speak_the_language_of_the_user(self):
        self.specialist.lang = "zh_CN"
        self.customer.lang = "en_US"
        call = self._make_call()
        self.authenticate(self.specialist.login, self.specialist.login)
        for name, template in (("report_record", "form"), ("report_phone", "phone_form")):
            answer = self.url_open(f"/report/html/crm_visits.crm_visit_{template}/{call.id}")
            self.assertIn(TITLES[name], answer.text)
            self.assertIn(self.customer.name, answer.text)
