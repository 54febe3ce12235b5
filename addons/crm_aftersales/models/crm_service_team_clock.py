from odoo import fields, models


class CrmServiceTeam(models.Model):
    """When a team works, where it is not when the company does."""

    _name = "crm.service.team"
    _inherit = ["crm.service.team"]

    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        ondelete="restrict",
        check_company=True,
        help="The clocks of the team's cases count with them. Leave empty for those of the "
        "company.",
    )

    def write(self, vals):
        res = super().write(vals)
        if "resource_calendar_id" in vals:
            self.env["crm.deadline.clock"]._refresh_working_time(self.company_id)
        return res
