from odoo import models


class ResourceCalendar(models.Model):
    """Clocks of cases follow changed working hours."""

    _inherit = "resource.calendar"

    def write(self, vals):
        res = super().write(vals)
        if not vals.keys().isdisjoint(("tz", "two_weeks_calendar", "attendance_ids")):
            self._crm_on_hours_changed()
        return res

    def _crm_on_hours_changed(self):
        """Weekly hours, time zone or days off changed."""
        self.env.registry.clear_cache()
        companies = self.env["res.company"].sudo()
        own = companies.search([("resource_calendar_id", "in", self.ids)])
        teams = self.env["crm.service.team"].sudo().with_context(active_test=False)
        own |= teams.search([("resource_calendar_id", "in", self.ids)]).company_id
        self.env["crm.deadline.clock"]._refresh_working_time(own)
