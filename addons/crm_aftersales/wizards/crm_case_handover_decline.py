from odoo import fields, models


class CrmCaseHandoverDecline(models.TransientModel):
    """Why somebody does not take a case over."""

    _name = "crm.case.handover.decline"
    _description = "Decline a Hand-Over"
    _inherit = ["crm.access.mixin"]

    handover_id = fields.Many2one("crm.case.handover", required=True)
    reason = fields.Text(required=True)

    def action_decline(self):
        """:raise UserError: see ``crm.case.handover._decline``"""
        self.ensure_one()
        self.handover_id._decline(self.reason)
        return {"type": "ir.actions.act_window_close"}
