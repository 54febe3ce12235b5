from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestServiceOrderRelease(OrderCommon):
    """What has to be so before somebody sets off, and what may go on in an emergency."""

    # ------------------------------------------------------------------ checklist

    @requirement("C2.F1")
    def test_nobody_leaves_before_everything_is_packed(self):
        order = self._approve(self._make_order())
        work = order.with_user(self.technician)
        self.assertIn("Replacement terminal", order.check_ids.mapped("name"))
        work.check_ids[0].is_done = True
        self.assertEqual(work.check_ids[0].done_by_id, self.technician)
        self.assertTrue(work.check_ids[0].date_done)
        with self.assertRefused(UserError, "Check before you leave.*Replacement terminal"):
            work.action_depart()
        work.action_check_all()
        work.action_depart()
        with self.assertRefused(UserError, "checklist stays"):
            work.check_ids[0].is_done = False
        with self.assertRefused(UserError, "checklist stays"):
            work.check_ids[0].unlink()

    @requirement("C2.F1")
    def test_the_checklist_is_of_the_kind(self):
        self.env["crm.service.check.item"].with_user(self.supervisor).create(
            {"name": "Projector", "kind": "training"}
        )
        order = self._make_order()
        own = order.check_ids.create({"order_id": order.id, "name": "Ladder"})
        order.kind = "training"
        self.assertIn("Projector", order.check_ids.mapped("name"))
        self.assertNotIn("Replacement terminal", order.check_ids.mapped("name"))
        self.assertIn(own, order.check_ids)

    def test_what_is_required_cannot_be_taken_off(self):
        order = self._approve(self._make_order())
        check = order.with_user(self.technician).check_ids[0]
        with self.assertRefused(UserError, "stays on the list"):
            check.unlink()
        with self.assertRefused(UserError, "stays on the list"):
            order.with_user(self.technician).check_ids = [Command.clear()]
        with self.assertRefused(AccessError, "written by the system"):
            check.is_required = False
        with self.assertRefused(AccessError, "written by the system"):
            check.done_by_id = self.specialist
        with self.assertRefused(UserError, "set up by a supervisor"):
            check.name = "Nothing"

    # ------------------------------------------------------------------ planning

    @requirement("C2.F1")
    def test_a_double_booking_shows(self):
        start = self.now + timedelta(days=1)
        first, second, third = (
            self._make_order(date_planned=begin, date_planned_end=begin + timedelta(hours=2))
            for begin in (start, start + timedelta(hours=1), start + timedelta(hours=2))
        )
        orders = self.env["crm.service.order"]
        self.assertTrue(first.is_double_booked)
        self.assertEqual(first.conflict_text, second.display_name)
        self.assertIn(third, orders.search([("is_double_booked", "=", True)]))
        shown = second.with_context(crm_show_conflicts=True).display_name
        self.assertTrue(shown.startswith("⚠"))
        # dragged away: only the others still meet
        second.write(
            {
                "date_planned": start + timedelta(hours=4),
                "date_planned_end": start + timedelta(hours=6),
            }
        )
        self.env.invalidate_all()
        self.assertFalse(first.is_double_booked or third.is_double_booked)
        self.assertFalse(orders.search([("is_double_booked", "=", True)]))
        # a helper is one person as well
        second.write({"technician_id": False, "helper_ids": [Command.set(self.technician.ids)]})
        second.write({"date_planned": start, "date_planned_end": start + timedelta(hours=1)})
        self.env.invalidate_all()
        self.assertTrue(first.is_double_booked)
        unsaved = orders.new(
            {
                "technician_id": self.technician.id,
                "date_planned": start + timedelta(minutes=150),
                "company_id": self.company.id,
            }
        )
        self.assertEqual(unsaved.conflict_text, third.display_name)
        for name in ("technician_id", "date_planned"):
            unsaved[name] = False
            self.assertFalse(unsaved.is_double_booked, "nobody goes, or nobody knows when")

    @requirement("C2.F1")
    def test_a_double_booking_in_another_company_shows_without_its_name(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.technician.sudo().company_ids = [Command.link(other.id)]
        order = self._make_order(date_planned=self.now)
        hidden = self._make_order(
            user=self.env.user,
            company_id=other.id,
            device_id=False,
            date_planned=self.now,
        )
        self.env.invalidate_all()
        self.assertEqual(hidden.company_id, other)
        self.assertTrue(order.is_double_booked)
        self.assertEqual(order.conflict_text, "1 in other companies")

    def test_the_plan_is_made_by_who_took_it_until_somebody_sets_off(self):
        order = self._approve(self._make_order())
        work = order.with_user(self.technician)
        with self.assertRefused(AccessError, "planned by whoever took the order"):
            work.technician_id = self.foreign
        with self.assertRefused(AccessError, "planned by whoever took the order"):
            work.date_planned = self.now
        order.date_planned = self.now + timedelta(hours=1)
        self._go(order, until="departed")
        with self.assertRefused(UserError, "plan stays"):
            order.technician_id = self.specialist

    # ------------------------------------------------------------------ others go

    @requirement("C2.R11")
    def test_another_department_after_the_managers_consent(self):
        workshop = self.env["crm.service.department"].create(
            {
                "name": "Workshop",
                "company_id": self.company.id,
                "member_ids": [Command.set(self.foreign.ids)],
            }
        )
        order = self._approve(self._make_order(technician_id=self.foreign.id))
        work = order.with_user(self.foreign)
        self._pack(work)
        with self.assertRefused(UserError, "not of the department"):
            work.action_depart()
        values = {
            "outside_kind": "department",
            "outside_department_id": workshop.id,
            "outside_reason": "All technicians are in Wuwei",
        }
        with self.assertRefused(UserError, "why nobody of ours"):
            order._ask_outside({**values, "outside_reason": " "})
        order._ask_outside(values)
        self.assertEqual(order.activity_ids.user_id, self.supervisor)
        with self.assertRefused(UserError, "not consented yet"):
            work.action_depart()
        for user in (self.specialist, self.foreign, self.technician):
            with self.assertRefused(AccessError, "."):
                order.with_user(user).action_consent_outside()
        order.with_user(self.supervisor).action_consent_outside()
        self.assertEqual(order.outside_consent_by_id, self.supervisor)
        self.assertTrue(order.date_outside_consent)
        work.action_depart()
        self.assertEqual(order.state, "departed")

    @requirement("C2.R11")
    def test_a_partner_company_after_the_managers_consent(self):
        order = self._approve(self._make_order(technician_id=False))
        self._pack(order)
        with self.assertRefused(AccessError, "."):
            order.action_depart()
        values = {
            "outside_kind": "partner",
            "outside_partner_id": self.other_customer.id,
            "outside_reason": "Nobody is here",
        }
        order._ask_outside(values)
        order.with_user(self.manager).action_consent_outside()
        # another company than the one consented to needs another consent
        order._ask_outside({**values, "outside_partner_id": self.customer.id})
        self.assertFalse(order.outside_consent_by_id)
        with self.assertRefused(UserError, "Name the technician|not consented"):
            order.action_depart()
        order.with_user(self.manager).action_consent_outside()
        order.action_depart()
        order.action_arrive()
        order.handling = "Fixed by the partner"
        order.action_finish()
        self.assertEqual(order.state, "done")

    @requirement("C2.R11")
    def test_the_dialog_asks_the_manager(self):
        order = self._approve(self._make_order(technician_id=False))
        values = {
            "order_id": order.id,
            "kind": "outside",
            "outside_kind": "partner",
            "outside_partner_id": self.other_customer.id,
            "outside_contact": "Mr Ma 139",
            "note": "Nobody is here",
        }
        self.assertFalse(order.with_user(self.supervisor).is_outside_consenter)
        note = self.env["crm.service.order.note"].with_user(self.specialist)
        note.create(values).action_apply()
        self.assertEqual(order.outside_partner_id, self.other_customer)
        self.assertEqual(
            (order.outside_contact, order.outside_reason), ("Mr Ma 139", "Nobody is here")
        )
        self.assertEqual(order.outside_asked_by_id, self.specialist)
        self.env.invalidate_all()
        self.assertTrue(order.with_user(self.supervisor).is_outside_consenter)
        self.assertFalse(order.is_outside_consenter, "who asks does not consent")
        order.with_user(self.supervisor).action_consent_outside()
        self.env.invalidate_all()
        self.assertFalse(order.with_user(self.supervisor).is_outside_consenter)

    # ------------------------------------------------------------------ by word of mouth

    def _say(self, order, kind="go", approver=None, user=None, **values):
        return order.with_user(user or self.technician)._record_verbal(
            kind,
            approver or self.supervisor,
            values.get("date", self.now),
            values.get("subject", "Lorry stands on the motorway"),
        )

    @requirement("C2.R10")
    def test_set_off_on_a_verbal_approval(self):
        order = self._make_order()
        work = order.with_user(self.technician)
        verbal = self._say(order)
        self.assertEqual((verbal.approver_id, verbal.user_id), (self.supervisor, self.technician))
        self.assertEqual(order.state, "submitted")
        self.assertIn(self.supervisor, order.activity_ids.user_id)
        self._go(order)
        self.assertEqual(order.state, "done")
        self.assertTrue(order.is_unapproved)
        verbal.with_user(self.supervisor).action_confirm()
        self.env.invalidate_all()
        self.assertEqual((verbal.state, verbal.decided_by_id), ("confirmed", self.supervisor))
        # the same word approves the order, which stays where the work stands
        self.assertEqual((order.approval_state, order.state), ("approved", "done"))
        self.assertEqual(order.approved_by_id, self.supervisor)
        self.assertFalse(work.is_unapproved)
        self.assertFalse(order.activity_ids.filtered(lambda a: a.user_id == self.supervisor))

    @requirement("C2.R10")
    def test_the_written_approval_confirms_the_word(self):
        order = self._make_order()
        self.assertFalse(order.is_released)
        verbal = self._say(order)
        other = self._say(order, approver=self.manager)
        self.env.invalidate_all()
        self.assertTrue(order.is_released)
        self.assertEqual(order.verbal_open_count, 2)
        self._go(order, until="departed")
        order.with_user(self.supervisor).action_approval_approve()
        self.env.invalidate_all()
        self.assertEqual((verbal.state, verbal.decided_by_id), ("confirmed", self.supervisor))
        self.assertEqual(other.state, "open", "the manager has not said a word yet")
        self.assertEqual((order.state, order.verbal_open_count), ("departed", 1))
        self.assertTrue(other.with_user(self.manager).is_decider)
        self.assertFalse(other.with_user(self.supervisor).is_decider)
        self.assertFalse(verbal.with_user(self.supervisor).is_decider, "it is decided")

    @requirement("C2.R10")
    def test_who_went_without_a_written_approval_is_found(self):
        approved, spoken = self._approve(self._make_order()), self._make_order()
        verbal = self._say(spoken)
        both = approved | spoken
        orders = self.env["crm.service.order"]
        gone = [("id", "in", both.ids), ("is_unapproved", "=", True)]
        self.assertFalse(orders.search(gone), "nobody has gone yet")
        for order in both:
            self._go(order, until="departed")
        self.assertEqual(orders.search(gone), spoken)
        self.assertEqual(orders.search([*gone[:1], ("is_unapproved", "=", False)]), approved)
        verbal.with_user(self.supervisor).action_confirm()
        self.assertFalse(orders.search(gone))

    @requirement("C2.R10")
    def test_a_verbal_approval_that_nobody_gave(self):
        order = self._make_order()
        verbal = self._say(order)
        self._go(order, until="arrived")
        for user in (self.technician, self.specialist, self.manager):
            with self.assertRefused(AccessError, "gave this approval"):
                verbal.with_user(user).action_confirm()
        with self.assertRefused(UserError, "Say what"):
            verbal.with_user(self.supervisor)._decide("refused", " ")
        verbal.with_user(self.supervisor)._decide("refused", "I said tomorrow")
        self.env.invalidate_all()
        self.assertEqual(verbal.state, "refused")
        self.assertEqual((order.approval_state, order.state), ("returned", "arrived"))
        self.assertTrue(order.is_unapproved)
        with self.assertRefused(UserError, "already"):
            verbal.with_user(self.supervisor).action_confirm()

    @requirement("C2.R10")
    def test_open_list_and_overdue(self):
        order = self._make_order()
        verbal = self._say(order)
        verbals = self.env["crm.service.order.verbal"]
        self.assertFalse(verbal.is_overdue)
        verbal.sudo().date_due = self.now - timedelta(hours=1)
        self.assertTrue(verbal.is_overdue)
        self.assertIn(verbal, verbals.search([("is_overdue", "=", True)]))
        verbal.with_user(self.supervisor).action_confirm()
        self.assertNotIn(verbal, verbals.search([("is_overdue", "=", True)]))
        self.env.invalidate_all()
        self.assertFalse(verbal.is_overdue)

    @requirement("C2.R10")
    def test_parts_missing_on_site(self):
        order = self._approve(self._make_order())
        with self.assertRefused(UserError, "cannot be done now"):
            self._say(order, "go")
        self._go(order, until="arrived")
        verbal = self._say(order, "parts", subject="Battery of another make")
        self.assertEqual(verbal.state, "open")
        order.with_user(self.technician).handling = "Other battery fitted"
        order.with_user(self.technician).action_finish()
        verbal.with_user(self.supervisor).action_confirm()
        self.assertEqual((order.state, verbal.state), ("done", "confirmed"))

    def test_not_everybody_can_have_said_yes(self):
        order = self._make_order()
        for user in (self.foreign, self.technician, self.specialist, self.plain_user):
            with self.assertRefused(UserError, "cannot approve this order"):
                self._say(order, approver=user)
        with self.assertRefused(UserError, "in the future"):
            self._say(order, date=self.now + timedelta(hours=1))
        with self.assertRefused(AccessError, "."):
            self._say(order, user=self.foreign)
        with self.assertRefused(AccessError, "."):
            self.env["crm.service.order.verbal"].with_user(self.technician).create(
                {"order_id": order.id, "kind": "go", "subject": "x"}
            )

    def test_a_word_counts_for_what_was_submitted(self):
        order = self._make_order()
        verbal = self._say(order)
        order.with_user(self.supervisor).action_approval_return("Not this one")
        verbal.with_user(self.supervisor).action_confirm()
        order.problem = "Something else"
        order.with_user(self.technician).action_approval_submit()
        work = order.with_user(self.technician)
        self._pack(work)
        with self.assertRefused(UserError, "not approved"):
            work.action_depart()

    def test_an_order_under_way_is_not_withdrawn_or_cancelled(self):
        order = self._make_order()
        self._say(order)
        self._go(order, until="departed")
        with self.assertRefused(UserError, "not withdrawn"):
            order.with_user(self.technician).action_approval_withdraw()
        with self.assertRefused(UserError, "cannot be done now|withdraw it first"):
            order._cancel("no need")

    def test_cancel(self):
        pending = self._make_order()
        pending.action_approval_submit()
        with self.assertRefused(UserError, "withdraw it first"):
            pending._cancel("no need")
        order = self._approve(self._make_order())
        with self.assertRefused(UserError, "Say why"):
            order._cancel("")
        with self.assertRefused(AccessError, "."):
            order.with_user(self.technician)._cancel("no wish")
        note = self.env["crm.service.order.note"].with_user(self.specialist)
        note.create({"order_id": order.id, "kind": "cancel", "note": "It works"}).action_apply()
        self.assertEqual((order.state, order.cancel_reason), ("cancelled", "It works"))
        with self.assertRefused(UserError, "stays as it is"):
            order.technician_id = self.specialist

    def test_a_head_without_a_role_approves(self):
        workshop = self.env["crm.service.department"].create(
            {
                "name": "Workshop",
                "company_id": self.company.id,
                "head_id": self.plain_user.id,
                "member_ids": [Command.set(self.technician.ids)],
            }
        )
        self.company.crm_order_department_id = workshop
        other = self._make_order(department_id=self.department.id)
        order = self._make_order()
        self.assertEqual(order.department_id, workshop)
        order.action_approval_submit()
        mine = order.with_user(self.plain_user)
        self.assertEqual(mine.search([]), order)
        self.assertTrue(mine.check_ids.mapped("name"))
        with self.assertRefused(AccessError, "."):
            mine.write({"handling": "x"})
        with self.assertRefused(AccessError, "."):
            other.with_user(self.plain_user).read(["name"])
        mine.action_approval_approve()
        self.assertEqual(order.state, "approved")
        work = self._go(order, until="arrived")
        verbal = self._say(work, "parts", approver=self.plain_user)
        verbal.with_user(self.plain_user).action_confirm()
        self.assertEqual(verbal.state, "confirmed")

    def test_dialog(self):
        order = self._make_order()
        note = self.env["crm.service.order.note"].with_user(self.technician)
        dialog = note.create({"order_id": order.id, "kind": "verbal", "note": "On the motorway"})
        self.assertEqual((dialog.verbal_kind, dialog.approver_id), ("go", self.supervisor))
        dialog.action_apply()
        self.assertEqual(order.verbal_ids.subject, "On the motorway")
        self.assertEqual(order.verbal_ids.date_due - order.verbal_ids.date_recorded, timedelta(1))
        refuse = note.with_user(self.supervisor).create(
            {
                "order_id": order.id,
                "kind": "refuse",
                "verbal_id": order.verbal_ids.id,
                "note": "No",
            }
        )
        refuse.action_apply()
        self.assertEqual(order.verbal_ids.state, "refused")
        self.assertEqual(fields.Datetime.now().date(), order.verbal_ids.date_decided.date())
