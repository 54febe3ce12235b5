from odoo import fields, models


class CrmVisitPresenceExplain(models.TransientModel):
    """Why a visit takes place elsewhere than at the customer's address."""

    _name = "crm.visit.presence.explain"
    _description = "Explain Where a Visit Takes Place"
    _inherit = ["crm.access.mixin"]

    presence_id = fields.Many2one("crm.visit.presence", required=True, ondelete="cascade")
    distance = fields.Float(related="presence_id.distance", related_sudo=False)
    reason = fields.Char(required=True)

    def action_apply(self):
        """Keep the reason with the presence."""
        self.ensure_one()
        self.presence_id._explain(self.reason)
        return {"type": "ir.actions.act_window_close"}
