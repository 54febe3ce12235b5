from odoo import fields, models
from odoo.exceptions import UserError


class CrmVisitNotify(models.TransientModel):
    """What was agreed with the customer about time and place (A1.R4)."""

    _name = "crm.visit.notify"
    _description = "Agree a Visit with the Customer"
    _inherit = ["crm.access.mixin"]

    visit_ids = fields.Many2many("crm.visit", required=True)
    contact = fields.Char("Spoke With", required=True)
    outcome = fields.Selection(
        [
            ("confirmed", "Time and place confirmed"),
            ("asked", "Told, no answer yet"),
            ("moved", "Another time or place agreed"),
            ("declined", "Does not want this visit"),
        ],
        required=True,
        default="confirmed",
    )
    date = fields.Datetime("New Time")
    place = fields.Char("New Place")
    reason = fields.Char()

    def action_apply(self):
        """Note the outcome on the visits; another time moves them, confirmed.

        :raise UserError: another time was agreed but none is given
        """
        self.ensure_one()
        visits = self.visit_ids
        if self.outcome == "moved":
            if not (self.date or self.place):
                raise UserError(
                    self.env._("Fill in the new time or the new place that was agreed.")
                )
            for visit in visits:
                visit._reschedule(
                    self.date or visit.date_scheduled,
                    self.place,
                    "customer",
                    self.reason or self.env._("Agreed with %s", self.contact),
                )
        confirmation = "confirmed" if self.outcome == "moved" else self.outcome
        visits._notify(self.contact, confirmation)
        return {"type": "ir.actions.act_window_close"}
