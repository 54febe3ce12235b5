import doctest
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, Form, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import chinese_amount
from .money_common import MoneyCommon

NAME = "Receipt race"


@tagged("post_install", "-at_install")
class TestFieldReceipt(MoneyCommon):
    """Money from the customer's hand to finance's books (C2.F2, C1.R1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.till = cls.env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL", "company_id": cls.company.id}
        )

    def _apply(self, receipt, method, user, reason):
        """Through the dialog, as people do it."""
        action = getattr(receipt.with_user(user), method)()
        model = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
        dialog = Form(model)
        dialog.reason = reason
        dialog.save().action_apply()
        receipt.invalidate_recordset()

    def _accept(self, receipt, user=None):
        receipt.with_user(user or self.finance).action_accept()
        receipt.invalidate_recordset()
        return receipt.sudo().payment_id

    # ------------------------------------------------------------------ the way of the money

    @requirement("C2.F2", "C1.R1")
    def test_from_customer_to_books(self):
        receipt = self._make_receipt(kind="charging", description="Card charged")
        self.assertRegex(receipt.name, r"^SK/\d{4}/\d{5}$")
        receipt.action_collect()
        self.assertEqual((receipt.state, receipt.amount_open), ("collected", 120))
        receipt.action_hand_in()
        self.assertEqual(receipt.handed_in_by_id, self.specialist)
        self.assertEqual(receipt.amount_open, 120, "finance has not accepted it")
        payment = self._accept(receipt)
        self.assertEqual((receipt.state, receipt.amount_open), ("accepted", 0))
        self.assertEqual(receipt.accepted_by_id, self.finance)
        self.assertEqual(payment.create_uid, self.finance)
        self.assertEqual((payment.amount, payment.partner_id), (120, self.customer))
        self.assertEqual(payment.journal_id.type, "cash")
        entry = payment.move_id
        self.assertEqual(entry.state, "posted")
        self.assertEqual(sum(entry.line_ids.mapped("balance")), 0)
        debit = entry.line_ids.filtered("debit")
        credit = entry.line_ids.filtered("credit")
        self.assertEqual((debit.debit, credit.credit), (120, 120))
        self.assertEqual(debit.account_id, payment.journal_id.default_account_id)
        self.assertEqual(credit.account_id, self.customer.property_account_receivable_id)
        self.assertEqual(credit.partner_id, self.customer)
        self.assertIn(receipt.name, payment.memo)

    @requirement("C2.F2")
    def test_nobody_begins_a_receipt_out_of_sight(self):
        """What is archived is on no list of finance and is never reported late."""
        receipts = self.env["crm.field.receipt"].with_user(self.specialist)
        values = {"partner_id": self.customer.id, "amount": 120, "description": "Repair"}
        hidden = receipts.create([{**values, "active": False}])
        hidden += receipts.with_context(default_active=False).create([values])
        self.assertEqual(hidden.mapped("active"), [True, True])
        self.assertIn(hidden[0], receipts.search([("user_id", "=", self.specialist.id)]))

    @requirement("C2.F2")
    def test_other_ways_of_paying(self):
        receipt = self._hand_in(self._make_receipt(method="wechat", reference="4200001"))
        self.assertEqual(self._accept(receipt).journal_id.type, "bank")
        self.assertTrue(receipt.sudo().payment_id.move_id)

    @requirement("C2.F2")
    def test_journal_of_the_company(self):
        journal = self.env["account.journal"].create(
            {"name": "Service till", "type": "cash", "code": "STILL", "company_id": self.company.id}
        )
        self.company.crm_receipt_cash_journal_id = journal
        payment = self._accept(self._hand_in(self._make_receipt()))
        self.assertEqual(payment.journal_id, journal)
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.crm_receipt_cash_journal_id, journal)

    def _make_order(self, invoiced=True):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "price_unit": 120,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        self.product.invoice_policy = "order"
        order.action_confirm()
        if invoiced:
            order._create_invoices().action_post()
        return order

    @requirement("C2.F2")
    def test_invoice_is_settled(self):
        order = self._make_order()
        invoice = order.invoice_ids
        self.assertEqual(invoice.payment_state, "not_paid")
        first = self._hand_in(self._make_receipt(amount=50, sale_order_id=order.id))
        self._accept(first)
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("partial", 70))
        second = self._hand_in(self._make_receipt(amount=70, sale_order_id=order.id))
        payment = self._accept(second)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(payment.reconciled_invoice_ids, invoice)

    @requirement("C2.F2")
    def test_no_foreign_invoice_is_settled(self):
        order = self._make_order()
        receipt = self._make_receipt(sale_order_id=order.id, partner_id=self.other_customer.id)
        self._accept(self._hand_in(receipt))
        self.assertEqual(order.invoice_ids.payment_state, "not_paid")

    @requirement("C2.F2")
    def test_returned_by_finance(self):
        receipt = self._hand_in(self._make_receipt())
        self._apply(receipt, "action_reject", self.finance, "Only 100 were in the envelope")
        self.assertEqual((receipt.state, receipt.amount_open), ("collected", 120))
        self.assertIn("envelope", receipt.reject_reason)
        message = self.env["mail.message"].search([("subject", "ilike", "Finance returns")])
        self.assertEqual(
            message.partner_ids, self.specialist.partner_id | self.supervisor.partner_id
        )
        receipt.action_hand_in()
        self.assertFalse(receipt.reject_reason)
        self._accept(receipt)

    @requirement("C2.F2")
    def test_cancelled_and_made_anew(self):
        receipt = self._hand_in(self._make_receipt())
        with self.assertRefused(AccessError, "supervisor or finance"):
            receipt._cancel("I want another amount")
        self._apply(receipt, "action_cancel", self.supervisor, "150 were received")
        self.assertEqual((receipt.state, receipt.amount_open), ("cancelled", 0))
        new = receipt.browse(receipt.action_redo()["res_id"])
        self.assertEqual(
            (new.state, new.replaces_id, new.user_id), ("draft", receipt, self.specialist)
        )
        self.assertFalse(new.cancel_reason)
        with self.assertRefused(UserError, "already"):
            receipt.action_redo()
        number = int(receipt.name.rsplit("/", 1)[1])
        self.assertEqual(int(new.name.rsplit("/", 1)[1]), number + 1)

    @requirement("C2.F2")
    def test_a_draft_is_cancelled_by_who_may_write_it(self):
        receipt = self._make_receipt()
        with self.assertRefused(AccessError, ""):
            receipt.with_user(self.finance)._cancel("Not mine")
        self.assertEqual(receipt.state, "draft")
        receipt._cancel("A slip of the pen")
        self.assertEqual((receipt.state, receipt.cancel_reason), ("cancelled", "A slip of the pen"))

    @requirement("C2.F2")
    def test_accepted_is_cancelled_by_finance_after_the_payment(self):
        receipt = self._hand_in(self._make_receipt())
        payment = self._accept(receipt)
        with self.assertRefused(AccessError, "finance cancels"):
            receipt.with_user(self.supervisor)._cancel("x")
        with self.assertRefused(UserError, "Cancel payment"):
            receipt.with_user(self.finance)._cancel("x")
        with mute_logger("odoo.sql_db"), self.assertRefused(Exception, ""):
            payment.with_user(self.finance).action_draft()
            payment.with_user(self.finance).unlink()
            self.env.flush_all()
        payment.with_user(self.finance).action_draft()
        payment.with_user(self.finance).action_cancel()
        receipt.with_user(self.finance)._cancel("Forged note")
        self.assertEqual(receipt.state, "cancelled")

    @requirement("C2.F2")
    def test_book_without_gaps(self):
        sequence = self.env.ref("crm_aftersales.sequence_crm_field_receipt")
        self.assertEqual(sequence.implementation, "no_gap")
        first = self._make_receipt()
        with self.assertRefused(UserError, "no gaps"):
            first.with_user(self.manager).sudo().unlink()
        try:
            with self.env.cr.savepoint():
                self._make_receipt()
                raise ValueError
        except ValueError:
            self.env.invalidate_all()
        second = self._make_receipt()
        numbers = [int(receipt.name.rsplit("/", 1)[1]) for receipt in (first, second)]
        self.assertEqual(numbers[1], numbers[0] + 1)

    @requirement("C2.F2")
    def test_what_is_missing(self):
        for values, words in (
            ({"description": " "}, "what the money is for"),
            ({"is_invoice_wanted": True}, "to whom"),
        ):
            receipt = self._make_receipt(**values)
            with self.assertRefused(UserError, words):
                receipt.action_collect()
        with self.assertRefused(UserError, "cannot be done"):
            receipt.action_print()
        for amount in (0, -5):
            with mute_logger("odoo.sql_db"), self.assertRefused(Exception, "amount|check"):
                self._make_receipt(amount=amount)
        with self.assertRefused(UserError, "in the future"):
            self._make_receipt(date=fields.Datetime.now() + timedelta(days=1))

    # ------------------------------------------------------------------ attacks

    @requirement("C2.F2")
    def test_given_out_is_not_edited(self):
        receipt = self._make_receipt()
        receipt.amount = 130
        receipt.action_collect()
        for state in ("collected", "handed_in"):
            self.assertEqual(receipt.state, state)
            for user in (self.specialist, self.supervisor, self.manager):
                for values in (
                    {"amount": 1},
                    {"partner_id": self.other_customer.id},
                    {"user_id": self.outsider.id},
                    {"state": "accepted"},
                    {"amount_open": 0},
                    {"date_told": "2026-01-01 00:00:00"},
                    {"payment_id": False},
                    {"company_id": 1},
                    {"name": "SK/1"},
                ):
                    with self.assertRefused((AccessError, UserError), ""):
                        receipt.with_user(user).write(values)
            if state == "collected":
                receipt.action_hand_in()
        self.assertEqual(receipt.amount, 130)

    @requirement("C2.F2")
    def test_nobody_begins_in_the_middle(self):
        payment = self._accept(self._hand_in(self._make_receipt()))
        receipt = (
            self.env["crm.field.receipt"]
            .with_user(self.supervisor)
            .with_context(default_state="accepted", default_payment_id=payment.id)
            .create(
                {
                    "partner_id": self.customer.id,
                    "amount": 5,
                    "state": "handed_in",
                    "amount_open": 0,
                    "payment_id": payment.id,
                }
            )
        )
        self.assertEqual((receipt.state, receipt.sudo().payment_id.id), ("draft", False))
        with self.assertRefused(AccessError, ""):
            self._make_receipt(user_id=self.outsider.id)

    @requirement("C2.F2")
    def test_who_may_not(self):
        """Not in time, not another's money, not one's own acceptance."""
        receipt = self._make_receipt()
        with self.assertRefused(UserError, "cannot be done"):
            receipt.action_hand_in()
        receipt.action_collect()
        with self.assertRefused(AccessError, "Only who took"):
            receipt.with_user(self.supervisor).action_hand_in()
        with self.assertRefused(UserError, "cannot be done"):
            receipt.with_user(self.finance).action_accept()
        receipt.action_hand_in()
        for user in (self.specialist, self.supervisor, self.manager):
            with self.assertRefused(AccessError, "Only finance"):
                receipt.with_user(user).action_accept()
            with self.assertRefused(AccessError, "Only finance"):
                receipt.with_user(user)._reject("x")
        self.specialist.group_ids += self.env.ref("account.group_account_invoice")
        with self.assertRefused(AccessError, "does not accept"):
            receipt.action_accept()
        with self.assertRefused(AccessError, "supervisor or finance"):
            receipt._cancel("x")
        for attack in (
            lambda other: other.read(["amount"]),
            lambda other: other.action_accept(),
            lambda other: other.action_hand_in(),
            lambda other: other.action_print(),
            lambda other: other._cancel("x"),
            lambda other: other.action_redo(),
            lambda other: other.write({"amount": 1}),
        ):
            for user in (self.outsider, self.plain_user, self.portal_user):
                with self.assertRefused(AccessError, ""):
                    attack(receipt.with_user(user))
        self.assertFalse(receipt.with_user(self.outsider).search([]))

    @requirement("C2.F2")
    def test_finance_without_a_role_here(self):
        """Reads and decides; writes and creates nothing."""
        receipt = self._hand_in(self._make_receipt())
        seen = receipt.with_user(self.finance)
        self.assertEqual(seen.read(["amount", "state"])[0]["amount"], 120)
        for attack in (
            lambda: seen.write({"amount": 1}),
            lambda: seen.write({"state": "accepted"}),
            lambda: seen.copy(),
            lambda: seen.unlink(),
            lambda: seen.action_collect(),
        ):
            with self.assertRefused((AccessError, UserError), ""):
                attack()
        menu = self.env.ref("crm_aftersales.crm_field_receipt_menu_finance")
        self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.finance)._visible_menu_ids())
        self._accept(receipt)

    @requirement("C2.F2")
    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Foreign Ltd."})
        foreign = new_test_user(
            self.env,
            login="test_foreign_finance",
            groups="base.group_user,account.group_account_invoice,crm_service_base.group_supervisor",
            lang="en_US",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        receipt = self._hand_in(self._make_receipt())
        for attack in (
            lambda: receipt.with_user(foreign).action_accept(),
            lambda: receipt.with_user(foreign)._cancel("x"),
            lambda: receipt.with_user(foreign).read(["amount"]),
        ):
            with self.assertRefused(AccessError, ""):
                attack()
        both = self._new_finance("test_both")
        both.company_ids += company
        payment = self._accept(receipt, both.with_company(company))
        self.assertEqual(payment.company_id, self.company)

    @requirement("C2.F2")
    def test_dialog_of_a_colleague(self):
        receipt = self._hand_in(self._make_receipt())
        dialog = (
            self.env["crm.field.receipt.note"]
            .with_user(self.finance)
            .create({"kind": "reject", "receipt_ids": receipt.ids, "reason": "x"})
        )
        with self.assertRefused(AccessError, ""):
            dialog.with_user(self.specialist).action_apply()
        with self.assertRefused(AccessError, ""):
            dialog.with_user(self.outsider).create(
                {"kind": "cancel", "receipt_ids": receipt.ids, "reason": "x"}
            )

    # ------------------------------------------------------------------ in time

    @requirement("C2.F2")
    def test_late_money_is_told_once(self):
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 60.0)
        with freeze_time("2026-03-02 02:00:00"):  # a Monday morning in China
            late = self._make_receipt(date=fields.Datetime.now())
            late.action_collect()
            due = late.date_due
            hours = self.env["crm.service.calendar.day"]._get_working_time(self.company)
            self.assertEqual(hours.to_local(due).date(), hours.to_local(datetime.now()).date())
            self.env["crm.field.receipt"]._cron_tell_late()
            self.assertFalse(late.date_told)
        with freeze_time("2026-03-03 02:00:00"):
            good = self._make_receipt(date=fields.Datetime.now())
            good.action_collect()
            receipts = self.env["crm.field.receipt"]
            self.assertEqual(receipts.search([("is_late", "=", True)]), late)
            self.assertTrue(late.is_late)
            receipts._cron_tell_late()
            receipts._cron_tell_late()
            messages = self.env["mail.message"].search([("subject", "ilike", "Money not handed")])
            self.assertEqual(len(messages), 1)
            self.assertEqual(
                messages.partner_ids, self.specialist.partner_id | self.supervisor.partner_id
            )
            late.action_hand_in()
            self.assertFalse(late.is_late)

    @requirement("C2.F2")
    def test_taken_after_hours_is_due_the_next_day(self):
        with freeze_time("2026-03-06 23:00:00"):  # a weekend begins, wherever it is
            receipt = self._make_receipt(date=fields.Datetime.now())
            receipt.action_collect()
            self.assertEqual(receipt.date_due.date().isoformat(), "2026-03-09")

    @requirement("C2.F2")
    def test_who_leaves_with_money(self):
        self._make_receipt().action_collect()
        self.specialist.sudo().active = False
        message = self.env["mail.message"].search([("subject", "ilike", "Left with money")])
        self.assertEqual(message.partner_ids, self.supervisor.partner_id)

    # ------------------------------------------------------------------ words

    @requirement("C2.F2")
    def test_capitals(self):
        self.assertFalse(doctest.testmod(chinese_amount).failed)
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["res.lang"]._activate_lang("zh_TW")
        receipt = self._make_receipt(amount=26800.5, currency_id=self.env.ref("base.CNY").id)
        chinese = receipt.with_context(lang="zh_CN").amount_words
        self.assertTrue(chinese.endswith("贰万陆仟捌佰元零伍角整"), chinese)
        self.assertTrue(
            receipt.with_context(lang="zh_TW").amount_words.endswith("貳萬陸仟捌佰圓零伍角整")
        )
        self.assertIn("Twenty-Six Thousand", receipt.with_context(lang="en_US").amount_words)


@tagged("post_install", "-at_install")
class TestFieldReceiptRace(BaseCase):
    """Two clicks on Accept in two real transactions; what they commit is removed again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self._clean()  # also what a run left that was killed
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.company_id = env.ref("base.main_company").id
            owed, till = env["account.account"].create(
                [
                    {"name": NAME, "code": "RACE1", "account_type": "asset_receivable"},
                    {"name": NAME, "code": "RACE2", "account_type": "asset_cash"},
                ]
            )
            journal = env["account.journal"].create(
                {"name": NAME, "type": "cash", "code": "RACE", "default_account_id": till.id}
            )
            # what the accounting of the company has for payments in general
            env.company.transfer_account_id = env.company.transfer_account_id or owed
            env.company.crm_receipt_cash_journal_id = journal
            partner = env["res.partner"].create(
                {"name": NAME, "property_account_receivable_id": owed.id}
            )
            receipt = env["crm.field.receipt"].create(
                {
                    "partner_id": partner.id,
                    "amount": 5,
                    "description": NAME,
                    "state": "handed_in",
                    "user_id": env.ref("base.user_admin").id,
                    "handed_in_by_id": env.ref("base.user_admin").id,
                }
            )
            self.receipt_id = receipt.id

    def _env(self, cr):
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US", "tracking_disable": True})
        return env(context={**env.context, "allowed_company_ids": env.ref("base.main_company").ids})

    def _clean(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            receipts = env["crm.field.receipt"].search([("description", "=", NAME)])
            payments = receipts.payment_id
            if receipts:
                cr.execute("DELETE FROM crm_field_receipt WHERE id IN %s", [tuple(receipts.ids)])
            env.invalidate_all()
            payments.action_draft()
            payments.unlink()
            env["account.move"].search([("journal_id.name", "=", NAME)]).unlink()
            env.company.crm_receipt_cash_journal_id = False
            if env.company.transfer_account_id.name == NAME:
                env.company.transfer_account_id = False
            for model in ("res.partner", "account.journal", "account.account"):
                env[model].search([("name", "=", NAME)]).unlink()

    def _receipt(self, cr):
        return self._env(cr)["crm.field.receipt"].browse(self.receipt_id)

    @requirement("C2.F2")
    @mute_logger("odoo.sql_db")
    def test_two_clicks_make_one_payment(self):
        one, two = self.registry.cursor(), self.registry.cursor()
        self.addCleanup(one.close)
        self.addCleanup(two.close)
        first, second = self._receipt(one), self._receipt(two)
        first.action_accept()
        with self.assertRaises(LockError):
            second.action_accept()
        two.rollback()
        one.commit()
        second.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "cannot be done"):
            second.action_accept()
        two.rollback()
        payments = self._env(two)["account.payment"].search([("memo", "like", NAME)])
        self.assertEqual(len(payments), 1)
