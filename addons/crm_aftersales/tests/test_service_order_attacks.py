from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestServiceOrderAttacks(OrderCommon):
    """Skipping the approval, forging times and technicians, writing what is done."""

    def test_a_new_order_is_a_draft_whatever_is_sent(self):
        forged = {
            "state": "done",
            "date_accepted": "2020-01-01 00:00:00",
            "date_departed": "2020-01-01 00:00:00",
            "date_arrived": "2020-01-01 00:00:00",
            "date_done": "2020-01-01 00:00:00",
            "done_by_id": self.foreign.id,
            "outside_consent_by_id": self.manager.id,
            "callback_result": "satisfied",
            "hours_to_wait": 0.1,
            "amount_charged": 0,
        }
        hostile = {f"default_{name}": value for name, value in forged.items()}
        order = self._make_order(**forged)
        other = (
            self.env["crm.service.order"]
            .with_user(self.specialist)
            .with_context(**hostile)
            .create({"partner_id": self.customer.id})
        )
        for new in order + other:
            self.assertEqual(new.state, "draft")
            self.assertEqual(new.date_accepted.date(), self.today)
            for name in forged.keys() - {"state", "date_accepted"}:
                self.assertFalse(new[name], name)

    def test_what_the_buttons_write_nobody_writes(self):
        order = self._approve(self._make_order())
        work = self._go(order, until="arrived")
        names = (
            "state",
            "date_accepted",
            "date_departed",
            "departed_by_id",
            "date_arrived",
            "date_done",
            "done_by_id",
            "outside_kind",
            "outside_consent_by_id",
            "callback_id",
            "callback_result",
            "request_id",
            "approval_state",
            "verbal_ids",
            "signature_ids",
        )
        for user in (self.technician, self.specialist, self.supervisor, self.manager):
            for name in names:
                with self.assertRefused(AccessError, "."):
                    work.with_user(user).write({name: False})
        for name in ("hours_to_wait", "hours_to_repair", "amount_charged", "staff_ids"):
            with self.assertRefused((AccessError, UserError), "."):
                work.write({name: False})

    def test_what_was_approved_stays(self):
        order = self._approve(self._make_order())
        changes = {
            "problem": "x",
            "site": "x",
            "kind": "training",
            "device_id": False,
            "is_in_warranty": False,
            "partner_id": self.other_customer.id,
            "user_id": self.technician.id,
            "department_id": False,
            "case_id": False,
        }
        for user in (self.technician, self.specialist, self.manager):
            for name, value in changes.items():
                with self.assertRefused(UserError, "locked"):
                    order.with_user(user).with_context(approval_bypass=True).write({name: value})
        with self.assertRefused(AccessError, "Only a supervisor"):
            order.date_called = "2026-01-01 00:00:00"

    def test_nobody_from_elsewhere_works_on_it(self):
        order = self._approve(self._make_order())
        line = self.env["crm.service.order.part"].create(
            {"order_id": order.id, "product_id": self.battery.id}
        )
        foreign = order.with_user(self.foreign)
        self.assertEqual(foreign.name, order.name)
        for call in (
            lambda: foreign.write({"handling": "x"}),
            lambda: foreign.write({"technician_id": self.foreign.id}),
            lambda: foreign.write({"part_ids": [Command.clear()]}),
            lambda: line.with_user(self.foreign).write({"quantity": 9}),
            lambda: line.with_user(self.foreign).unlink(),
            lambda: line.with_user(self.foreign).create(
                {"order_id": order.id, "product_id": self.battery.id}
            ),
            lambda: foreign.check_ids[:1].write({"is_done": True}),
            foreign.action_check_all,
            foreign.action_depart,
            foreign.action_arrive,
            foreign.action_finish,
            lambda: foreign._cancel("x"),
            lambda: foreign._ask_outside({}),
            lambda: foreign._record_verbal("go", self.supervisor, self.now, "x"),
        ):
            with self.assertRefused(AccessError, "."):
                call()

    def test_a_technician_does_not_approve_the_own_order(self):
        self.department.head_id = self.technician
        order = self._make_order()
        with self.assertRefused(UserError, "."):
            order.action_approval_submit()
            order.with_user(self.technician).action_approval_approve()
        self.assertEqual(order.state, "draft")

    def test_plain_and_portal_users_see_nothing(self):
        order = self._make_order()
        self.portal_user.partner_id.parent_id = self.customer
        for user in (self.plain_user, self.portal_user):
            for model in ("order", "order.part", "order.check", "order.vehicle", "order.verbal"):
                records = self.env[f"crm.service.{model}"].with_user(user)
                if user == self.portal_user:
                    with self.assertRefused(AccessError, "."):
                        records.search([])
                else:
                    self.assertFalse(records.search([]))
            with self.assertRefused(AccessError, "."):
                order.with_user(user).read(["problem"])
            with self.assertRefused(AccessError, "."):
                order.with_user(user).action_depart()
            note = self.env["crm.service.order.note"].with_user(user)
            with self.assertRefused(AccessError, "."):
                note.create({"order_id": order.id, "kind": "cancel", "note": "x"})

    def test_lines_are_not_moved_or_slipped_in(self):
        done = self._approve(self._make_order())
        self._go(done)
        open_order = self._make_order()
        part = self.env["crm.service.order.part"].with_user(self.specialist)
        line = part.create({"order_id": open_order.id, "product_id": self.battery.id})
        with self.assertRefused(UserError, "stays with its order"):
            line.order_id = done
        with self.assertRefused(UserError, "."):
            open_order.write({"part_ids": [Command.link(done.part_ids.id or line.id)]})
            done.with_user(self.specialist).write({"part_ids": [Command.link(line.id)]})
        with self.assertRefused(UserError, "stays as it is"):
            part.create({"order_id": done.id, "product_id": self.battery.id})

    def test_a_device_of_another_customer(self):
        stolen = self.env["crm.device"].create(
            {
                "name": "GPS-2",
                "product_id": self.terminal.id,
                "partner_id": self.other_customer.id,
            }
        )
        with self.assertRefused(UserError, "belongs to"):
            self._make_order(device_id=stolen.id)

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        order = self._make_order(device_id=False)
        with self.assertRefused(AccessError, "."):
            order.company_id = company
        order.sudo().write({"technician_id": False})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_service_order SET company_id = %s WHERE id = %s", [company.id, order.id]
        )
        self.env.invalidate_all()
        self.assertFalse(
            self.env["crm.service.order"].with_user(self.manager).search([("id", "=", order.id)])
        )

    def test_calls_are_not_dated_ahead_or_later_by_staff(self):
        with self.assertRefused(UserError, "in the future"):
            self._make_order(date_called=fields.Datetime.add(self.now, hours=2))
        order = self._make_order(date_called=self._hours_ago(4))
        with self.assertRefused(AccessError, "Only a supervisor"):
            order.date_called = self.now
        order.with_user(self.supervisor).date_called = self._hours_ago(3)
        self.assertEqual(order.date_called, self._hours_ago(3))

    def test_a_part_is_not_charged_by_the_back_door(self):
        order = self._make_order()
        with self.assertRefused(UserError, "in warranty"):
            order.part_ids = [
                Command.create(
                    {"product_id": self.battery.id, "is_charged": True, "price_unit": 500}
                )
            ]

    def test_a_technician_gives_nothing_away(self):
        self.device.date_sold = fields.Date.subtract(self.today, years=3)
        order = self._approve(self._make_order())
        work = self._go(order, until="arrived")
        parts = self.env["crm.service.order.part"].with_user(self.technician)
        values = {"order_id": order.id, "product_id": self.battery.id}
        for given in ({"is_charged": False}, {"is_in_warranty": True}, {"price_unit": 0}):
            with self.assertRefused(AccessError, "gives it away"):
                parts.create({**values, **given})
        part = parts.create(values)
        with self.assertRefused(AccessError, "gives it away"):
            work.part_ids = [Command.update(part.id, {"is_charged": False})]
        part.with_user(self.supervisor).is_charged = False
        self.assertEqual(order.amount_charged, 0)
