from odoo import api, fields, models
from odoo.tools import ormcache


class CrmServiceTeam(models.Model):
    """Who is on duty for a team, and whether cases that come in then are theirs (C3.R12)."""

    _name = "crm.service.team"
    _inherit = ["crm.service.team"]

    is_duty_assigned = fields.Boolean(
        "New Cases to Whoever Is on Duty",
        help="What comes in by itself outside working hours belongs to who is on the duty roster.",
    )
    duty_shift_id = fields.Many2one(
        "crm.duty.shift", "On Duty Now", compute="_compute_duty", compute_sudo=True
    )
    duty_text = fields.Char("On Duty Now: Who", compute="_compute_duty", compute_sudo=True)

    @api.depends("company_id")
    def _compute_duty(self):
        now = fields.Datetime.now()
        shifts = self.env["crm.duty.shift"].sudo()
        for team in self:
            found = shifts._find_on_duty(team.company_id.id, team.id, now)
            shift = shifts.browse(found[1] if found else [])
            team.duty_shift_id = shift
            parts = [shift.duty_user_id.name, shift.phone]
            team.duty_text = " ".join(filter(None, parts)) if shift else False

    @api.model
    @ormcache("company_id")
    def _get_duty_teams(self, company_id):
        """:return: frozenset of ids of the teams whose new cases go to whoever is on duty"""
        domain = [("company_id", "=", company_id), ("is_duty_assigned", "=", True)]
        return frozenset(self.sudo().with_context({}).search(domain).ids)

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        if any(vals.get("is_duty_assigned") for vals in vals_list):
            self.env.registry.clear_cache()
        return teams

    def write(self, vals):
        res = super().write(vals)
        if not {"is_duty_assigned", "active", "company_id"}.isdisjoint(vals):
            self.env.registry.clear_cache()
        return res
