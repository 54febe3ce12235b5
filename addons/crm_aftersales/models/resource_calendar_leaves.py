from odoo import api, models
from odoo.fields import Domain


class ResourceCalendarLeaves(models.Model):
    """Clocks of cases follow days off of the whole company; those of one person change nothing."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._crm_on_leaves_changed()
        return leaves

    def write(self, vals):
        companies = self._crm_get_companies()
        res = super().write(vals)
        self._crm_on_leaves_changed(companies)
        return res

    def unlink(self):
        companies = self._crm_get_companies()
        res = super().unlink()
        self._crm_on_leaves_changed(companies)
        return res

    def _crm_get_companies(self):
        """:return: ``res.company`` that these days off close"""
        shared = self.sudo().filtered(lambda leave: not leave.resource_id)
        companies = shared.company_id
        if any(not leave.company_id for leave in shared):
            companies = companies.search(Domain.TRUE)
        return companies

    def _crm_on_leaves_changed(self, companies=None):
        companies = self.exists()._crm_get_companies() | (companies or self.env["res.company"])
        if companies:
            self.env.registry.clear_cache()
            self.env["crm.deadline.clock"]._refresh_working_time(companies)
