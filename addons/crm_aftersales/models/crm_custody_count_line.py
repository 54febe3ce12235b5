from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_custody_item import DIGITS


class CrmCustodyCountLine(models.Model):
    """One item of a count: what should be there, what is there, why it differs."""

    _name = "crm.custody.count.line"
    _description = "Counted Item"
    _inherit = ["crm.approval.line.mixin"]
    _approval_parent_field = "count_id"
    _order = "holder_id, id"

    count_id = fields.Many2one("crm.custody.count", required=True, index=True, ondelete="cascade")
    item_id = fields.Many2one(
        "crm.custody.item", "Item Name", required=True, index=True, ondelete="restrict"
    )
    holder_id = fields.Many2one(related="item_id.holder_id", store=True, ondelete="restrict")
    unit = fields.Char("Counted In", related="item_id.unit")
    quantity_expected = fields.Float("Should Be There", readonly=True, digits=(16, DIGITS))
    quantity_counted = fields.Float("Counted", digits=(16, DIGITS))
    is_counted = fields.Boolean("Was Counted")
    difference = fields.Float(compute="_compute_difference", store=True, digits=(16, DIGITS))
    explanation = fields.Char("Reason for the Difference")

    _item_once = models.Constraint("UNIQUE(count_id, item_id)", "Each item stands once in a count.")
    _counted_not_negative = models.Constraint(
        "CHECK(quantity_counted >= 0)", "Nothing is counted below zero."
    )

    @api.depends("quantity_expected", "quantity_counted", "is_counted")
    def _compute_difference(self):
        for line in self:
            difference = line.quantity_counted - line.quantity_expected
            line.difference = round(difference, DIGITS) if line.is_counted else 0

    @api.constrains("item_id", "count_id")
    def _check_item_company(self):
        for line in self:
            if line.item_id.company_id != line.count_id.company_id:
                raise ValidationError(self.env._("A count lists items of its own company."))

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"quantity_expected"}

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._add_counted(vals) for vals in vals_list])
        for line in lines.sudo():
            line.quantity_expected = line.item_id.quantity_open
        return lines

    def write(self, vals):
        return super().write(self._add_counted(vals))

    @api.model
    def _add_counted(self, vals):
        """Who fills in a number counted."""
        if vals.get("quantity_counted") and "is_counted" not in vals:
            return {**vals, "is_counted": True}
        return vals
