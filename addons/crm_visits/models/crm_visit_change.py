from odoo import api, fields, models


class CrmVisitChange(models.Model):
    """A visit moved or cancelled, and why; written by the system only."""

    _name = "crm.visit.change"
    _description = "Visit Change"
    _order = "id desc"

    visit_id = fields.Many2one("crm.visit", required=True, index=True, ondelete="cascade")
    kind = fields.Selection([("reschedule", "Rescheduled"), ("cancel", "Cancelled")], required=True)
    date_from = fields.Datetime("Old Time")
    date_to = fields.Datetime("New Time")
    place_from = fields.Char("Old Place")
    place_to = fields.Char("New Place")
    cause = fields.Selection(
        [
            ("customer", "Asked by the Customer"),
            ("own", "Our Own Reason"),
            ("unreachable", "Customer Not Reached"),
            ("other", "Other"),
        ],
        required=True,
        default="customer",
    )
    reason = fields.Char(required=True)
    user_id = fields.Many2one("res.users", "By", required=True)

    @api.model
    def _get_causes(self):
        """Causes with their labels in the user's language, for the dialogs."""
        return self._fields["cause"]._description_selection(self.env)
