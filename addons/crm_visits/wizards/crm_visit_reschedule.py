from odoo import fields, models


class CrmVisitReschedule(models.TransientModel):
    _name = "crm.visit.reschedule"
    _description = "Reschedule Visits"
    _inherit = ["crm.access.mixin"]

    visit_ids = fields.Many2many("crm.visit", required=True)
    date = fields.Datetime("New Time", required=True)
    place = fields.Char("New Place", help="Empty to keep the place.")
    cause = fields.Selection(
        selection=lambda self: self.env["crm.visit.change"]._get_causes(),
        required=True,
        default="customer",
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Move the visits; the reason is kept with each."""
        self.ensure_one()
        self.visit_ids._reschedule(self.date, self.place, self.cause, self.reason)
        return {"type": "ir.actions.act_window_close"}
