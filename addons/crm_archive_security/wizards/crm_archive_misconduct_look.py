from odoo import fields, models
from odoo.exceptions import UserError


class CrmArchiveMisconductLook(models.TransientModel):
    """Asks the general manager why a reporter is looked up, or how much the reward is."""

    _name = "crm.archive.misconduct.look"
    _description = "Protected Reporter: Look Up or Reward"
    _inherit = ["crm.access.mixin"]

    misconduct_id = fields.Many2one("crm.archive.misconduct", required=True, ondelete="cascade")
    kind = fields.Selection([("name", "Look Up"), ("reward", "Reward")], required=True)
    reason = fields.Text()
    currency_id = fields.Many2one(related="misconduct_id.company_id.currency_id")
    amount = fields.Monetary()

    def action_apply(self):
        """Show the name once, or note the reward."""
        self.ensure_one()
        self.check_access("write")
        if self.kind == "name":
            name = self.misconduct_id._reveal(self.reason)
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {"type": "info", "message": name, "sticky": True},
            }
        if self.amount <= 0:
            raise UserError(self.env._("Enter the amount of the reward."))
        self.misconduct_id.action_reward(self.amount)
        return {"type": "ir.actions.act_window_close"}
