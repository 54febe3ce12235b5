from odoo import api, fields, models


class CrmVisitAttempt(models.Model):
    """An attempt to reach the customer that failed; kept as it was noted."""

    _name = "crm.visit.attempt"
    _description = "Visit Attempt"
    _order = "date desc, id desc"

    visit_id = fields.Many2one("crm.visit", required=True, index=True, ondelete="cascade")
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, default=lambda self: self.env.user
    )
    outcome = fields.Selection(
        [
            ("no_answer", "No Answer"),
            ("busy", "Busy"),
            ("off", "Switched Off"),
            ("wrong_number", "Wrong Number"),
            ("absent", "Not There"),
            ("call_later", "Asked to Come Back Later"),
        ],
        required=True,
        default="no_answer",
    )
    note = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        """Time and person are the server's, whoever calls."""
        for vals in vals_list:
            vals.update(date=fields.Datetime.now(), user_id=self.env.uid)
        visits = self.env["crm.visit"].browse(vals["visit_id"] for vals in vals_list)
        visits.check_access("write")
        visits._check_attempt()
        attempts = super().create(vals_list)
        attempts.visit_id._after_attempt()
        return attempts
