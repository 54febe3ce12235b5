from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.crm_service_base.tools.state_order import in_order

from .crm_compensation_rule import COMPENSATION_KINDS
from .crm_service_commitment import STAFF


class CrmCompensation(models.Model):
    """补偿: what a customer gets for a commitment that was not kept (A4.R13).

    Proposed from the internal plan, approved along a route that depends on its value, carried out
    as a credit note that finance posts or as an order with a free line. The customer is told what
    was written for him, when it was carried out.
    """

    _name = "crm.compensation"
    _description = "Compensation for a Breach"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "crm.colleague.thread"]
    _order = "id desc"
    _check_company_auto = True

    breach_id = fields.Many2one(
        "crm.commitment.breach", required=True, index=True, ondelete="restrict", check_company=True
    )
    case_id = fields.Many2one(related="breach_id.case_id", store=True, index=True)
    commitment_id = fields.Many2one(related="breach_id.commitment_id", store=True, index=True)
    partner_id = fields.Many2one(required=True)
    rule_id = fields.Many2one(
        "crm.compensation.rule",
        "From the Plan",
        readonly=True,
        ondelete="restrict",
        groups=STAFF,
        index="btree_not_null",
    )
    kind = fields.Selection(COMPENSATION_KINDS, required=True, default="credit")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(help="What the credit note is about, taxes included.")
    product_id = fields.Many2one("product.product", ondelete="restrict", check_company=True)
    quantity = fields.Float(default=1)
    value = fields.Monetary(
        "Worth", compute="_compute_value", store=True, help="Decides who has to approve it."
    )
    invoice_id = fields.Many2one(
        "account.move",
        "For Invoice",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), "
        "('commercial_partner_id', '=', commercial_partner_id)]",
    )
    reason = fields.Text(help="Why this and so much; stays among colleagues.")
    customer_text = fields.Text(
        "What the Customer Is Told", help="Sent by mail and shown in the portal, as it stands here."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("done", "Carried Out"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    move_id = fields.Many2one(
        "account.move",
        "Credit Note",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    order_id = fields.Many2one(
        "sale.order",
        "Free Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    date_done = fields.Datetime("Carried Out On", readonly=True, copy=False)
    date_told = fields.Datetime("Customer Told On", readonly=True, copy=False)

    _amounts_positive = models.Constraint(
        "CHECK (amount >= 0 AND quantity > 0)", "Amount and quantity are not below zero."
    )

    # ------------------------------------------------------------------ computes

    @api.depends("kind", "amount", "product_id", "quantity")
    def _compute_value(self):
        for compensation in self:
            product = compensation.product_id.with_company(compensation.company_id).sudo()
            worth = product.lst_price * compensation.quantity
            compensation.value = compensation.amount if compensation.kind == "credit" else worth

    @api.depends("name", "breach_id")
    def _compute_display_name(self):
        for compensation in self:
            partner = compensation.partner_id.sudo().name
            compensation.display_name = " · ".join(filter(None, [compensation.name, partner]))

    @api.model
    def _prepare_proposal(self, breach):
        """What the internal plan has for a breach, as a draft; without a line nothing is filled
        in.

        :param breach: ``crm.commitment.breach`` with ``sudo``
        """
        rule = self.env["crm.compensation.rule"]._find(breach)
        return {
            "breach_id": breach.id,
            "company_id": breach.company_id.id,
            "partner_id": breach.partner_id.id,
            "user_id": self.env.uid,
            "rule_id": rule.id,
            "kind": rule.kind or "credit",
            "amount": rule.amount,
            "product_id": rule.product_id.id,
            "quantity": rule.quantity or 1,
        }

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "rule_id",
            "move_id",
            "order_id",
            "date_done",
            "date_told",
        }

    @api.model_create_multi
    def create(self, vals_list):
        compensations = super().create(vals_list)
        if not self.env.su:
            compensations.breach_id.check_access("write")
            compensations.sudo()._check_breach()
        return compensations

    def write(self, vals):
        if not self.env.su and not {"breach_id", "partner_id", "company_id"}.isdisjoint(vals):
            raise AccessError(
                self.env._("A compensation stays with its breach: propose another one there.")
            )
        return super().write(vals)

    def _check_breach(self):
        """:raise UserError: nothing is due, or it is for somebody else"""
        for compensation in self:
            breach = compensation.breach_id
            others = breach.compensation_ids - compensation
            if breach.state != "open" or not breach._is_compensation_due():
                raise UserError(self.env._("%s: no compensation is due.", breach.name))
            if others.filtered(lambda c: c.state != "cancelled"):
                raise UserError(self.env._("There is a compensation for %s already.", breach.name))
            if compensation.commercial_partner_id != breach.commercial_partner_id:
                raise UserError(self.env._("It is for the customer of the case."))

    def _approval_check_submit(self):
        super()._approval_check_submit()
        self._check_breach()
        # prices may have changed since it was written
        self.env.add_to_compute(self._fields["value"], self)
        for compensation in self:
            if compensation.kind == "credit" and not compensation.amount:
                raise UserError(self.env._("Name the amount."))
            if compensation.kind != "credit" and not compensation.product_id:
                raise UserError(self.env._("Name the goods or the service."))
            if not (compensation.reason or "").strip():
                raise UserError(self.env._("Write why this and so much."))
            if not (compensation.customer_text or "").strip():
                raise UserError(self.env._("Write what the customer is told."))
            compensation._check_invoice()

    def _check_invoice(self):
        invoice = self.invoice_id
        if not invoice:
            return
        if invoice.move_type != "out_invoice" or invoice.state != "posted":
            raise UserError(self.env._("Choose a posted invoice."))
        if invoice.commercial_partner_id != self.commercial_partner_id:
            raise UserError(self.env._("The invoice is another customer's."))
        if self.kind == "credit" and self.amount > abs(invoice.amount_total_signed):
            raise UserError(self.env._("The credit is larger than the invoice."))

    def action_cancel(self):
        """Take a draft, or what was approved and not carried out, back.

        :raise UserError: carried out, under approval, or its entry is posted
        """
        self.check_access("write")
        for compensation in self.sudo():
            if compensation.state not in ("draft", "approved"):
                raise UserError(
                    self.env._("%s does not stand where it can be cancelled.", compensation.name)
                )
            if compensation.state == "approved" and not self.env.user.has_group(
                "crm_service_base.group_supervisor"
            ):
                raise AccessError(self.env._("A supervisor decides this."))
            if compensation._get_alive_document():
                raise UserError(
                    self.env._("%s: cancel its credit note or its order first.", compensation.name)
                )
        self.sudo().write({"state": "cancelled"})

    # ------------------------------------------------------------------ carried out

    def _get_alive_document(self):
        """:return: the credit note or order that was made for it, unless cancelled"""
        if self.move_id and self.move_id.state != "cancel":
            return self.move_id
        if self.order_id and self.order_id.state != "cancel":
            return self.order_id
        return None

    def action_carry_out(self):
        """Make the credit note, a draft for finance, or the order with the free line (A4.R13).

        :raise AccessError: no supervisor
        :raise UserError: not approved, or made before
        """
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("A supervisor has it carried out."))
        documents = self._approval_enter()
        for compensation in documents:
            if compensation.state != "approved":
                raise UserError(self.env._("%s is not approved.", compensation.name))
            if compensation._get_alive_document():
                raise UserError(self.env._("%s is being carried out already.", compensation.name))
            if fault := compensation._approval_faults()[compensation.id]:
                raise UserError(fault)
            compensation._carry_out()

    def _carry_out(self):
        company = self.company_id
        compensation = self.with_company(company)
        if self.kind == "credit":
            if not compensation._get_journal():
                raise UserError(
                    self.env._(
                        "%s has no sales journal: finance sets up the accounting first.",
                        company.name,
                    )
                )
            moves = compensation.env["account.move"]
            self.move_id = moves.create(compensation._prepare_move_values())
            document = self.move_id
        else:
            orders = compensation.env["sale.order"]
            self.order_id = orders.create(compensation._prepare_order_values())
            document = self.order_id
        document._message_log(body=self.env._("Compensation %s", self._get_html_link()))
        self._message_log(body=self.env._("Being carried out: %s", document._get_html_link()))

    def _get_journal(self):
        return self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company_id.id)], limit=1
        )

    def _prepare_move_values(self):
        """The credit note about the approved amount, taxes included.

        :return: dict of values of ``account.move``
        """
        return {
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "journal_id": self._get_journal().id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "reversed_entry_id": self.invoice_id.id,
            "invoice_origin": self.name,
            "ref": self.name,
            "invoice_user_id": self.user_id.id,
            "invoice_line_ids": [
                Command.create(values) for values in self._prepare_move_lines_values()
            ],
        }

    def _prepare_move_lines_values(self):
        """The lines of the credit note: with the taxes and on the accounts of the invoice that it
        answers, each in its share, so that they add up to the approved amount to the cent.

        :return: list of dicts of values of ``account.move.line``
        """
        name = self.env._("Compensation %s", self.name)
        base_lines = self._get_reduced_base_lines()
        if not base_lines:  # no invoice, no taxes that are known
            untaxed = {"price_unit": self.amount, "tax_ids": [Command.clear()]}
            return [{"name": name, "quantity": 1, **untaxed}]
        taxes = self.env["account.tax"]
        return [
            {
                "name": name,
                "quantity": line["quantity"],
                "price_unit": line["price_unit"],
                "account_id": line["account_id"].id,
                "tax_ids": [Command.set(line["tax_ids"].ids)],
                "analytic_distribution": line["analytic_distribution"],
                "extra_tax_data": taxes._export_base_line_extra_tax_data(line),
            }
            for line in base_lines
        ]

    def _get_reduced_base_lines(self):
        """:return: list of base lines of taxes: the invoice, reduced to the amount"""
        invoice = self.invoice_id
        if not invoice.amount_total:
            return []
        rate = invoice.invoice_currency_rate if invoice.currency_id != self.currency_id else 1
        taxes = self.env["account.tax"]
        lines = [
            taxes._prepare_base_line_for_taxes_computation(
                line,
                price_unit=line.price_unit / rate,
                currency_id=self.currency_id,
                rate=1,
                extra_tax_data=False,
            )
            for line in invoice.invoice_line_ids
            if line.display_type == "product"
        ]
        taxes._add_tax_details_in_base_lines(lines, self.company_id)
        taxes._round_base_lines_tax_details(lines, self.company_id)
        return taxes._prepare_down_payment_lines(
            lines,
            self.company_id,
            "fixed",
            self.amount,
            computation_key=f"crm_compensation,{self.id}",
            grouping_function=lambda line: {"account_id": line["account_id"]},
        )

    def _prepare_order_values(self):
        """:return: dict of values of ``sale.order`` with one line that costs nothing"""
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "origin": self.name,
            "client_order_ref": self.name,
            "user_id": self.user_id.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": self.product_id.id,
                        "product_uom_qty": self.quantity,
                        "price_unit": 0,
                        "discount": 0,
                    }
                )
            ],
        }

    def _check_document(self):
        """The document is what was approved, before it is posted or confirmed.

        :raise UserError: it says something else
        """
        for compensation in self:
            move, order = compensation.move_id, compensation.order_id
            if compensation.state != "approved":
                raise UserError(self.env._("Compensation %s is not approved.", compensation.name))
            if compensation.kind == "credit":
                same = (
                    move.currency_id == compensation.currency_id
                    and move.commercial_partner_id == compensation.commercial_partner_id
                    and not move.currency_id.compare_amounts(move.amount_total, compensation.amount)
                )
            else:
                lines = order.order_line.filtered(lambda line: not line.display_type)
                same = (
                    order.partner_id.commercial_partner_id == compensation.commercial_partner_id
                    and lines.product_id == compensation.product_id
                    and sum(lines.mapped("product_uom_qty")) == compensation.quantity
                    and not order.currency_id.compare_amounts(order.amount_total, 0)
                )
            if not same:
                raise UserError(
                    self.env._(
                        "This is not what was approved as compensation %s: customer, amount or "
                        "goods differ.",
                        compensation.name,
                    )
                )

    def _on_carried_out(self):
        """Posted or confirmed: done, and the customer is told."""
        for compensation in self.filtered(lambda c: c.state == "approved"):
            compensation.write({"state": "done", "date_done": fields.Datetime.now()})
            compensation._tell_customer()

    def _on_taken_back(self):
        """The credit note was reset or the order cancelled: it is to be carried out again."""
        taken = self.filtered(lambda c: c.state == "done")
        taken.write({"state": "approved", "date_done": False})
        for compensation in taken:
            compensation._message_log(body=self.env._("Its credit note or order was taken back."))

    def _tell_customer(self):
        """By mail, on the case or order, once; nothing of plan, reason or approval is in it."""
        self.ensure_one()
        matter = self.breach_id._get_matter()
        if self.date_told:
            return
        self.date_told = fields.Datetime.now()
        template = self.env.ref("crm_aftersales.mail_template_compensation", False)
        if self.case_id:
            recipient = self.case_id._get_mail_recipient()
        else:
            recipient = self.partner_id.email and {"partner_ids": self.partner_id.ids}
        if not template or not recipient:
            return
        letter = template._generate_template(self.ids, ("subject", "body_html", "email_from"))
        letter = letter[self.id]
        matter = matter.with_context(mail_notify_force_send=False, mail_post_autofollow=False)
        matter.message_post(
            **recipient,
            subject=letter["subject"],
            body=Markup(letter["body_html"] or ""),
            author_id=self.company_id.partner_id.id,
            email_from=letter["email_from"] or self.company_id.email_formatted,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            notify_skip_followers=True,
        )

    def action_open_document(self):
        """The credit note or the order."""
        self.ensure_one()
        self.check_access("read")
        document = self.move_id or self.order_id
        return document._get_records_action()

    def _can_file(self):
        return super()._can_file() and self.state in ("done", "cancelled")
