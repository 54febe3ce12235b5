from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_datetime, format_list


class CrmServiceOrder(models.Model):
    """What is charged for an order, and the money taken for it (C2.F2, C1.R1)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    charge_order_id = fields.Many2one(
        "sale.order",
        "Quotation of Charged Parts",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    invoice_count = fields.Integer("Invoices", compute="_compute_invoice_count")
    receipt_count = fields.Integer("Receipts", compute="_compute_collected")
    amount_collected = fields.Monetary("Collected", compute="_compute_collected")
    amount_to_collect = fields.Monetary("Still to Collect", compute="_compute_collected")
    return_count = fields.Integer("Units Sent Back", compute="_compute_return_count")

    @api.depends("charge_order_id")
    def _compute_invoice_count(self):
        for order in self:
            order.invoice_count = len(order.sudo().charge_order_id.invoice_ids)

    @api.depends("amount_charged")
    def _compute_collected(self):
        """All receipts of the order, whoever took the money; in the money of the order."""
        domain = [("order_id", "in", self.ids), ("state", "not in", ("draft", "cancelled"))]
        groups = (
            self.env["crm.field.receipt"]
            .sudo()
            ._read_group(domain, ["order_id", "currency_id"], ["__count", "amount:sum"])
        )
        for order in self:
            found = [row[1:] for row in groups if row[0] == order._origin]
            currency = order.currency_id or order.company_id.currency_id
            order.receipt_count = sum(count for _currency, count, _amount in found)
            order.amount_collected = sum(
                paid._convert(amount, currency, order.company_id, fields.Date.context_today(order))
                for paid, _count, amount in found
            )
            order.amount_to_collect = max(0, order.amount_charged - order.amount_collected)

    def _compute_return_count(self):
        domain = [("order_id", "in", self.ids), ("state", "!=", "cancelled")]
        counts = dict(self.env["crm.device.return"]._read_group(domain, ["order_id"], ["__count"]))
        for order in self:
            order.return_count = counts.get(order._origin, 0)

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"charge_order_id"}

    # ------------------------------------------------------------------ quotation

    def action_charge(self):
        """A quotation of what is charged; from there it is invoiced as sales do.

        :raise AccessError: one may not work on the order, or makes no quotations
        :raise UserError: not on site yet, nothing is charged, or there is a quotation
        """
        self.ensure_one()
        self.check_access("write")
        if not self.env["sale.order"].has_access("create"):
            raise AccessError(self.env._("You make no quotations: ask sales, or your supervisor."))
        order = self._approval_enter()
        order._check_state(("arrived", "done"))
        if order.charge_order_id and order.charge_order_id.state != "cancel":
            raise UserError(
                self.env._("There is a quotation already: %s.", order.charge_order_id.name)
            )
        quotation = self.env["sale.order"].create(order._prepare_charge_values())
        order.charge_order_id = quotation.sudo()
        return self.action_open_charge()

    def _prepare_charge_values(self):
        """Called with ``sudo``.

        :return: dict of values of ``sale.order``
        :raise UserError: nothing is charged
        """
        self.ensure_one()
        parts = self.part_ids.filtered("amount")
        if not parts:
            raise UserError(self.env._("Nothing of order %s is charged.", self.name))
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "origin": self.name,
            "user_id": self.env.uid,
            "order_line": [Command.create(part._prepare_charge_line()) for part in parts],
        }

    def action_open_charge(self):
        """The quotation of what is charged."""
        self.ensure_one()
        self.check_access("read")
        return self.charge_order_id._get_records_action()

    def action_open_charge_invoices(self):
        """What was invoiced of it."""
        self.ensure_one()
        self.check_access("read")
        return self.charge_order_id.action_view_invoice()

    # ------------------------------------------------------------------ money taken

    def action_new_receipt(self):
        """A receipt for money taken on the order, filled in as far as the order knows."""
        self.ensure_one()
        self.check_access("read")
        values = self._prepare_receipt_values()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receipt"),
            "res_model": "crm.field.receipt",
            "view_mode": "form",
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def _prepare_receipt_values(self):
        """:return: dict of values of ``crm.field.receipt``"""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        parts = [kinds[self.kind], self.plate or self.device_id.name, self.name]
        return {
            "order_id": self.id,
            "case_id": self.case_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "kind": self.kind,
            "amount": self.amount_to_collect,
            "description": " ".join(filter(None, parts)),
            "invoice_title": self.commercial_partner_id.name,
        }

    def action_open_receipts(self):
        """The money taken on the order."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_field_receipt_action"
        )
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {
            f"default_{name}": value for name, value in self._prepare_receipt_values().items()
        }
        return action

    # ------------------------------------------------------------------ what the form prints

    def _get_form_receipts(self):
        """:return: ``crm.field.receipt`` with ``sudo``: given out and not cancelled"""
        domain = [("order_id", "=", self.id), ("state", "not in", ("draft", "cancelled"))]
        return self.env["crm.field.receipt"].sudo().search(domain, order="date, id")

    def _get_form_received(self):
        receipts = self._get_form_receipts()
        amounts = [f"{r.currency_id.format(r.amount)} ({r.name})" for r in receipts]
        return format_list(self.env, amounts) if amounts else super()._get_form_received()

    def _get_form_handed_in(self):
        """The last of several; empty as long as one is not handed in."""
        receipts = self._get_form_receipts()
        if not receipts or not all(receipts.mapped("date_handed_in")):
            return super()._get_form_handed_in()
        last = max(receipts.mapped("date_handed_in"))
        return format_datetime(self.env, last, dt_format="yyyy-MM-dd HH:mm")

    # ------------------------------------------------------------------ units sent back

    def action_new_return(self):
        """The unit goes back to the factory (C2.R5)."""
        self.ensure_one()
        self.check_access("read")
        values = {
            "order_id": self.id,
            "case_id": self.case_id.id,
            "company_id": self.company_id.id,
            "device_id": self.device_id.id,
            "partner_id": self.partner_id.id,
            "plate": self.plate,
            "symptom": self.problem,
        }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send In for Repair"),
            "res_model": "crm.device.return",
            "view_mode": "form",
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def action_open_returns(self):
        """Units that went back to the factory from this order."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_device_return_action"
        )
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {"default_order_id": self.id, "default_device_id": self.device_id.id}
        return action
