from odoo import api, fields, models


class CrmCustodySettle(models.TransientModel):
    """How much comes back, was used up or lost, and why."""

    _name = "crm.custody.settle"
    _description = "Settle Custody"
    _inherit = ["crm.access.mixin"]

    how = fields.Selection(
        [("return", "Taken Back"), ("use", "Used Up"), ("lose", "Lost")], required=True
    )
    item_ids = fields.Many2many("crm.custody.item", string="Items", required=True)
    is_single = fields.Boolean(compute="_compute_is_single")
    quantity = fields.Float(digits=(16, 2))
    note = fields.Text()

    @api.depends("item_ids")
    def _compute_is_single(self):
        for dialog in self:
            dialog.is_single = len(dialog.item_ids) == 1

    def action_apply(self):
        """Do it; of several items all that is in custody. The items check who may.

        :raise AccessError: not the user's to do
        :raise UserError: not in custody, more than is there, no words
        """
        self.ensure_one()
        quantity = self.quantity if len(self.item_ids) == 1 else None
        self.item_ids._settle(self.how, quantity, self.note)
        return {"type": "ir.actions.act_window_close"}
