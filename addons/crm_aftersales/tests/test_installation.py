import io
from datetime import timedelta

import openpyxl

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestInstallation(OrderCommon):
    """From the request with its vehicles and drivers to the devices in them."""

    def _make_request(self, plates=("甘A1", "甘A2", "甘A3"), **values):
        request = (
            self.env["crm.installation.request"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "line_ids": [
                        Command.create({"product_id": self.terminal.id, "quantity": len(plates)})
                    ],
                    "vehicle_ids": [
                        Command.create({"plate": plate, "model": "Lorry", "color": "White"})
                        for plate in plates
                    ],
                    "driver_ids": [
                        Command.create({"name": "Mr Li", "phone": "138", "plate": plates[0]})
                    ],
                    "design": "Behind the dashboard",
                    "design_by_id": self.technician.id,
                    "date_designed": self.today,
                    "date_wanted": self.now + timedelta(days=2),
                    **values,
                }
            )
        )
        request.action_confirm()
        return request

    def _dispatch(self, request, plates):
        vehicles = request.vehicle_ids.filtered(lambda v: v.plate in plates)
        dialog = (
            self.env["crm.installation.dispatch"]
            .with_user(self.specialist)
            .create({"request_id": request.id, "technician_id": self.technician.id})
        )
        self.assertEqual(
            dialog.vehicle_ids, request.vehicle_ids.filtered(lambda v: not v.is_dispatched)
        )
        dialog.vehicle_ids = vehicles
        action = dialog.action_dispatch()
        return self.env["crm.service.order"].with_user(self.specialist).browse(action["res_id"])

    @requirement("C2.R3", "C2.F1")
    def test_one_request_becomes_several_orders(self):
        request = self._make_request(contact_name="Mr Ma")
        self.assertRegex(request.name, r"^AZ/\d{4}/\d{5}$")
        self.assertEqual((request.contact_name, request.site), ("Mr Ma", "Donggang 12"))
        first = self._dispatch(request, ("甘A1", "甘A2"))
        request.note = "Bring the long cables"
        self.assertEqual(request.state, "confirmed")
        self.assertEqual(first.vehicle_ids.mapped("plate"), ["甘A1", "甘A2"])
        self.assertEqual(first.vehicle_ids[0].driver, "Mr Li")
        self.assertEqual(first.vehicle_ids[0].phone, "138")
        self.assertEqual(first.note, "Behind the dashboard")
        self.assertEqual(first.date_planned, request.date_wanted)
        with self.assertRefused(UserError, "Dispatched already: 甘A2"):
            request._dispatch(request.vehicle_ids[1:])
        second = self._dispatch(request, ("甘A3",))
        self.assertEqual((request.state, request.order_count), ("dispatched", 2))
        second._cancel("Wrong day")
        self.assertEqual((request.state, request.vehicle_open_count), ("confirmed", 1))
        third = self._dispatch(request, ("甘A3",))
        self._install(first)
        self.assertEqual(request.state, "dispatched")
        self._install(third)
        self.assertEqual(request.state, "done")
        with self.assertRefused(UserError, "stays as it is"):
            request.note = "x"
        with self.assertRefused(UserError, "stays as it is"):
            request.vehicle_ids[0].color = "Red"

    def _install(self, order):
        self._approve(order)
        work = self._go(order, until="arrived")
        for number, line in enumerate(work.vehicle_ids, order.id * 10):
            line.write({"terminal_number": f"T{number}", "sim_number": f"S{number}"})
        work.handling = "Fitted and tried out"
        work.action_finish()
        return work

    @requirement("C2.F1", "C2.R1")
    def test_what_was_fitted_becomes_a_device(self):
        order = self._dispatch(self._make_request(), ("甘A1", "甘A2", "甘A3"))
        order.date_sold = self.today - timedelta(days=20)
        self._approve(order)
        work = self._go(order, until="arrived")
        lines = work.vehicle_ids
        lines[0].write({"terminal_number": "T77", "sim_number": "S77"})
        lines[1].remark = "Vehicle did not come"
        work.handling = "Fitted"
        with self.assertRefused(UserError, "terminal number of each vehicle.*甘A3"):
            work.action_finish()
        known = self.env["crm.device"].create(
            {"name": "GPS-9", "product_id": self.terminal.id, "partner_id": self.customer.id}
        )
        lines[2].write({"terminal_number": "T99", "device_id": known.id})
        work.action_finish()
        device = lines[0].device_id
        self.assertEqual(
            (device.name, device.plate, device.sim_number, device.vehicle),
            ("T77", "甘A1", "S77", "Lorry White"),
        )
        self.assertEqual(device.date_installed, self.today)
        self.assertEqual(device.date_sold, order.date_sold, "its warranty runs from the sale")
        self.assertEqual(set(device.history_ids.mapped("source")), {order.name})
        self.assertEqual((known.terminal_number, known.plate), ("T99", "甘A3"))
        self.assertFalse(lines[1].device_id)

    @requirement("C2.R3")
    def test_from_a_sales_order_in_one_click(self):
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": self.terminal.id, "product_uom_qty": 2}),
                    Command.create({"product_id": self.labour.id, "product_uom_qty": 1}),
                ],
            }
        )
        with self.assertRefused(UserError, "Confirm order"):
            sale.action_request_crm_installation()
        sale.action_confirm()
        sale.action_register_crm_devices()
        request = self.env["crm.installation.request"].browse(
            sale.action_request_crm_installation()["res_id"]
        )
        self.assertEqual(request.sale_order_id, sale)
        self.assertEqual(request.line_ids.mapped("product_id"), self.terminal)
        self.assertEqual(request.line_ids.quantity, 2)
        self.assertEqual(sale.crm_installation_count, 1)
        # the units of the sale get the numbers; no new ones are made
        request.user_id = self.specialist
        request.vehicle_ids = [Command.create({"plate": "甘B1"}), Command.create({"plate": "甘B2"})]
        request.with_user(self.specialist).action_confirm()
        order = self._dispatch(request.with_user(self.specialist), ("甘B1", "甘B2"))
        self._install(order)
        devices = self.env["crm.device"].search([("sale_line_id.order_id", "=", sale.id)])
        self.assertEqual(len(devices), 2)
        self.assertEqual(sorted(devices.mapped("plate")), ["甘B1", "甘B2"])
        self.assertEqual(sale.crm_service_order_count, 1)

    @requirement("C2.R3")
    def test_the_lists_come_in_through_templates(self):
        request = self._make_request()
        for model in ("vehicle", "driver"):
            lines = self.env[f"crm.installation.{model}"].with_user(self.specialist)
            data = lines._render_import_template()
            rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
            self.assertEqual(rows[1][0], request.name)
            names = list(lines._get_import_template_rows()[0])
            result = lines.load(names, [[str(cell or "") for cell in row] for row in rows[1:]])
            self.assertTrue(result["ids"], result["messages"])
            self.assertEqual(lines.browse(result["ids"]).request_id, request)

    def test_incomplete_requests_are_not_confirmed(self):
        request = self.env["crm.installation.request"].create({"partner_id": self.customer.id})
        request.phone = False
        with self.assertRefused(UserError, "Phone, Products"):
            request.action_confirm()
        with self.assertRefused(UserError, "cannot be done now"):
            request.action_dispatch()

    def test_requests_are_not_forged(self):
        request = self._make_request()
        with self.assertRefused(AccessError, "buttons"):
            request.state = "done"
        with self.assertRefused(AccessError, "."):
            request.with_user(self.foreign).action_dispatch()
        with self.assertRefused(AccessError, "."):
            request.with_user(self.foreign).vehicle_ids[0].plate = "x"
        forged = request.copy({"state": "done"})
        self.assertEqual(forged.state, "draft")
        order = self._dispatch(request, ("甘A1",))
        with self.assertRefused(AccessError, "."):
            order.request_id = forged
        with self.assertRefused(AccessError, "."):
            order.vehicle_ids.vehicle_id = request.vehicle_ids[1]
        with self.assertRefused(UserError, "stays on the list"):
            request.vehicle_ids.filtered("is_dispatched").unlink()
        with self.assertRefused(UserError, "Cancel the service orders"):
            request.action_cancel()
        self._approve(order)
        with self.assertRefused(UserError, "locked"):
            order.with_user(self.technician).vehicle_ids[0].plate = "甘A9"
        with self.assertRefused(UserError, "locked"):
            order.with_user(self.technician).vehicle_ids = [Command.create({"plate": "x"})]
        self.assertEqual(fields.Date.today(), self.today)

    @requirement("C2.R3")
    def test_a_request_that_comes_to_nothing(self):
        request = self._make_request()
        with self.assertRefused(UserError, "cancel the request instead"):
            request.sudo().unlink()
        vehicles = self.env["crm.installation.vehicle"]
        own = [("request_id", "=", request.id)]
        order = self._dispatch(request, ("甘A1",))
        sent = vehicles.search([*own, ("is_dispatched", "=", True)])
        self.assertEqual(sent.mapped("plate"), ["甘A1"])
        waiting = vehicles.search([*own, ("is_dispatched", "=", False)])
        self.assertEqual(waiting, request.vehicle_ids - sent)
        order._cancel("Wrong day")
        self.assertFalse(vehicles.search([*own, ("is_dispatched", "=", True)]))
        self.assertTrue(request.is_editable)
        request.action_cancel()
        self.assertEqual(request.state, "cancelled")
        self.env.invalidate_all()
        self.assertFalse(request.is_editable)
        with self.assertRefused(UserError, "stays as it is"):
            request.driver_ids.unlink()
        with self.assertRefused(UserError, "cannot be done now"):
            request.action_dispatch()
