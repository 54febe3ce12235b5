from odoo import api, fields, models


class CrmServiceCase(models.Model):
    """What comes in by itself outside working hours belongs to whoever is on duty (C3.R12)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._assign_to_duty()
        return cases

    def _assign_to_duty(self):
        """Cases nobody owns, where the team says so; who is on duty stands in memory."""
        teams = self.env["crm.service.team"]
        shifts = self.env["crm.duty.shift"]
        for case in self:
            if case.user_id or case.is_history or case.state != "open":
                continue
            company_id = case.company_id.id
            if case.team_id.id not in teams._get_duty_teams(company_id):
                continue
            found = shifts._find_on_duty(company_id, case.team_id.id, fields.Datetime.now())
            if found and not case._is_in_working_hours():
                user = self.env["res.users"].browse(found[0])
                case.sudo().user_id = user
                case.sudo()._message_log(
                    body=self.env._("Goes to %s, who is on duty.", user.sudo().name)
                )

    def _is_in_working_hours(self):
        case = self.sudo()
        working = self.env["crm.service.calendar.day"]._get_working_time(
            case.company_id, case.team_id.resource_calendar_id
        )
        now = fields.Datetime.now()
        return working.minutes_between(now, fields.Datetime.add(now, minutes=1)) > 0
