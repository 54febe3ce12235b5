from odoo import fields, models


class CrmVisitCancel(models.TransientModel):
    _name = "crm.visit.cancel"
    _description = "Cancel Visits"
    _inherit = ["crm.access.mixin"]

    visit_ids = fields.Many2many("crm.visit", required=True)
    cause = fields.Selection(
        selection=lambda self: self.env["crm.visit.change"]._get_causes(),
        required=True,
        default="customer",
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Cancel the visits; the reason is kept with each."""
        self.ensure_one()
        self.visit_ids._cancel(self.cause, self.reason)
        return {"type": "ir.actions.act_window_close"}
