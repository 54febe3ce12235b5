from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.common import draw_signature

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestServiceOrderLinks(OrderCommon):
    """What an order does to the case, the device, the customer's callback."""

    @requirement("C2.F2")
    def test_from_a_case_in_one_click(self):
        case = self._make_case(
            kind="request", subject="No position", description="Since yesterday", phone="0931 77"
        )
        action = case.action_make_service_order()
        order = self.env["crm.service.order"].browse(action["res_id"])
        self.assertEqual(order.case_id, case)
        self.assertEqual(order.problem, "No position\nSince yesterday")
        self.assertEqual((order.phone, order.device_id), ("0931 77", self.device))
        self.assertEqual(order.product_id, self.terminal)
        self.assertEqual(order.date_called, case.date_opened)
        self.assertEqual(case.service_order_count, 1)
        self.assertEqual(case.action_open_service_orders()["res_id"], order.id)
        unknown = self._make_case(partner_id=False)
        with self.assertRefused(UserError, "Name the customer"):
            unknown.action_make_service_order()
        self._solve(case)
        with self.assertRefused(UserError, "served on site"):
            case.action_make_service_order()

    @requirement("C2.R15")
    def test_the_arrival_stops_the_clock_of_the_case(self):
        self.env["crm.deadline.policy"].create(
            {"name": "On site", "target": "arrive", "kind": "request", "amount": 4, "unit": "hour"}
        )
        case = self._make_case(kind="request")
        clock = case.clock_ids.filtered(lambda c: c.target == "arrive")
        self.assertFalse(clock.date_met)
        order = self._approve(self._make_order(case_id=case.id))
        self._go(order, until="arrived")
        self.env.invalidate_all()
        self.assertTrue(clock.date_met)

    @requirement("C2.F2", "C2.R1")
    def test_replaced_numbers_are_written_to_the_device(self):
        order = self._approve(self._make_order())
        self._go(order, new_terminal_number=" T2 ", new_sim_number="S2")
        self.assertEqual((self.device.terminal_number, self.device.sim_number), ("T2", "S2"))
        changes = self.device.history_ids.filtered(lambda line: line.source == order.name)
        self.assertEqual(
            set(changes.mapped(lambda line: (line.field, line.value_before, line.value_after))),
            {("terminal_number", "T1", "T2"), ("sim_number", "S1", "S2")},
        )
        self.assertEqual((order.old_terminal_number, order.new_terminal_number), ("T1", " T2 "))
        self.assertEqual(self.device.service_order_count, 1)
        # another change names no order
        self.device.plate = "甘A99999"
        self.env.invalidate_all()
        self.assertFalse(self.device.history_ids[0].source)

    @requirement("C2.R1")
    def test_device_and_customer_lead_to_the_orders(self):
        order = self._make_order()
        action = self.device.with_user(self.specialist).action_open_service_orders()
        self.assertIn(order, self.env[action["res_model"]].search(action["domain"]))
        action = self.customer.with_user(self.specialist).action_open_crm_service_orders()
        self.assertIn(order, self.env[action["res_model"]].search(action["domain"]))
        self.assertEqual(self.customer.with_user(self.specialist).crm_service_order_count, 1)
        contacts = self.env["crm.service.contact"].search(
            [("commercial_partner_id", "=", self.customer.id), ("kind", "=", "order")]
        )
        self.assertEqual(contacts.reference, order.name)
        self.assertEqual(contacts.action_open_document()["res_id"], order.id)

    # ------------------------------------------------------------------ callback

    def _answer(self, visit, **values):
        """Whoever took the order calls back and submits the record."""
        visit = visit.with_user(self.specialist)
        visit.write(
            {
                "date_start": fields.Datetime.now(),
                "callback_quality": "good",
                "callback_attitude": "good",
                "satisfaction_service": "good",
                "callback_price": "right",
                "result": "Works",
                **values,
            }
        )
        visit.action_finish()
        visit.action_approval_submit()
        self.env.invalidate_all()

    @requirement("E2.R7")
    def test_a_repair_is_called_back_by_who_took_it(self):
        order = self._approve(self._make_order())
        self._go(order)
        visit = order.callback_id
        self.assertEqual(visit.callback_kind, "repair")
        self.assertEqual((visit.service_order_id, visit.user_id), (order, self.specialist))
        self.assertEqual(visit.date_callback_due, order.date_done + timedelta(hours=24))
        order.sudo().date_done = self.now - timedelta(hours=2)
        self._answer(visit)
        self.assertEqual(order.callback_result, "satisfied")
        self.assertEqual(order.date_called_back, visit.date_start)

    @requirement("E2.R7", "E2.R10")
    def test_a_paid_service_has_its_price_checked(self):
        self.device.date_sold = fields.Date.subtract(self.today, years=3)
        order = self._approve(self._make_order())
        work = self._go(order, until="arrived")
        work.write(
            {
                "handling": "Battery replaced",
                "part_ids": [Command.create({"product_id": self.battery.id})],
            }
        )
        work.action_finish()
        visit = order.callback_id
        self.assertEqual(visit.callback_kind, "paid")
        order.sudo().date_done = self.now - timedelta(hours=2)
        self._answer(visit, callback_price="wrong", callback_shortcoming="Paid 100")
        self.assertEqual(order.callback_result, "dissatisfied")
        todo = order.activity_ids.filtered(lambda a: a.user_id == self.supervisor)
        self.assertIn("Paid 100", todo.note)
        self.assertEqual(visit.letter_ids.department_to_id, self.department)

    @requirement("E2.R10")
    def test_a_callback_follows_the_work(self):
        order = self._approve(self._make_order())
        self._go(order)
        visit = order.callback_id.with_user(self.specialist)
        with self.assertRefused(UserError, "after the work was done"):
            self._answer(visit, date_start=self.now - timedelta(hours=5))

    @requirement("C2.F2")
    def test_the_case_names_the_device_where_there_is_no_doubt(self):
        camera = self.env["product.product"].create({"name": "Camera"})
        other = self.env["crm.device"].create(
            {"name": "CAM-1", "product_id": camera.id, "partner_id": self.customer.id}
        )
        orders = self.env["crm.service.order"]
        for product, device in ((camera, other), (self.terminal, self.device), (False, False)):
            case = self._make_case(product_id=product and product.id)
            order = orders.browse(case.action_make_service_order()["res_id"])
            self.assertEqual(order.device_id, device or self.env["crm.device"])

    def test_free_training_needs_no_callback(self):
        order = self._approve(self._make_order(kind="training"))
        self._go(order)
        self.assertFalse(order.callback_id)

    @requirement("C1.R1")
    def test_trials_and_card_charging(self):
        for kind in ("trial", "charging"):
            order = self._approve(self._make_order(kind=kind, device_id=False))
            self._go(order)
            self.assertEqual(order.state, "done")
        orders = self.env["crm.service.order"].search([("kind", "in", ("trial", "charging"))])
        self.assertEqual(len(orders.filtered(lambda o: o.partner_id == self.customer)), 2)

    # ------------------------------------------------------------------ signature

    @requirement("C2.R1")
    def test_the_customer_reads_what_is_free(self):
        order = self._approve(self._make_order())
        work = self._go(order, until="arrived")
        work.part_ids = [
            Command.create({"product_id": self.battery.id, "quantity": 2, "is_charged": False})
        ]
        self.assertEqual(dict(work._get_signature_lines())["Battery"], "2 × free of charge")
        self.assertEqual(work._get_signature_name(), order.contact_name)

    @requirement("C2.F2")
    def test_the_customer_signs(self):
        order = self._approve(self._make_order())
        work = self._go(order)
        captions = dict(work._get_signature_lines())
        self.assertEqual(captions["Handling"], "Terminal replaced")
        values = {"role": "customer", "channel": "backend", "name": "Mr Wang"}
        work._sign_by_user({**values, "image": draw_signature()}, work._get_signature_digest())
        self.env.invalidate_all()
        self.assertEqual(order.signature_state, "valid")
        order.sudo().handling = "Something else"
        self.env.invalidate_all()
        self.assertEqual(order.signature_state, "differs")
