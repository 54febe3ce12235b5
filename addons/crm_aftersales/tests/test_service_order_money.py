from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestServiceOrderMoney(MoneyCommon):
    """What is charged for an order, and what was taken for it (C2.F2, C1.R1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.device.date_sold = "2020-01-01"  # long out of warranty
        cls.env.user.group_ids += cls.env.ref("account.group_account_invoice")
        cls.env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL", "company_id": cls.company.id}
        )
        seller = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.supervisor.group_ids += seller

    def _on_site(self, **values):
        """A repair of 160 and free labour, the technician on site."""
        order = self._make_order(**values)
        self._approve(order)
        work = self._go(order, "arrived")
        work.part_ids = [
            Command.create({"product_id": self.battery.id, "quantity": 2}),
            Command.create({"product_id": self.labour.id}),
        ]
        return work

    def _take(self, order, **values):
        """Through the button of the order, as the technician does it."""
        action = order.action_new_receipt()
        form = Form(
            self.env["crm.field.receipt"]
            .with_user(self.technician)
            .with_context(**action["context"])
        )
        for name, value in values.items():
            form[name] = value
        return form.save()

    @requirement("C2.F2")
    def test_collected_against_charged(self):
        order = self._on_site()
        self.assertEqual((order.amount_charged, order.amount_to_collect), (160, 160))
        first = self._take(order, amount=100)
        self.assertEqual((first.kind, first.order_id), ("repair", order))
        self.assertEqual(order.amount_collected, 0, "a draft is no money")
        first.action_collect()
        order.invalidate_recordset()
        self.assertEqual((order.amount_collected, order.amount_to_collect), (100, 60))
        second = self._take(order)
        self.assertEqual(second.amount, 60)
        self._hand_in(second)
        order.invalidate_recordset()
        self.assertEqual((order.receipt_count, order.amount_to_collect), (2, 0))
        second.with_user(self.supervisor)._cancel("Counted wrongly")
        order.invalidate_recordset()
        self.assertEqual((order.amount_collected, order.amount_to_collect), (100, 60))
        seen = second.with_user(self.supervisor).search(order.action_open_receipts()["domain"])
        self.assertEqual(seen, first | second)

    @requirement("C1.R1")
    def test_trial_and_charging(self):
        """Trials and card charging are orders as well: their money takes the same way."""
        for kind in ("trial", "charging"):
            order = self._make_order(kind=kind)
            self._approve(order)
            work = self._go(order, "arrived")
            receipt = self._take(work, amount=30)
            self.assertEqual(receipt.kind, kind)
            self._hand_in(receipt)
            receipt.with_user(self.finance).action_accept()
            self.assertEqual(receipt.sudo().payment_id.amount, 30)

    @requirement("C2.F2")
    def test_quotation_invoice_payment(self):
        order = self._on_site()
        order.handling = "Battery replaced"
        order.action_finish()
        head = order.with_user(self.supervisor)
        action = head.action_charge()
        quotation = order.sudo().charge_order_id
        self.assertEqual(action["res_id"], quotation.id)
        self.assertEqual(quotation.state, "draft")
        line = quotation.order_line
        self.assertEqual((line.product_id, line.product_uom_qty), (self.battery, 2))
        self.assertEqual((line.price_unit, quotation.amount_untaxed), (80, 160))
        self.assertEqual(quotation.origin, order.name)
        with self.assertRefused(UserError, "already"):
            head.action_charge()
        line.tax_ids = [Command.clear()]
        self.battery.invoice_policy = "order"
        quotation.action_confirm()
        invoice = quotation._create_invoices()
        invoice.action_post()
        order.invalidate_recordset()
        self.assertEqual(order.invoice_count, 1)
        receipt = self._hand_in(self._take(order))
        receipt.with_user(self.finance).action_accept()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(receipt.sudo().payment_id.reconciled_invoice_ids, invoice)

    @requirement("C2.F2")
    def test_form_tells_of_the_money(self):
        order = self._on_site()
        self.assertEqual((order._get_form_received(), order._get_form_handed_in()), ("", ""))
        receipt = self._take(order)
        receipt.action_collect()
        self.assertIn(receipt.name, order._get_form_received())
        self.assertIn("160", order._get_form_received())
        self.assertEqual(order._get_form_handed_in(), "")
        receipt.action_hand_in()
        self.assertIn(str(self.today.year), order._get_form_handed_in())

    @requirement("C2.F2")
    def test_cancelled_quotation_is_made_anew(self):
        head = self._on_site().with_user(self.supervisor)
        head.action_charge()
        first = head.sudo().charge_order_id
        first.action_cancel()
        head.action_charge()
        self.assertNotEqual(head.sudo().charge_order_id, first)

    @requirement("C2.F2")
    def test_who_makes_no_quotation(self):
        order = self._on_site()
        with self.assertRefused(AccessError, "ask sales"):
            order.action_charge()
        with self.assertRefused(AccessError, ""):
            order.with_user(self.plain_user).action_charge()
        with self.assertRefused(AccessError, ""):
            order.write({"charge_order_id": self.env["sale.order"].search([], limit=1).id})
        order.part_ids.filtered("amount").unlink()
        with self.assertRefused(UserError, "Nothing of order"):
            order.with_user(self.supervisor).action_charge()
        early = self._make_order()
        with self.assertRefused(UserError, "cannot be done"):
            early.with_user(self.supervisor).action_charge()

    @requirement("C2.R5")
    def test_unit_is_sent_back(self):
        order = self._on_site()
        action = order.action_new_return()
        form = Form(
            self.env["crm.device.return"]
            .with_user(self.technician)
            .with_context(**action["context"])
        )
        unit = form.save()
        self.assertEqual((unit.device_id, unit.order_id), (self.device, order))
        self.assertEqual(unit.symptom, "No position since yesterday")
        order.invalidate_recordset()
        self.assertEqual(order.return_count, 1)
