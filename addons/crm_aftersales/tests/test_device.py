from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestDevice(CaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "GPS terminal", "crm_is_device": True, "crm_warranty_months": 24}
        )
        cls.part = cls.env["product.product"].create({"name": "Cable"})

    def _make_device(self, **values):
        return (
            self.env["crm.device"]
            .with_user(self.specialist)
            .create(
                {
                    "name": "GPS-1",
                    "product_id": self.product.id,
                    "partner_id": self.customer.id,
                    "terminal_number": "T1",
                    "sim_number": "S1",
                    **values,
                }
            )
        )

    def _make_order(self, quantity=3):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "product_uom_qty": quantity}),
                    Command.create({"product_id": self.part.id, "product_uom_qty": 5}),
                ],
            }
        )
        order.action_confirm()
        return order

    def test_warranty(self):
        bought = self.today - relativedelta(months=25)
        device = self._make_device(date_sold=bought)
        self.assertEqual(device.warranty_months, 24)
        self.assertFalse(device.is_in_warranty)
        device.date_installed = self.today - relativedelta(months=23)
        self.assertEqual(device.date_warranty_end, self.today + relativedelta(months=1))
        self.assertTrue(device.is_in_warranty)
        devices = self.env["crm.device"]
        self.assertIn(device, devices.search([("is_in_warranty", "=", True)]))
        self.assertNotIn(device, devices.search([("is_in_warranty", "=", False)]))
        device.warranty_months = 0
        self.assertFalse(device.is_in_warranty)
        self.assertIn(device, devices.search([("is_in_warranty", "=", False)]))

    def test_sold_units_become_devices(self):
        order = self._make_order()
        self.assertEqual(order.crm_device_missing, 3)
        order.action_register_crm_devices()
        devices = self.env["crm.device"].search([("order_id", "=", order.id)])
        self.assertEqual(len(devices), 3)
        self.assertEqual(devices.product_id, self.product)
        self.assertEqual(devices.partner_id, self.customer)
        order.invalidate_recordset()
        self.assertEqual((order.crm_device_count, order.crm_device_missing), (3, 0))
        with self.assertRefused(UserError, "are registered"):
            order.action_register_crm_devices()

    def test_draft_order_has_no_devices(self):
        order = self._make_order().copy()
        self.assertEqual(order.crm_device_missing, 0)
        with self.assertRefused(UserError, "Confirm order"):
            order.action_register_crm_devices()

    def test_history(self):
        device = self._make_device()
        device.write({"sim_number": "S2", "partner_id": self.other_customer.id, "note": "x"})
        changes = {line.field: (line.value_before, line.value_after) for line in device.history_ids}
        self.assertEqual(changes["sim_number"], ("S1", "S2"))
        self.assertEqual(
            changes["partner_id"],
            (self.customer.display_name, self.other_customer.display_name),
        )
        self.assertEqual(len(changes), 2)
        device.write({"sim_number": "S2"})
        self.assertEqual(len(device.history_ids), 2, "nothing changed")

    def test_history_is_the_servers(self):
        device = self._make_device()
        device.plate = "A1"
        line = device.history_ids
        for attack in (
            lambda: line.with_user(self.manager).write({"value_after": "B2"}),
            lambda: line.with_user(self.manager).unlink(),
            lambda: line.with_user(self.manager).create({"device_id": device.id, "field": "plate"}),
        ):
            with self.assertRefused(AccessError, ""):
                attack()
        with self.assertRefused(UserError, "not deleted"):
            device.with_user(self.manager).unlink()

    def test_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        device = self._make_device()
        device.sudo().company_id = company
        self.assertNotIn(device, device.with_user(self.specialist).search([]))

    def test_any_number_finds_it(self):
        device = self._make_device(plate="甘A12345")
        for text in ("GPS-1", "T1", "S1", "A12345"):
            found = self.env["crm.device"].name_search(text)
            self.assertIn(device.id, [record_id for record_id, _name in found], text)
