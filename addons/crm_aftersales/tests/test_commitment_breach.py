from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .clock_common import ClockCommon
from .commitment_common import CommitmentCommon


@tagged("post_install", "-at_install")
class TestCommitmentBreach(CommitmentCommon, ClockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        begun = {"date_from": cls.today - timedelta(days=5), "date_approved": cls._hours_ago(120)}
        cls.commitment.sudo().write(begun)

    # ------------------------------------------------------------------ found on the clocks

    def _late_case(self, hours=5, **values):
        """A case that nobody answered; it fell due some hours ago."""
        case = self._make_case(**values)
        clock = self._clock(case, "acknowledge")
        clock.date_deadline = self._hours_ago(hours)
        self.env.flush_all()
        return case

    def _found(self, case):
        return self.env["crm.commitment.breach"].search([("case_id", "=", case.id)])

    @requirement("A4.R13", "A4.R8")
    def test_found_once(self):
        late, kept = self._late_case(), self._make_case()
        breaches = self.env["crm.commitment.breach"]
        for _twice in range(2):
            breaches._cron_find()
        found = self._found(late)
        self.assertEqual(len(found), 1)
        self.assertFalse(self._found(kept))
        self.assertEqual((found.commitment_id, found.source), (self.commitment, "clock"))
        self.assertEqual(found.clock_id, self._clock(late, "acknowledge"))
        self.assertAlmostEqual(found.hours_late, 5, 0)
        self.assertEqual((found.partner_id, found.user_id), (self.customer, self.specialist))
        self.assertEqual(found.activity_ids.user_id, self.specialist)
        self.assertEqual((found.cause, found.compensation_state), ("open", "none"))
        self.assertEqual(self.commitment.breach_count, 1)
        self.assertEqual(late.breach_count, 1)
        other = self._enforce(self._make_commitment("Other"))
        with self.assertRefused(UserError, "it stays"):
            found.with_user(self.specialist).commitment_id = other

    @requirement("A4.R13")
    def test_found_in_batches_and_killed(self):
        cases = [self._late_case() for _i in range(5)]
        breaches = self.env["crm.commitment.breach"]
        path = "odoo.addons.crm_aftersales.models.crm_commitment_breach.BATCH"
        with (
            patch(path, 2),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 0),
        ):
            breaches._cron_find()
        self.assertEqual(sum(len(self._found(case)) for case in cases), 2)
        with patch(path, 2):
            breaches._cron_find()
        self.assertEqual([len(self._found(case)) for case in cases], [1] * 5)

    @requirement("A4.R13")
    def test_what_is_no_breach_of_this_commitment(self):
        self.commitment.sudo().write(
            {
                "extent": "specific",
                "condition_type_ids": [
                    Command.set(
                        self.env["crm.customer.type"].create({"name": "T", "code": "TT"}).ids
                    )
                ],
            }
        )
        outside = self._late_case()
        before = self._late_case(24 * 40)  # fell due before the commitment was approved
        noted = self._late_case()
        self._breach(noted, item_id=self.commitment.item_ids[0].id)
        self.env["crm.commitment.breach"]._cron_find()
        self.assertFalse(self._found(outside) | self._found(before))
        self.commitment.sudo().extent = "full"
        self.env["crm.commitment.breach"]._cron_find()
        self.assertEqual(len(self._found(outside)), 1)
        self.assertFalse(self._found(before))
        self.assertEqual(self._found(noted).source, "staff", "on record already")

    @requirement("A4.R12", "A4.R13")
    def test_nothing_is_broken_after_its_end_or_between_departments(self):
        self._enforce(self._make_commitment("Between us", scope="internal"))
        late = self._late_case()
        ended = self.today - timedelta(days=3)
        for values in ({"date_to": ended}, {"date_to": False, "date_retired": ended}):
            self.commitment.sudo().write({"date_from": ended, **values})
            self.env["crm.commitment.breach"]._cron_find()
            self.assertFalse(self._found(late), values)
        self.commitment.sudo().date_retired = self.today + timedelta(days=1)
        self.env["crm.commitment.breach"]._cron_find()
        self.assertEqual(self._found(late).commitment_id, self.commitment)

    @requirement("A4.R13")
    def test_days_are_those_of_the_company(self):
        """One o'clock at night in China is the day before in Greenwich."""
        with freeze_time("2031-03-02 17:00:00"):
            case = self._make_case()
            self._clock(case, "acknowledge").date_deadline = "2031-03-02 16:30:00"
            self.commitment.sudo().date_to = "2031-03-02"
            self.env.flush_all()
            self.env["crm.commitment.breach"]._cron_find()
            self.assertFalse(self._found(case), "it held until midnight")
            self.commitment.sudo().date_to = "2031-03-03"
            self.env["crm.commitment.breach"]._cron_find()
            self.assertEqual(self._found(case).hours_late, 0.5, "found the same night")

    @requirement("A4.R13")
    def test_late_by_the_case_itself(self):
        """Items without a clock: until the callback, until the solution."""
        for name, done in (("callback_share", "date_called_back"), ("solve_share", "date_solved")):
            metric = self.env.ref(f"crm_aftersales.metric_{name}")
            items = self._prepare_commitment_values()["item_ids"]
            values = {"metric_id": metric.id, "limit": 1, "target": 90, "note": "x"}
            items = [items[metric.aspect == "activity"], Command.create(values)]
            broken = self._enforce(self._make_commitment(name, item_ids=items))
            broken.sudo().write(
                {"date_from": self.today - timedelta(days=3), "date_approved": self._hours_ago(72)}
            )
            case = self._make_case(date_opened=self._hours_ago(30)).sudo()
            if name == "callback_share":
                case.write(
                    {
                        "state": "solved",
                        "date_solved": self._hours_ago(20),
                        "date_callback_due": self._hours_ago(1),
                    }
                )
            self.env["crm.commitment.breach"]._cron_find()
            found = self._found(case).filtered(lambda b, m=metric: b.item_id.metric_id == m)
            self.assertEqual(found.commitment_id, broken)
            self.assertGreater(found.hours_late, 18)
            case[done] = self._hours_ago(10)
            found._refresh_late()
            self.assertAlmostEqual(found.hours_late, 9 if name == "callback_share" else 19, 1)

    @requirement("A4.R13")
    def test_how_late_it_came_in_the_end(self):
        late = self._late_case(1)
        self.env["crm.commitment.breach"]._cron_find()
        found = self._found(late)
        self.assertAlmostEqual(found.hours_late, 1, 0)
        found.clock_id.date_deadline = self._hours_ago(30)
        found.date_breach = self._hours_ago(30)
        found.with_user(self.specialist).write(
            {"cause": "own", "cause_note": "x", "satisfaction": "dissatisfied"}
        )
        compensation = self._propose(found.with_user(self.specialist))
        self.assertEqual(compensation.amount, 300, "it went on for more than a day")
        found.clock_id.write({"state": "met", "date_met": self._hours_ago(10)})
        self.env["crm.commitment.breach"]._cron_find()
        self.assertAlmostEqual(found.hours_late, 20, 0)

    # ------------------------------------------------------------------ answered for

    @requirement("A4.R13", "A4.R8")
    def test_when_compensation_is_due(self):
        for cause, satisfaction, state in (
            ("open", "dissatisfied", "none"),
            ("objective", "satisfied", "none"),
            ("objective", "open", "none"),
            ("objective", "dissatisfied", "needed"),
            ("own", "satisfied", "needed"),
            ("own", "dissatisfied", "needed"),
        ):
            breach = self._breach(cause=cause, satisfaction=satisfaction)
            self.assertEqual(breach.compensation_state, state, (cause, satisfaction))
            if state == "none":
                with self.assertRefused(UserError, "Compensation is due"):
                    breach.action_propose_compensation()

    @requirement("A4.R13", "A4.R10")
    def test_proposed_from_the_internal_plan(self):
        small = self._propose(self._breach(hours_late=2))
        self.assertEqual((small.kind, small.amount), ("credit", 100))
        large = self._propose(self._breach(hours_late=30))
        self.assertEqual((large.amount, large.rule_id), (300, self.plan.rule_ids[1]))
        self.assertRegex(large.name, r"^BC/\d{4}/\d+$")
        with self.assertRefused(UserError, "already"):
            large.breach_id.action_propose_compensation()
        special = self._enforce(
            self._make_plan(
                rules=[{"amount": 70, "covered_id": self.commitment.id, "cause": "own"}]
            )
        )
        self.assertEqual(self._propose(self._breach()).rule_id, special.rule_ids)
        objective = self._breach(cause="objective")
        self.assertEqual(self._propose(objective).amount, 100)

    @requirement("A4.R10", "A4.R13")
    def test_which_line_of_the_plan(self):
        """For this commitment before any, for the longest delay, of a plan that holds today and
        for its next version as well."""
        other = self._enforce(self._make_commitment("Something else"))
        plan = self._enforce(
            self._make_plan(
                rules=[
                    {"amount": 1, "covered_id": other.id},
                    {"amount": 2, "covered_id": self.commitment.id, "cause": "objective"},
                    {"amount": 3, "covered_id": self.commitment.id},
                    {"amount": 4, "covered_id": self.commitment.id, "hours_late": 8},
                ]
            )
        )
        rules = self.env["crm.compensation.rule"]

        def find(**values):
            return rules._find(self._breach(**values).sudo()).amount

        self.assertEqual((find(), find(hours_late=9)), (3, 4))
        self.assertEqual(find(cause="objective"), 2)
        new = self.commitment.browse(self.commitment.action_new_version()["res_id"])
        self._enforce(new)
        self.assertEqual(find(commitment_id=new.id), 3)
        for version in (self.commitment, new):
            self.assertEqual(version._get_versions(), self.commitment | new)
        plan.with_user(self.manager)._withdraw("Too dear")
        self.assertEqual(find(), 100, "the plan for any commitment")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.plan.sudo().write({"company_id": elsewhere.id, "user_id": False})
        self.assertEqual(find(), 0, "another company's plan")

    @requirement("A4.R10", "A4.R13")
    def test_goods_out_of_the_plan(self):
        product = self.env["product.product"].create({"name": "Cable", "lst_price": 30})
        goods = {"kind": "goods", "product_id": product.id, "quantity": 3, "hours_late": 48}
        self._enforce(self._make_plan(rules=[goods]))
        found = self._propose(self._breach(hours_late=50))
        self.assertEqual((found.kind, found.product_id, found.quantity), ("goods", product, 3))
        self.assertEqual(found.value, 90)
        for rule, pattern in (
            ({**goods, "product_id": False, "amount": 5}, "goods or the service"),
            ({"product_id": product.id}, "amount that is offered"),
        ):
            with self.assertRefused(ValidationError, pattern):
                self._make_plan(rules=[rule])
        with self.assertRefused(ValidationError, "kept internal"):
            self._make_commitment("Told", rule_ids=[Command.create({"amount": 5})])
        with self.assertRefused(ValidationError, "kept internal"):
            self._make_plan().audience = "explicit"

    @requirement("A4.R13")
    def test_approved_by_amount(self):
        small = self._propose(self._breach(), amount=500)
        self._approve_compensation(small)
        self.assertEqual(small.state, "approved")
        medium = self._propose(self._breach(), amount=500.01)
        self._approve_compensation(medium)
        self.assertEqual(medium.state, "submitted", "the customer director as well")
        medium.with_user(self.director).action_approval_approve()
        self.assertEqual(medium.state, "approved")
        large = self._propose(self._breach(), amount=5001)
        self._approve_compensation(large)
        with self.assertRefused((AccessError, UserError), ""):
            large.with_user(self.director).action_approval_approve()
        large.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(large.state, "approved")
        with self.assertRefused(UserError, "locked"):
            large.amount = 9000

    @requirement("A4.R13")
    def test_credit_note_posted_by_finance(self):
        self.customer.email = "customer@example.com"
        breach = self._breach()
        compensation = self._propose(breach, amount=120)
        with self.assertRefused(UserError, "not approved"):
            compensation.with_user(self.supervisor).action_carry_out()
        self._approve_compensation(compensation)
        with self.assertRefused(AccessError, "supervisor"):
            compensation.action_carry_out()
        compensation.with_user(self.supervisor).action_carry_out()
        move = compensation.move_id.sudo()
        self.assertEqual((move.move_type, move.state), ("out_refund", "draft"))
        self.assertEqual((move.partner_id, move.amount_total), (self.customer, 120))
        self.assertEqual(move.crm_compensation_id, compensation)
        self.assertEqual(move.invoice_origin, compensation.name)
        with self.assertRefused(UserError, "already"):
            compensation.with_user(self.supervisor).action_carry_out()
        with self.assertRefused(UserError, "compensation is due"):
            breach.action_close()
        self.assertEqual(breach.compensation_state, "running")
        move.with_user(self.finance).action_post()
        self.env.invalidate_all()
        self.assertEqual((compensation.state, breach.compensation_state), ("done", "done"))
        self.assertEqual(sum(move.line_ids.mapped("balance")), 0, "the entry balances")
        self.assertEqual(
            move.with_user(self.finance).crm_compensation_id.display_name,
            compensation.display_name,
        )
        letter = breach.case_id.message_ids.filtered(lambda m: "You get a credit" in (m.body or ""))
        self.assertEqual(len(letter), 1)
        move.with_user(self.finance).button_draft()
        move.with_user(self.finance).action_post()
        self.assertEqual(compensation.state, "done")
        again = breach.case_id.message_ids.filtered(lambda m: "You get a credit" in (m.body or ""))
        self.assertEqual(again, letter, "told once")
        self.assertEqual(letter.sudo().notified_partner_ids, self.customer)
        self.assertNotIn("As the plan says", letter.body)
        self.assertNotIn("SECRET", letter.body)
        breach.action_close()
        self.assertEqual((breach.state, breach.closed_by_id), ("closed", self.specialist))
        with self.assertRefused(UserError, "closed"):
            breach.cause = "objective"

    @requirement("A4.R13")
    def test_nothing_else_is_posted_than_was_approved(self):
        compensation = self._propose(self._breach(), amount=120)
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        move = compensation.move_id.sudo()
        move.invoice_line_ids.price_unit = 1200
        with self.assertRefused(UserError, "not what was approved"):
            move.with_user(self.finance).action_post()
        move.invoice_line_ids.price_unit = 120
        move.partner_id = self.other_customer
        with self.assertRefused(UserError, "not what was approved"):
            move.with_user(self.finance).action_post()
        move.partner_id = self.customer
        money = self.env["res.currency"].create({"name": "TST", "symbol": "T", "rounding": 0.01})
        usual = move.currency_id
        move.currency_id = money
        move.invoice_line_ids.price_unit = 120
        with self.assertRefused(UserError, "not what was approved"):
            move.with_user(self.finance).action_post()
        move.currency_id = usual
        move.invoice_line_ids.price_unit = 120
        move.with_user(self.finance).action_post()
        move.with_user(self.finance).button_draft()
        self.assertEqual(compensation.state, "approved", "taken back")
        move.with_user(self.finance).unlink()
        self.assertFalse(compensation.move_id)
        compensation.with_user(self.supervisor).action_carry_out()
        compensation.move_id.sudo().action_post()
        self.assertEqual(compensation.state, "done")

    @requirement("A4.R13")
    def test_cancelled_before_it_is_carried_out(self):
        draft = self._propose(self._breach())
        draft.action_cancel()
        self.assertEqual((draft.state, draft.breach_id.compensation_state), ("cancelled", "needed"))
        again = self._propose(draft.breach_id)
        again.action_approval_submit()
        with self.assertRefused(UserError, "where it can be cancelled"):
            again.action_cancel()
        again.with_user(self.manager).action_approval_approve()
        with self.assertRefused(AccessError, "supervisor"):
            again.action_cancel()
        supervised = again.with_user(self.supervisor)
        supervised.action_carry_out()
        with self.assertRefused(UserError, "credit note or its order first"):
            supervised.action_cancel()
        again.move_id.sudo().button_cancel()
        supervised.action_cancel()
        self.assertEqual(again.state, "cancelled")
        again.move_id.sudo().button_draft()
        with self.assertRefused(UserError, "is not approved"):
            again.move_id.with_user(self.finance).action_post()

    @requirement("A4.R13")
    def test_changed_in_the_database_after_the_approval(self):
        compensation = self._propose(self._breach(), amount=120)
        self._approve_compensation(compensation)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_compensation SET amount = 9000 WHERE id = %s", (compensation.id,)
        )
        self.env.invalidate_all()
        with self.assertRefused(UserError, "."):
            compensation.with_user(self.supervisor).action_carry_out()
        self.assertFalse(compensation.move_id)

    @requirement("A4.R13")
    def test_the_document_is_opened(self):
        compensation = self._propose(self._breach(), amount=120)
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        action = compensation.sudo().action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("account.move", compensation.move_id.id)
        )

    @requirement("A4.R13")
    def test_made_again_after_the_credit_note_was_cancelled(self):
        compensation = self._propose(self._breach(), amount=120)
        self._approve_compensation(compensation)
        supervised = compensation.with_user(self.supervisor)
        supervised.action_carry_out()
        first = compensation.move_id
        first.sudo().button_cancel()
        supervised.action_carry_out()
        self.assertNotEqual(compensation.move_id, first)

    @requirement("A4.R13")
    def test_nothing_is_missing_when_it_is_submitted(self):
        for values, pattern in (
            ({"amount": 0}, "Name the amount"),
            ({"kind": "goods", "product_id": False}, "Name the goods"),
            ({"reason": " "}, "why this and so much"),
            ({"customer_text": " "}, "what the customer is told"),
        ):
            compensation = self._propose(self._breach(), **values)
            with self.assertRefused(UserError, pattern):
                compensation.action_approval_submit()

    @requirement("A4.R13")
    def test_proposed_by_hand_only_where_it_is_due(self):
        compensations = self.env["crm.compensation"].with_user(self.specialist)
        for breach, pattern in (
            (self._breach(cause="open"), "no compensation is due"),
            (self._propose(self._breach()).breach_id, "already"),
        ):
            with self.assertRefused(UserError, pattern):
                compensations.create(
                    {"breach_id": breach.id, "partner_id": self.customer.id, "amount": 5}
                )

    @requirement("A4.R13")
    def test_no_journal_to_write_the_credit_note_in(self):
        compensation = self._propose(self._breach())
        self._approve_compensation(compensation)
        self.env["account.journal"].search([("type", "=", "sale")]).active = False
        with self.assertRefused(UserError, "no sales journal"):
            compensation.with_user(self.supervisor).action_carry_out()

    @requirement("A4.R13")
    def test_goods_by_a_free_line(self):
        product = self.env["product.product"].create({"name": "Cable", "lst_price": 30})
        compensation = self._propose(
            self._breach(), kind="goods", product_id=product.id, quantity=2
        )
        self.assertEqual(compensation.value, 60)
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        order = compensation.order_id.sudo()
        self.assertEqual((order.partner_id, order.amount_total), (self.customer, 0))
        self.assertEqual(order.crm_compensation_id, compensation)
        other = product.copy({"name": "Drum"})
        usual = {"product_id": product.id, "product_uom_qty": 2, "price_unit": 0}
        for values in ({"product_uom_qty": 20}, {"product_id": other.id}):
            order.order_line.write(values)
            order.order_line.price_unit = 0
            with self.assertRefused(UserError, "not what was approved"):
                order.action_confirm()
            order.order_line.write(usual)
        order.partner_id = self.other_customer
        order.order_line.price_unit = 0
        with self.assertRefused(UserError, "not what was approved"):
            order.action_confirm()
        order.partner_id = self.customer
        order.order_line.write({"product_uom_qty": 2, "price_unit": 5})
        with self.assertRefused(UserError, "not what was approved"):
            order.action_confirm()
        order.order_line.price_unit = 0
        order.action_confirm()
        self.assertEqual(compensation.state, "done")
        order._action_cancel()
        self.assertEqual(compensation.state, "approved")
        compensation.with_user(self.supervisor).action_carry_out()
        self.assertNotEqual(compensation.order_id, order, "made again")
        with self.assertRefused(UserError, "already"):
            compensation.with_user(self.supervisor).action_carry_out()

    @requirement("A4.R8")
    def test_unconditional_unless_a_supervisor_answers_for_it(self):
        breach = self._breach(satisfaction="satisfied")
        with self.assertRefused(UserError, "compensation is due"):
            breach.action_close()
        with self.assertRefused(AccessError, "supervisor"):
            breach._waive("They want none")
        with self.assertRefused(AccessError, "buttons"):
            breach.write({"waive_reason": "x"})
        with self.assertRefused(AccessError, "computed"):
            breach.write({"compensation_state": "done"})
        breach.with_user(self.supervisor)._waive("The customer wants none, by phone")
        self.assertEqual(breach.compensation_state, "waived")
        breach.action_close()

    @requirement("A4.R13")
    def test_closed_when_everything_is_said(self):
        breach = self._breach(cause="open", cause_note=False, satisfaction="open", remedy=False)
        with self.assertRefused(UserError, "clarify the reason"):
            breach.action_close()
        breach.write({"cause": "objective", "cause_note": "Snow on the road"})
        with self.assertRefused(UserError, "dissatisfied"):
            breach.action_close()
        breach.satisfaction = "dissatisfied"
        with self.assertRefused(UserError, "put it right"):
            breach.action_close()
        breach.satisfaction = "satisfied"
        breach.action_close()
        with self.assertRefused(UserError, "not deleted"):
            breach.with_user(self.supervisor).sudo().unlink()

    @requirement("A4.R13")
    def test_no_way_round_a_compensation_that_is_under_way(self):
        breach = self._breach()
        self._propose(breach)
        supervised = breach.with_user(self.supervisor)
        with self.assertRefused(UserError, "already"):
            supervised._waive("They want none")
        with self.assertRefused(UserError, "cancel that first"):
            supervised._cancel("No breach")
        with self.assertRefused(UserError, "it stays"):
            breach.commitment_id = self._enforce(self._make_commitment("Other"))
        for note in ("_waive", "_cancel"):
            with self.assertRefused(UserError, "in words"):
                getattr(self._breach().with_user(self.supervisor), note)(" ")

    @requirement("A4.R13")
    def test_no_breach_after_all(self):
        breach = self._breach()
        with self.assertRefused(AccessError, "supervisor"):
            breach._cancel("A wrong click")
        breach.with_user(self.supervisor)._cancel("A wrong click")
        self.assertEqual((breach.state, breach.compensation_state), ("cancelled", "none"))
        self.assertEqual(self.commitment.breach_count, 0)
        self.assertEqual(breach.case_id.breach_count, 0)

    @requirement("A4.R13")
    def test_said_in_the_dialogs(self):
        for button, field in (("action_waive", "waive_reason"), ("action_cancel", "cancel_reason")):
            breach = self._breach()
            action = getattr(breach.with_user(self.supervisor), button)()
            dialog = self._open_dialog(action, self.supervisor)
            dialog.note = "By phone"
            dialog.save().action_apply()
            self.assertEqual(breach[field], "By phone")
        self.assertEqual((breach.state, breach.closed_by_id), ("cancelled", self.supervisor))
        with self.assertRefused(AccessError, "supervisor"):
            self._breach().action_cancel()

    @requirement("A4.R13")
    def test_closed_once(self):
        breach = self._breach(self._late_case(), cause="objective", satisfaction="satisfied")
        breach.sudo()._schedule()
        self.assertEqual(breach.activity_ids.user_id, self.specialist)
        breach.action_close()
        self.assertFalse(breach.activity_ids)
        with self.assertRefused(UserError, "closed already"):
            breach.action_close()
        supervised = breach.with_user(self.supervisor)
        for step in (supervised._cancel, supervised._waive):
            with self.assertRefused(UserError, "closed already"):
                step("After all")
        self.assertEqual((breach.state, breach.waived_by_id.id), ("closed", False))

    @requirement("A4.R13")
    def test_noted_on_the_case(self):
        case = self._make_case()
        action = case.action_new_breach()
        breach = self._breach(case)
        self._breach()
        self.assertEqual(action["context"]["default_case_id"], case.id)
        breaches = self.env["crm.commitment.breach"]
        self.assertEqual(breaches.search(case.action_open_breaches()["domain"]), breach)

    @requirement("A4.R13")
    def test_an_item_of_the_same_commitment(self):
        other = self._enforce(self._make_commitment("Other"))
        with self.assertRefused(ValidationError, "item of the same commitment"):
            self._breach(item_id=other.item_ids[0].id)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRefused(ValidationError, "of one company"):
            self._breach().sudo().company_id = elsewhere

    @requirement("A4.R13")
    def test_only_what_was_in_force(self):
        draft = self._make_commitment("Draft")
        with self.assertRefused(ValidationError, "never in force"):
            self._breach(commitment_id=draft.id)

    @requirement("A4.R8")
    def test_complaints_counted_on_the_commitment(self):
        self._breach(self._make_complaint())
        self._breach()
        self._make_complaint()
        self.assertEqual((self.commitment.breach_count, self.commitment.complaint_count), (2, 1))
        self.env.invalidate_all()
        action = self.commitment.action_open_complaints()
        self.assertEqual(self.env["crm.service.case"].search_count(action["domain"]), 1)

    # ------------------------------------------------------------------ attacks

    @requirement("A4.R13")
    def test_forged_breaches_and_compensations(self):
        breach = self._breach(
            state="closed",
            source="clock",
            waived_by_id=self.manager.id,
            partner_id=self.other_customer.id,
        )
        self.assertEqual((breach.state, breach.source), ("open", "staff"))
        self.assertFalse(breach.waived_by_id)
        self.assertEqual(breach.partner_id, self.customer)
        for values in ({"source": "customer"}, {"clock_id": 1}, {"state": "closed"}):
            with self.assertRefused(AccessError, "buttons"):
                breach.write(values)
        with self.assertRefused(AccessError, ""):
            breach.with_user(self.auditor).action_close()
        compensations = self.env["crm.compensation"].with_user(self.specialist)
        values = {"breach_id": breach.id, "partner_id": self.customer.id, "amount": 50}
        with self.assertRefused(UserError, "customer of the case"):
            compensations.create({**values, "partner_id": self.other_customer.id})
        forged = compensations.with_context(default_state="approved").create(
            {
                **values,
                "state": "done",
                "date_done": fields.Datetime.now(),
                "value": 1,
                "rule_id": self.plan.rule_ids[0].id,
            }
        )
        self.assertEqual((forged.state, forged.date_done), ("draft", False))
        self.assertEqual((forged.value, forged.rule_id.id), (50, False))
        for values in ({"state": "approved"}, {"move_id": 1}, {"date_told": self.now}):
            with self.assertRefused(AccessError, ""):
                forged.write(values)
        with self.assertRefused(AccessError, "stays with its breach"):
            forged.partner_id = self.other_customer
        with self.assertRefused(AccessError, ""):
            forged.with_user(self.outsider_specialist()).amount = 5
        self.assertFalse(breach.with_user(self.plain_user).has_access("read"))

    def outsider_specialist(self):
        """A specialist of no team of the case."""
        return self._new_user("test_outside_specialist", "specialist")

    @requirement("A4.R13")
    def test_credit_not_above_the_invoice(self):
        invoice = self._invoice([(80, self.env["account.tax"])])
        compensation = self._propose(self._breach(), amount=100)
        compensation.sudo().invoice_id = invoice
        with self.assertRefused(UserError, "larger than the invoice"):
            compensation.action_approval_submit()
        for copied, pattern in (
            (invoice.copy(), "posted invoice"),
            (invoice.copy({"partner_id": self.other_customer.id}), "another customer's"),
        ):
            if pattern != "posted invoice":
                copied.action_post()
            compensation.sudo().invoice_id = copied
            with self.assertRefused(UserError, pattern):
                compensation.action_approval_submit()
        compensation.sudo().invoice_id = invoice
        compensation.amount = 80
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        self.assertEqual(compensation.move_id.reversed_entry_id, invoice)

    def _invoice(self, lines, **values):
        """A posted invoice with lines of price and taxes."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "journal_id": self.journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "x", "price_unit": price, "tax_ids": [Command.set(taxes.ids)]}
                    )
                    for price, taxes in lines
                ],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    def _taxes(self):
        """13 % on top, 6 % within the price, and an account that VAT is booked on."""
        payable = self.env["account.account"].create(
            {"name": "VAT", "code": "222199", "account_type": "liability_current"}
        )
        group = self.env["account.tax.group"].create({"name": "VAT"})
        parts = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": payable.id}),
        ]
        taxes = self.env["account.tax"].create(
            [
                {
                    "name": f"VAT {rate} test",
                    "amount": rate,
                    "price_include_override": included,
                    "country_id": self.company.account_fiscal_country_id.id,
                    "tax_group_id": group.id,
                    "invoice_repartition_line_ids": parts,
                    "refund_repartition_line_ids": parts,
                }
                for rate, included in ((13, "tax_excluded"), (6, "tax_included"))
            ]
        )
        return (*taxes, payable)

    def _credit(self, invoice, amount):
        """:return: the draft credit note of an approved compensation for the invoice"""
        compensation = self._propose(self._breach(), amount=amount)
        compensation.sudo().invoice_id = invoice
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        return compensation.move_id.sudo()

    @requirement("A4.R13")
    def test_credit_note_has_the_taxes_of_its_invoice(self):
        goods, service, payable = self._taxes()
        untaxed = self.env["account.tax"]
        invoice = self._invoice([(1000, goods), (200, goods), (530, service), (114, untaxed)])
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (2000, 186))
        move = self._credit(invoice, 200)
        self.assertEqual((move.amount_total, move.amount_tax), (200, 18.6), "a tenth of it")
        by_tax = {line.tax_ids: line.price_subtotal for line in move.invoice_line_ids}
        self.assertEqual(by_tax, {goods: 120, service: 50, untaxed: 11.4})
        self.assertEqual(move.invoice_line_ids.account_id, invoice.invoice_line_ids.account_id)
        booked = move.line_ids.filtered("tax_line_id")
        self.assertEqual(booked.account_id, payable)
        self.assertEqual({b.tax_line_id: b.balance for b in booked}, {goods: 15.6, service: 3})
        self.assertEqual(sum(move.line_ids.mapped("balance")), 0, "the entry balances")
        move.with_user(self.finance).action_post()
        self.assertEqual((move.state, move.amount_total), ("posted", 200))
        self.assertEqual(move.crm_compensation_id.state, "done")
        self.assertEqual(invoice.amount_residual, 1800, "finance sees what is left to pay")

    @requirement("A4.R13")
    def test_credit_note_is_exact_to_the_cent(self):
        """Of 113 amounts, 13 cannot be reached by a price and its rounded tax alone."""
        goods, service, _payable = self._taxes()
        invoice = self._invoice([(1000, goods), (333.33, service)])
        one = self._invoice([(1000, goods)])
        for answered, amounts in ((invoice, (0.01, 99.99)), (one, (0.08, 0.05, 1.04))):
            for amount in amounts:
                move = self._credit(answered, amount)
                self.assertEqual(move.amount_total, amount)
                self.assertEqual(sum(move.line_ids.mapped("balance")), 0)
                self.assertEqual(move.invoice_line_ids.tax_ids, answered.invoice_line_ids.tax_ids)

    @requirement("A4.R13")
    def test_credit_note_for_an_invoice_in_another_currency(self):
        goods, _service, _payable = self._taxes()
        name = "EUR" if self.company.currency_id.name != "EUR" else "USD"
        foreign = self.env["res.currency"].with_context(active_test=False)
        foreign = foreign.search([("name", "=", name)])
        foreign.active = True
        foreign.rate_ids = [
            Command.create({"name": "2020-01-01", "rate": 0.125, "company_id": self.company.id})
        ]
        invoice = self._invoice([(100, goods)], currency_id=foreign.id)
        self.assertEqual(invoice.amount_total_signed, 904)
        move = self._credit(invoice, 452)
        self.assertEqual(move.currency_id, self.company.currency_id)
        self.assertEqual((move.amount_total, move.amount_tax), (452, 52))
        move.with_user(self.finance).action_post()
        self.assertEqual(move.crm_compensation_id.state, "done")

    @requirement("A4.R13")
    def test_whose_case_it_is_found_out_later(self):
        case = self._make_case(partner_id=False)
        breach = self._breach(case)
        with self.assertRefused(UserError, "Name the customer"):
            breach.action_propose_compensation()
        case.partner_id = self.customer
        self.assertEqual(breach.partner_id, self.customer)
        self.assertGreater(breach.date_breach, self.now - timedelta(days=1))
