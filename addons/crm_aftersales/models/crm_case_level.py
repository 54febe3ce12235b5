from odoo import api, fields, models

from .crm_service_case import KINDS

LEVELS = [("hotline", "Hotline"), ("remote", "Remote"), ("site", "On Site")]


class CrmCaseLevel(models.Model):
    """What was tried at a level of support and what came of it; only the server writes it
    (C3.R15)."""

    _name = "crm.case.level"
    _description = "Level of Support of a Case"
    _order = "id desc"
    _rec_name = "level"

    case_id = fields.Many2one("crm.service.case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    level = fields.Selection(LEVELS, required=True)
    outcome = fields.Selection(
        [("solved", "Solved"), ("moved", "Moved On"), ("cancelled", "Cancelled")], required=True
    )
    level_next = fields.Selection(LEVELS, "Moved To")
    date_start = fields.Datetime("From", required=True)
    date_end = fields.Datetime("Until", required=True, index=True)
    hours = fields.Float("Working Hours", aggregator="avg", help="Of the team, from its start.")
    solved_share = fields.Float("Solved (%)", aggregator="avg")
    user_id = fields.Many2one("res.users", "By", ondelete="restrict")
    tried = fields.Text("What Was Tried")
    found = fields.Text("What Was Found")
    # as they were then, to count by
    team_id = fields.Many2one("crm.service.team", index="btree_not_null", ondelete="restrict")
    category_id = fields.Many2one("crm.case.category", index="btree_not_null", ondelete="restrict")
    kind = fields.Selection(KINDS)
    partner_id = fields.Many2one(related="case_id.partner_id")

    @api.depends("level", "case_id.name")
    def _compute_display_name(self):
        levels = dict(self._fields["level"]._description_selection(self.env))
        for entry in self:
            entry.display_name = f"{entry.case_id.name} · {levels.get(entry.level, '')}"
