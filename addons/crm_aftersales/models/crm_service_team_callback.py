from odoo import fields, models


class CrmServiceTeam(models.Model):
    """Callbacks on the board of the teams: what share is made, and what is overdue (E2.R10)."""

    _name = "crm.service.team"
    _inherit = ["crm.service.team"]

    callback_rate = fields.Float(
        compute="_compute_callbacks",
        help="Share of the callbacks due in the last 30 days that were made.",
    )
    callback_due_count = fields.Integer("Callbacks Due", compute="_compute_callbacks")
    callback_overdue_count = fields.Integer("Callbacks Overdue", compute="_compute_callbacks")

    def _compute_callbacks(self):
        now = fields.Datetime.now()
        groups = self.env["crm.visit"]._read_group(
            [
                ("case_id.team_id", "in", self.ids),
                ("date_callback_due", ">=", fields.Datetime.subtract(now, days=30)),
                ("date_callback_due", "<=", now),
            ],
            ["case_id.team_id", "callback_timing"],
            ["__count"],
        )
        for team in self:
            counts = {timing: count for group, timing, count in groups if group == team}
            due = sum(counts.values())
            open_count = counts.get("open", 0)
            # a cancelled callback has no timing: it was due and not made
            made = counts.get("in_time", 0) + counts.get("late", 0)
            team.callback_due_count = due
            team.callback_overdue_count = open_count
            team.callback_rate = made / due if due else 0
