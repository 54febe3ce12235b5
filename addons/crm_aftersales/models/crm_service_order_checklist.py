from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class CrmServiceOrder(models.Model):
    """Tools, spare parts and papers are checked before anybody leaves (C2.F1)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    check_ids = fields.One2many("crm.service.order.check", "order_id", "Checklist", copy=False)
    check_open_count = fields.Integer("Still to Check", compute="_compute_check_open_count")

    @api.depends("check_ids.is_done", "check_ids.is_required")
    def _compute_check_open_count(self):
        for order in self:
            order.check_open_count = len(order._get_open_checks())

    def _get_open_checks(self):
        return self.check_ids.filtered(lambda line: line.is_required and not line.is_done)

    @api.model
    def _get_work_fields(self):
        return super()._get_work_fields() | {"check_ids"}

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.sudo()._copy_checks()
        return orders

    def write(self, vals):
        changed = self.browse()
        if "kind" in vals:
            changed = self.filtered(lambda order: order.kind != vals["kind"])
        res = super().write(vals)
        if changed:
            checks = changed.sudo().check_ids
            checks.filtered("is_required").unlink()
            changed.sudo()._copy_checks()
        return res

    def _copy_checks(self):
        """The items of the kind, as they are set up today, in the taker's language."""
        items = self.env["crm.service.check.item"].search([("kind", "in", self.mapped("kind"))])
        by_kind = items.grouped("kind")
        self.env["crm.service.order.check"].create(
            [
                {
                    "order_id": order.id,
                    "sequence": item.sequence,
                    "section": item.section,
                    "name": item.name,
                    "is_required": item.is_required,
                }
                for order in self
                for item in by_kind.get(order.kind, ())
            ]
        )

    def action_check_all(self):
        """Everything on the list was looked at and is packed.

        :raise UserError: somebody set off already
        """
        self.ensure_one()
        self.check_access("write")
        self.check_ids.filtered(lambda line: not line.is_done).write({"is_done": True})

    def _check_depart(self):
        super()._check_depart()
        if missing := self._get_open_checks():
            raise UserError(
                self.env._(
                    "Check before you leave, and tick it off on order %(order)s: %(items)s.",
                    order=self.name,
                    items=format_list(self.env, missing.mapped("name")),
                )
            )
