from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

from ..tools import chinese_amount

RECEIPT_KINDS = [
    ("repair", "Repair"),
    ("installation", "Installation"),
    ("trial", "Trial"),
    ("charging", "Card Charging"),
    ("inspection", "Inspection"),
    ("training", "Training"),
    ("collection", "Collection of Money Owed"),
    ("other", "Other"),
]
OPEN_STATES = ("collected", "handed_in")


class CrmFieldReceipt(models.Model):
    """收款收据: money a technician takes at the customer's, until finance has it (C2.F2, C1.R1).

    The customer gets the printed receipt; from then on nobody changes it. The technician hands the
    money in on return, and finance, never the technician, accepts it: that posts the payment. A
    wrong receipt is cancelled with a reason and made anew, so the book of receipts has no gaps.
    """

    _name = "crm.field.receipt"
    _description = "Field Receipt"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "description", "reference"]
    _mail_post_access = "read"

    _stamps = (
        "date_collected",
        "date_due",
        "date_told",
        "date_handed_in",
        "handed_in_by_id",
        "date_accepted",
        "accepted_by_id",
        "payment_id",
        "reject_reason",
        "cancel_reason",
        "replaces_id",
    )

    user_id = fields.Many2one(string="Technician", required=True, tracking=True)
    partner_id = fields.Many2one(string="Received From", required=True)
    kind = fields.Selection(RECEIPT_KINDS, required=True, default="repair")
    description = fields.Char("For", help="What the money is for, as the receipt says.")
    case_id = fields.Many2one(
        "crm.service.case", index="btree_not_null", ondelete="restrict", check_company=True
    )
    order_id = fields.Many2one(
        "crm.service.order",
        "Service Order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    sale_order_id = fields.Many2one(
        "sale.order",
        "Sales Order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('partner_id', 'child_of', commercial_partner_id)]",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    amount = fields.Monetary(required=True, tracking=True)
    amount_words = fields.Char("Amount in Words", compute="_compute_amount_words")
    amount_open = fields.Monetary("Not with Finance", compute="_compute_amount_open", store=True)
    method = fields.Selection(
        [
            ("cash", "Cash"),
            ("wechat", "WeChat Pay"),
            ("alipay", "Alipay"),
            ("card", "Bank Card"),
            ("transfer", "Bank Transfer"),
            ("cheque", "Cheque"),
        ],
        "Paid By",
        required=True,
        default="cash",
    )
    reference = fields.Char("Transaction Number", copy=False, index="trigram")
    date = fields.Datetime("Collected On", required=True, default=fields.Datetime.now, copy=False)
    is_invoice_wanted = fields.Boolean("Invoice Wanted")
    invoice_title = fields.Char("Invoice To")

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("collected", "With the Technician"),
            ("handed_in", "Handed In"),
            ("accepted", "Accepted by Finance"),
            ("cancelled", "Void"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_collected = fields.Datetime("Receipt Given On", readonly=True, copy=False)
    date_due = fields.Datetime("Hand In By", readonly=True, copy=False)
    is_late = fields.Boolean(
        "Not Handed In in Time", compute="_compute_is_late", search="_search_is_late"
    )
    date_told = fields.Datetime("Reported Late On", readonly=True, copy=False)
    date_handed_in = fields.Datetime("Handed In On", readonly=True, copy=False)
    handed_in_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_accepted = fields.Datetime("Accepted On", readonly=True, copy=False)
    accepted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
    )
    reject_reason = fields.Char("Returned By Finance", readonly=True, copy=False)
    cancel_reason = fields.Char("Reason", readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "crm.field.receipt",
        "Instead Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_finance = fields.Boolean(compute="_compute_is_finance")
    is_mine = fields.Boolean(compute="_compute_is_finance")
    is_supervisor = fields.Boolean(compute="_compute_is_finance")

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "A receipt is for more than nothing: enter the amount received."
    )
    _payment_once = models.UniqueIndex(
        "(payment_id) WHERE payment_id IS NOT NULL", "This payment belongs to another receipt."
    )
    _late_idx = models.Index("(date_due) WHERE state = 'collected' AND date_told IS NULL")

    # ------------------------------------------------------------------ computes

    @api.depends("amount", "currency_id")
    @api.depends_context("lang")
    def _compute_amount_words(self):
        for receipt in self:
            receipt.amount_words = receipt._get_amount_words()

    def _get_amount_words(self):
        """Chinese capitals for Chinese readers; Odoo's words for the others.

        :return: str
        """
        lang = self.env.lang or ""
        if not self.currency_id or self.amount <= 0:
            return ""
        if not lang.startswith("zh"):
            return self.currency_id.with_context(lang=lang or "en_US").amount_to_text(self.amount)
        is_traditional = lang in ("zh_TW", "zh_HK")
        words = chinese_amount.TRADITIONAL if is_traditional else chinese_amount.SIMPLIFIED
        names = {"CNY": self.env._("Renminbi"), "TWD": self.env._("New Taiwan Dollars")}
        name = names.get(self.currency_id.name, self.currency_id.full_name or "")
        return name + chinese_amount.capital_amount(self.amount, words)

    @api.depends("amount", "state")
    def _compute_amount_open(self):
        for receipt in self:
            receipt.amount_open = receipt.amount if receipt.state in OPEN_STATES else 0

    @api.depends("state", "date_due")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for receipt in self:
            due = receipt.date_due
            receipt.is_late = receipt.state == "collected" and bool(due) and due < now

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain([("state", "=", "collected"), ("date_due", "<", "now")])
        return Domain.OR(late if wanted else ~late for wanted in value)

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_is_finance(self):
        is_finance, is_supervisor = self._is_finance(), self._is_supervisor()
        for receipt in self:
            receipt.is_supervisor = is_supervisor
            receipt.is_mine = receipt.user_id == self.env.user
            receipt.is_finance = is_finance and not receipt.is_mine

    def _is_finance(self):
        return self.env.user.has_group("account.group_account_invoice")

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for receipt in self:
            parts = [receipt.name, receipt.partner_id.name]
            receipt.display_name = " · ".join(filter(None, parts))

    @api.constrains("date")
    def _check_date(self):
        limit = fields.Datetime.now() + timedelta(minutes=5)
        for receipt in self:
            if receipt.date > limit:
                raise ValidationError(self.env._("Nothing is collected in the future."))

    # ------------------------------------------------------------------ delete

    @api.ondelete(at_uninstall=False)
    def _unlink_except_book(self):
        raise UserError(
            self.env._("The book of receipts has no gaps: cancel the receipt with a reason.")
        )

    def _can_file(self):
        return super()._can_file() and self.state in ("accepted", "cancelled")

    # ------------------------------------------------------------------ the technician

    def action_collect(self):
        """The money was taken: the receipt is given to the customer and changes no more.

        :raise AccessError: another technician's
        :raise UserError: not a draft, or it does not say what for
        """
        self._begin(("draft",))
        for receipt in self:
            if not (receipt.description or "").strip():
                raise UserError(self.env._("Write what the money is for."))
            if receipt.is_invoice_wanted and not (receipt.invoice_title or "").strip():
                raise UserError(self.env._("Write to whom the invoice is made out."))
        for receipt in self.sudo():
            receipt.write(
                {
                    "state": "collected",
                    "date_collected": fields.Datetime.now(),
                    "date_due": receipt._get_hand_in_limit(),
                }
            )

    def _begin(self, states):
        self.check_access("write")
        self._lock()
        self._check_state(states)

    def _get_hand_in_limit(self):
        """When the working day ends on which the money was taken, or the next one.

        :return: datetime, UTC
        """
        days = self.env["crm.service.calendar.day"]
        hours = days._get_working_time(self.company_id)
        day = hours.to_local(self.date).date()
        for offset in range(60):
            intervals = hours.get_intervals(day + timedelta(days=offset))
            if intervals and intervals[-1][1] > self.date:
                return intervals[-1][1].replace(microsecond=0)
        return self.date + timedelta(days=1)

    def action_print(self):
        """The receipt for the customer.

        :raise UserError: a draft, which can still change
        """
        self.check_access("read")
        self._check_state(("collected", "handed_in", "accepted", "cancelled"))
        return self.env.ref("crm_aftersales.crm_field_receipt_report").report_action(self)

    def action_hand_in(self):
        """The technician hands the money in.

        :raise AccessError: another technician's
        :raise UserError: handed in already, or no receipt was given
        """
        self.check_access("read")
        if any(receipt.user_id != self.env.user for receipt in self.sudo()):
            raise AccessError(self.env._("Only who took the money hands it in."))
        self._lock()
        self._check_state(("collected",))
        self.sudo().write(
            {
                "state": "handed_in",
                "date_handed_in": fields.Datetime.now(),
                "handed_in_by_id": self.env.uid,
                "reject_reason": False,
            }
        )

    # ------------------------------------------------------------------ finance

    def action_accept(self):
        """Finance has the money: its payment is posted, and open invoices of the order are settled.

        :raise AccessError: not of finance, or who took the money
        :raise UserError: not handed in, or there is no journal for it
        """
        self.check_access("read")
        self._check_finance()
        self._lock()
        self._check_state(("handed_in",))
        for receipt in self:
            payment = receipt.with_company(receipt.company_id)._post_payment()
            receipt.sudo().write(
                {
                    "state": "accepted",
                    "date_accepted": fields.Datetime.now(),
                    "accepted_by_id": self.env.uid,
                    "payment_id": payment.id,
                }
            )

    def _check_finance(self):
        if not self._is_finance():
            raise AccessError(self.env._("Only finance does this."))
        mine = self.sudo().filtered(
            lambda receipt: self.env.user in receipt.user_id | receipt.handed_in_by_id
        )
        if mine:
            raise AccessError(self.env._("Who took the money does not accept it."))

    def _post_payment(self):
        """:return: ``account.payment``, posted with its entry and matched with open invoices"""
        self.ensure_one()
        # the entry is made in any edition, with or without a bank statement to come
        payments = self.env["account.payment"].with_context(force_payment_move=True)
        payment = payments.create(self._prepare_payment_values())
        if payment.journal_id.type == "cash":  # it is in the till now
            payment.outstanding_account_id = payment.journal_id.default_account_id
        payment.action_post()
        invoices = self._get_open_invoices()
        lines = (payment.move_id | invoices).line_ids.filtered(
            lambda line: line.account_id == payment.destination_account_id and not line.reconciled
        )
        if invoices and lines:
            lines.reconcile()
        return payment

    def _prepare_payment_values(self):
        """:return: dict of values of ``account.payment``"""
        self.ensure_one()
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.partner_id.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "journal_id": self._get_journal().id,
            "company_id": self.company_id.id,
            "date": fields.Date.context_today(self),
            "memo": " ".join(filter(None, [self.name, self.description])),
        }

    def _get_journal(self):
        """:return: ``account.journal`` of the company for the way of paying"""
        company = self.company_id.sudo()
        is_cash = self.method == "cash"
        chosen = company.crm_receipt_cash_journal_id if is_cash else company.crm_receipt_journal_id
        if journal := chosen.with_env(self.env):
            return journal
        journals = self.env["account.journal"]
        domain = [("company_id", "=", company.id)]
        for kind in ("cash", "bank") if is_cash else ("bank", "cash"):
            if journal := journals.search([*domain, ("type", "=", kind)], limit=1):
                return journal
        raise UserError(
            self.env._("%s has neither a cash nor a bank journal: create one first.", company.name)
        )

    def _get_open_invoices(self):
        """What the money pays, oldest first; documents that lead to invoices extend it.

        :return: ``account.move``
        """
        self.ensure_one()
        orders = self.sudo().sale_order_id | self.sudo().order_id.charge_order_id
        invoices = orders.invoice_ids.with_env(self.env)
        return invoices.filtered(
            lambda move: (
                move.state == "posted"
                and move.move_type == "out_invoice"
                and move.payment_state in ("not_paid", "partial")
                and move.commercial_partner_id == self.commercial_partner_id
            )
        ).sorted("invoice_date")

    def action_reject(self):
        """The money is not what the receipt says, or was not there."""
        return self._open_reason("reject", self.env._("Return to the Technician"))

    def _reject(self, reason):
        """Back to the technician, who still owes the money.

        :raise AccessError: not of finance, or one's own
        :raise UserError: not handed in, or no reason
        """
        self._check_note(reason)
        self.check_access("read")
        self._check_finance()
        self._lock()
        self._check_state(("handed_in",))
        self.sudo().write(
            {
                "state": "collected",
                "reject_reason": reason,
                "date_handed_in": False,
                "handed_in_by_id": False,
            }
        )
        for receipt in self.sudo():
            receipt._message_log(body=self.env._("Not accepted: %s", reason))
            subject = self.env._("Finance returns receipt %s", receipt.name)
            receipt._tell(
                receipt.user_id | receipt.department_id._get_head_above(receipt.user_id),
                subject,
                reason,
            )

    def action_open_payment(self):
        """The payment in accounting."""
        self.ensure_one()
        self.check_access("read")
        return self.payment_id._get_records_action()

    # ------------------------------------------------------------------ wrong ones

    def action_cancel(self):
        """A wrong receipt is cancelled, and made anew."""
        return self._open_reason("cancel", self.env._("Cancel the Receipt"))

    def _open_reason(self, kind, title):
        return self._open_dialog("crm.field.receipt.note", "receipt_ids", title, kind=kind)

    def _cancel(self, reason):
        """:raise AccessError: one may not; :raise UserError: no reason, or the payment stands"""
        self._check_note(reason)
        self.check_access("read")
        self._lock()
        self._check_state(("draft", "collected", "handed_in", "accepted"))
        for receipt in self.sudo():
            receipt._check_cancel(self)
            receipt.write({"state": "cancelled", "cancel_reason": reason})
            receipt._message_log(body=self.env._("Cancelled: %s", reason))

    def _check_cancel(self, asked):
        """Called with ``sudo``, for one receipt. A receipt that was given out is cancelled by
        somebody else than who took the money.

        :param asked: the receipts with the environment of whoever asks
        """
        user = asked.env.user
        if self.state == "draft":
            asked.filtered(lambda receipt: receipt.id == self.id).check_access("write")
            return
        is_finance = asked._is_finance()
        if user == self.user_id or not (asked._is_supervisor() or is_finance):
            raise AccessError(
                self.env._("A receipt that was given out is cancelled by a supervisor or finance.")
            )
        if self.state == "accepted":
            if not is_finance:
                raise AccessError(self.env._("What finance accepted, finance cancels."))
            if self.payment_id.state not in ("canceled", "rejected"):
                raise UserError(
                    self.env._("Cancel payment %s first.", self.payment_id.display_name)
                )

    def action_redo(self):
        """A new receipt instead of a cancelled one.

        :raise UserError: it is not cancelled, or it was redone
        """
        self.ensure_one()
        self.check_access("read")
        self._check_state(("cancelled",))
        if self.sudo().search_count([("replaces_id", "=", self.id), ("state", "!=", "cancelled")]):
            raise UserError(self.env._("There is a receipt instead of %s already.", self.name))
        receipt = self.copy()
        receipt.sudo().replaces_id = self
        return receipt._get_records_action()

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_tell_late(self):
        """Tell technician and supervisor once of money not handed in; safe to run again."""
        domain = [
            ("state", "=", "collected"),
            ("date_due", "<", fields.Datetime.now()),
            ("date_told", "=", False),
        ]
        receipts = self.search(domain, order="date_due, id")
        self.env["ir.cron"]._commit_progress(remaining=len(receipts))
        for receipt in receipts:
            receipt._tell_late()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _tell_late(self):
        self.date_told = fields.Datetime.now()
        amount = self.currency_id.format(self.amount)
        self._tell(
            self.user_id | self.department_id._get_head_above(self.user_id),
            self.env._("Money not handed in: %s", self.display_name),
            self.env._(
                "%(amount)s was received on %(date)s and is not with finance yet.",
                amount=amount,
                date=fields.Datetime.context_timestamp(self, self.date).strftime("%Y-%m-%d %H:%M"),
            ),
        )
