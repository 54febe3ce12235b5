from odoo import models


class ResCompany(models.Model):
    """Clocks of cases follow the company to other working hours."""

    _inherit = "res.company"

    def write(self, vals):
        res = super().write(vals)
        if not vals.keys().isdisjoint(("resource_calendar_id", "country_id")):
            self.env.registry.clear_cache()
            self.env["crm.deadline.clock"]._refresh_working_time(self)
        return res
