import io
from datetime import timedelta

from lxml import html
from PyPDF2 import PdfReader

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitBrief(VisitCommon):
    """What the visitor reads before the visit, and no more than that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"crm_qq": "10001", "crm_wechat": "lanzhou", "city": "Lanzhou"})
        cls.product = cls.env["product.product"].create({"name": "Battery", "list_price": 100})
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Wang Wu",
                "parent_id": cls.customer.id,
                "function": "Buyer",
                "phone": "+86 138-0000 0000",
                "crm_birthday": (cls.today + timedelta(days=10)).replace(year=1984),
            }
        )
        cls.visit = cls._make_call(date_scheduled=cls.now + timedelta(days=2))

    @classmethod
    def _make_order(cls, quantity, days, **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.contact.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": quantity,
                            "price_unit": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        if days is not None:
            order.action_confirm()
            order.date_order = cls.now - timedelta(days=days)
        return order

    def _section(self, key, visit=None):
        self.env.invalidate_all()
        sections = (visit or self.visit)._get_brief_sections()
        return next((section for section in sections if section["key"] == key), None)

    def _facts(self, key, visit=None):
        section = self._section(key, visit)
        return {label: cell["text"] for label, cell in section["facts"]} if section else {}

    def _rows(self, key):
        section = self._section(key)
        return section and [[cell["text"] for cell in row] for row in section["rows"]]

    def test_who(self):
        facts = self._facts("customer")
        self.assertEqual((facts["QQ"], facts["WeChat"]), ("10001", "lanzhou"))
        self.assertEqual(facts["Purpose"], "Callback after repair")
        (row,) = self._section("contacts")["rows"]
        self.assertEqual([cell["text"] for cell in row[:2]], ["Wang Wu", "Buyer"])
        self.assertEqual(row[2]["href"], "tel:+8613800000000")
        self.assertIn("soon", row[5]["text"])
        self.contact.crm_birthday = (self.today - timedelta(days=40)).replace(year=1984)
        self.assertNotIn("soon", self._rows("contacts")[0][5])

    def test_place_opens_a_map(self):
        visit = self._make_call(method_id=self.method_reception.id)
        place = self._section("customer", visit)["facts"]
        cell = dict(place)["Place"]
        self.assertEqual(cell["text"], "Lanzhou")
        self.assertTrue(cell["href"].endswith("keyword=Lanzhou"))
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("crm_visits.map_url", "https://maps.example.com/?q=%s&z=1")
        cell = dict(self._section("customer", visit)["facts"])["Place"]
        self.assertEqual(cell["href"], "https://maps.example.com/?q=Lanzhou&z=1")

    def test_last_visits_and_what_was_promised(self):
        self.assertIsNone(self._rows("visits"))
        last = self._carry_out(self._make_call(), satisfaction_service="poor")
        self._carry_out(self._make_call(partner_id=self.other_customer.id))
        last.promise_ids = [
            Command.create({"description": "A new manual", "date_deadline": self.today})
        ]
        (row,) = self._section("visits")["rows"]
        self.assertEqual(row[2]["text"], self.specialist.name)
        self.assertTrue(row[3]["is_bad"])
        self.assertEqual(row[4]["text"], "Delivery is quick, the manual is not clear")
        self.assertEqual(row[5]["text"], "A new manual")
        self.assertEqual(self._rows("promises")[0][0], "A new manual")

    def test_turnover_of_a_year_and_the_year_before(self):
        self.assertIsNone(self._section("money"))
        self._make_order(3, 10)
        self._make_order(4, 500)
        self._make_order(9, 900)
        self._make_order(9, None)
        facts = self._facts("money")
        self.assertIn("300.00", facts["Orders of 12 Months"])
        self.assertIn("400.00", facts["The 12 Months Before"])
        self.assertEqual(facts["Trend"], "-25.0 %")

    def test_orders_open_and_quoted(self):
        quotation, order = self._make_order(1, None), self._make_order(2, 20)
        self._make_order(1, None).action_cancel()
        rows = self._rows("orders")
        self.assertEqual({row[0] for row in rows}, {quotation.name, order.name})

    def test_sums_of_overdue_invoices_and_no_right_to_them(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.today - timedelta(days=60),
                "invoice_date_due": self.today - timedelta(days=30),
                "invoice_line_ids": [
                    Command.create({"name": "Battery", "price_unit": 250, "tax_ids": []})
                ],
            }
        )
        self.assertNotIn("Overdue", self._facts("money"))
        invoice.action_post()
        self.assertIn("1 invoices", self._facts("money")["Overdue"])
        self.assertIn("250.00", self._facts("money")["Overdue"])
        with self.assertRefused(AccessError, ""):
            invoice.with_user(self.specialist).read(["name"])

    def test_nothing_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        self._make_order(3, 10, company_id=company.id)
        self._make_order(3, None, company_id=company.id)
        self.assertIsNone(self._section("money"))
        self.assertIsNone(self._section("orders"))

    def test_only_who_may_read_the_visit(self):
        self.assertIn("lanzhou", self.visit.with_user(self.auditor).brief)
        with self.assertRefused(AccessError, ""):
            self.visit.with_user(self.plain_user).read(["brief"])

    def test_names_are_no_markup(self):
        self.contact.name = "<script>alert(1)</script>"
        self.assertNotIn("<script>", self.visit.brief)

    def test_a_tap_calls(self):
        page = html.fromstring(self.visit.brief)
        self.assertIn("tel:+8613800000000", page.xpath("//a/@href"))

    def test_one_page_of_paper(self):
        for number in range(4):
            self._make_order(number + 1, 20 * number)
            self._carry_out(self._make_call(), opinion="Delivery is quick. " * 30)
            self.env["crm.customer.promise"].with_user(self.specialist).create(
                {
                    "partner_id": self.customer.id,
                    "description": "A promise with many words in it. " * 4,
                    "date_deadline": self.today,
                }
            )
        action = self.visit.action_print_brief()
        pdf = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, kind = pdf._render_qweb_pdf(action["report_name"], self.visit.ids)
        self.assertEqual(kind, "pdf")
        pages = PdfReader(io.BytesIO(content)).pages
        self.assertEqual(len(pages), 1)
        text = " ".join(pages[0].extract_text().split())
        self.assertIn("A promise with many words", text)
