from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    """Clocks of cases follow changed working hours."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._crm_on_hours_changed()
        return lines

    def write(self, vals):
        calendars = self.calendar_id
        res = super().write(vals)
        (calendars | self.calendar_id)._crm_on_hours_changed()
        return res

    def unlink(self):
        calendars = self.calendar_id
        res = super().unlink()
        calendars._crm_on_hours_changed()
        return res
