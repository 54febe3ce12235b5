import subprocess

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestFieldReceiptTour(MoneyCommon, HttpCase):
    """From the work on site to the money in finance's books, in Chinese, and what is printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL", "company_id": cls.company.id}
        )
        modules = ["crm_service_base", "crm_visits", "crm_aftersales"]
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(modules, ["zh_CN"])
        cls.customer.name = "兰州光学"
        people = cls.technician | cls.finance | cls.specialist | cls.supervisor
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        cls.device.date_sold = "2020-01-01"  # long out of warranty

    @requirement("C2.F2", "C1.R1")
    def test_from_the_repair_to_the_books_in_chinese(self):
        order = self._make_order()
        self._approve(order)
        work = self._go(order, "arrived")
        work.part_ids = [Command.create({"product_id": self.battery.id, "quantity": 2})]
        work.handling = "更换电池"
        work.action_finish()
        orders = "/odoo/action-crm_aftersales.crm_service_order_action_today"
        self.browser_size = "390x844"
        self.touch_enabled = True
        self._tour(orders, "take", self.technician)
        receipt = self.env["crm.field.receipt"].search([("order_id", "=", order.id)])
        self.assertEqual((receipt.state, receipt.amount), ("handed_in", 160))
        self.browser_size = "1366x768"
        self.touch_enabled = False
        to_accept = "/odoo/action-crm_aftersales.crm_field_receipt_action_finance"
        self._tour(to_accept, "accept", self.finance)
        self.assertEqual(receipt.accepted_by_id, self.finance)
        entry = receipt.payment_id.move_id
        self.assertEqual((entry.state, sum(entry.line_ids.mapped("balance"))), ("posted", 0))
        printed = self._print("crm_field_receipt_report", receipt, self.technician)
        for text in ("收款收据", "兰州光学", "壹佰陆拾元整", "☑现金", "KF-QR-085", order.name):
            self.assertIn(squeeze(text), printed)

    def _tour(self, url, name, user):
        self.start_tour(url, f"crm_field_receipt_{name}", login=user.login)
        self.env.invalidate_all()

    def _print(self, report, record, user):
        """Text of a form as somebody prints it."""
        form = self.env.ref(f"crm_aftersales.{report}")
        reports = self.env["ir.actions.report"].with_user(user)
        reports = reports.with_context(lang="zh_CN", force_report_rendering=True)
        pdf, _kind = reports._render_qweb_pdf(form, record.ids)
        run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=-1, check=True)
        return squeeze(run.stdout.decode())

    @requirement("C2.F2")
    def test_cancelled_receipt_is_printed_void(self):
        receipt = self._make_receipt()
        receipt.action_collect()
        receipt.with_user(self.supervisor)._cancel("x")
        printed = self._print("crm_field_receipt_report", receipt, self.specialist)
        self.assertIn("作废", printed)

    @requirement("C2.R5")
    def test_label(self):
        """Number, plate and symptom on a page of the size of a label."""
        unit = self._make_return(symptom="开机后红灯常亮")
        printed = self._print("crm_device_return_report_label", unit, self.specialist)
        for text in (unit.name, "甘A12345", "开机后红灯常亮"):
            self.assertIn(squeeze(text), printed)
        report = self.env.ref("crm_aftersales.crm_device_return_report_label")
        html = report.with_user(self.specialist)._render_qweb_html(report, unit.ids)[0].decode()
        self.assertIn("data:image/svg+xml;base64", html, "the barcode")
        paper = report.paperformat_id
        self.assertEqual((paper.page_width, paper.page_height), (70, 50))

    @requirement("C2.R13")
    def test_custody_list_and_count(self):
        items = self._hold(title="万用表", serial_number="WY-1") | self._hold(title="压线钳")
        other = self._hold(title="人字梯", holder_id=self.outsider.id)
        printed = self._print("crm_custody_item_report", items | other, self.supervisor)
        for text in ("工具材料资料保管清单", "万用表", "WY-1", "人字梯", self.specialist.name):
            self.assertIn(squeeze(text), printed)
        count = self.env["crm.custody.count"].with_user(self.supervisor).create({})
        count.action_fill()
        count.action_all_there()
        count.line_ids[:1].write({"quantity_counted": 0, "explanation": "借给售楼处"})
        count.action_approval_submit()
        count.with_user(self.manager).action_approval_approve()
        printed = self._print("crm_custody_count_report", count, self.supervisor)
        for text in ("保管盘点表", "借给售楼处", "-1", self.manager.name):
            self.assertIn(squeeze(text), printed)
