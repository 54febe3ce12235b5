from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestServiceOrder(OrderCommon):
    @requirement("C2.F2")
    def test_the_device_fills_the_order(self):
        order = self._make_order()
        self.assertRegex(order.name, r"^GD/\d{4}/\d{5}$")
        self.assertEqual(order.product_id, self.terminal)
        self.assertEqual(order.date_sold, self.device.date_sold)
        self.assertEqual(order.plate, "甘A12345")
        self.assertEqual(order.old_terminal_number, "T1")
        self.assertEqual(order.old_sim_number, "S1")
        self.assertEqual(order.phone, self.customer.phone)
        self.assertEqual(order.site, "Donggang 12")
        self.assertTrue(order.is_in_warranty)

    @requirement("C2.F2")
    def test_only_who_can_open_orders_is_sent(self):
        order = self._make_order()
        for values in (
            {"technician_id": self.plain_user.id},
            {"helper_ids": [Command.link(self.plain_user.id)]},
        ):
            with self.assertRefused(ValidationError, "role of a specialist"):
                order.write(values)

    @requirement("C2.F2")
    def test_nobody_goes_before_the_manager_approved(self):
        order = self._make_order()
        work = order.with_user(self.technician)
        with self.assertRefused(UserError, "not approved"):
            work.action_depart()
        order.action_approval_submit()
        self.assertEqual(order.state, "submitted")
        self.assertEqual(order.approval_user_ids, self.supervisor)
        with self.assertRefused(UserError, "not approved"):
            work.action_depart()
        order.with_user(self.supervisor).action_approval_approve()
        self._pack(work)
        work.action_depart()
        self.assertEqual(order.state, "departed")
        self.assertEqual(order.departed_by_id, self.technician)

    @requirement("C2.F2")
    def test_what_is_missing_is_named(self):
        order = self._make_order(problem=False, device_id=False, site=False)
        order.site = False
        with self.assertRefused(UserError, "Address, Product Model, and Problem and Symptoms"):
            order.action_approval_submit()

    def test_only_the_technicians_work_on_it(self):
        order = self._approve(self._make_order())
        with self.assertRefused(AccessError, "."):
            order.with_user(self.foreign).action_depart()
        with self.assertRefused(AccessError, "Only the technicians"):
            order.action_depart()
        self._go(order)
        self.assertEqual(order.state, "done")

    def test_the_record_is_complete_before_the_end(self):
        order = self._approve(self._make_order())
        work = self._go(order, until="arrived")
        with self.assertRefused(UserError, "Handling"):
            work.action_finish()

    @requirement("C2.R15")
    def test_times_are_measured(self):
        called = self._hours_ago(5)
        order = self._approve(self._make_order(date_called=called))
        order.sudo().date_accepted = self._hours_ago(3)
        self._go(order)
        order.sudo().write({"date_arrived": self._hours_ago(2), "date_done": self._hours_ago(0.5)})
        self.assertAlmostEqual(order.hours_to_call, 2)
        self.assertAlmostEqual(order.hours_to_wait, 1)
        self.assertAlmostEqual(order.hours_to_repair, 1.5)
        rows = self.env["crm.service.order"].formatted_read_group(
            [("id", "=", order.id)], ["kind"], ["hours_to_wait:avg", "hours_to_repair:avg"]
        )
        self.assertAlmostEqual(rows[0]["hours_to_repair:avg"], 1.5)

    @requirement("C2.R15")
    def test_when_he_called_is_not_made_up(self):
        with self.assertRefused(ValidationError, "called in the future"):
            self._make_order(date_called=fields.Datetime.add(self.now, hours=1))
        order = self._make_order()
        with self.assertRefused(AccessError, "Only a supervisor changes when"):
            order.date_called = self._hours_ago(3)
        order.with_user(self.supervisor).date_called = self._hours_ago(3)
        self.assertEqual(order.date_called, self._hours_ago(3))
        for name in ("hours_to_call", "hours_to_wait", "hours_to_repair", "date_arrived"):
            with self.assertRefused((AccessError, ValidationError), ""):
                order.with_user(self.supervisor).write({name: False})

    @requirement("C2.R15")
    def test_times_that_are_not_over(self):
        order = self._approve(self._make_order())
        self.assertEqual((order.hours_to_wait, order.hours_to_repair), (0, 0))

    @requirement("C2.R1")
    def test_parts_are_charged_out_of_warranty_only(self):
        order = self._make_order(
            part_ids=[Command.create({"product_id": self.battery.id, "quantity": 2})]
        )
        self.assertFalse(order.part_ids.is_charged)
        self.assertEqual(order.amount_charged, 0)
        with self.assertRefused(ValidationError, "in warranty"):
            order.part_ids.is_charged = True
        self.device.date_sold = fields.Date.subtract(self.today, years=3)
        late = self._make_order(
            part_ids=[
                Command.create({"product_id": self.battery.id, "quantity": 2}),
                Command.create({"product_id": self.labour.id}),
            ]
        )
        self.assertFalse(late.is_in_warranty)
        self.assertEqual(late.part_ids.mapped("is_charged"), [True, False])
        self.assertEqual(late.amount_charged, 160)
        with self.assertRefused(ValidationError, "labour"):
            late.part_ids[1].is_charged = True
        with self.assertRefused(ValidationError, "follows from the device"):
            late.is_in_warranty = True

    def test_done_is_done(self):
        order = self._approve(self._make_order())
        work = self._go(order, until="arrived")
        work.write({"part_ids": [Command.create({"product_id": self.battery.id})]})
        work.handling = "Battery replaced"
        work.action_finish()
        with self.assertRefused(UserError, "stays as it is"):
            work.handling = "Nothing"
        with self.assertRefused(UserError, "stays as it is"):
            work.part_ids.quantity = 5
        with self.assertRefused(UserError, "stays as it is"):
            work.part_ids.unlink()
        with self.assertRefused(UserError, "stays as it is"):
            self.env["crm.service.order.part"].with_user(self.technician).create(
                {"order_id": order.id, "product_id": self.battery.id}
            )
