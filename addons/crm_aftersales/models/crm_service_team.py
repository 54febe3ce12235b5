from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError

# what cases out of mail begin with, and whose mail makes them
ALIAS_FIELDS = frozenset(("alias_id", "alias_defaults"))


class CrmServiceTeam(models.Model):
    """Who works on cases together: a hotline, a service centre; with an e-mail address (D6.R1)."""

    _name = "crm.service.team"
    _description = "Service Team"
    _inherit = ["crm.access.mixin", "mail.alias.mixin", "mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    department_id = fields.Many2one(
        "crm.service.department", index="btree_not_null", ondelete="restrict", check_company=True
    )
    leader_id = fields.Many2one(
        "res.users",
        "Team Leader",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    member_ids = fields.Many2many(
        "res.users",
        "crm_service_team_member_rel",
        "team_id",
        "user_id",
        "Members",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    phone = fields.Char("Hotline")
    case_open_count = fields.Integer("Open Cases", compute="_compute_case_counts")
    case_unassigned_count = fields.Integer("Without Owner", compute="_compute_case_counts")

    def _compute_case_counts(self):
        groups = self.env["crm.service.case"]._read_group(
            [("team_id", "in", self.ids), ("state", "=", "open")],
            ["team_id", "user_id"],
            ["__count"],
        )
        for team in self:
            own = [(user, count) for group, user, count in groups if group == team]
            team.case_open_count = sum(count for _user, count in own)
            team.case_unassigned_count = sum(count for user, count in own if not user)

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("crm.service.case")
        if self.id:
            defaults = literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {
                **defaults,
                "team_id": self.id,
                "channel": "email",
                "company_id": self.company_id.id,
            }
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in ALIAS_FIELDS}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not (self.env.su or ALIAS_FIELDS.isdisjoint(vals)):
            raise AccessError(
                self.env._("What a case out of mail begins with is set by the team itself.")
            )
        res = super().write(vals)
        if "company_id" in vals:
            for team in self:
                team.sudo().alias_defaults = team._alias_get_creation_values()["alias_defaults"]
        return res

    def action_open_cases(self):
        """The team's board."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action_team"
        )
        action["display_name"] = self.name
        action["context"] = {"search_default_team_id": self.id, "default_team_id": self.id}
        return action

    @api.model
    def _get_company_team(self, company):
        """:return: the first team of a company, for what comes in without one"""
        return self.search([("company_id", "=", company.id)], limit=1)
