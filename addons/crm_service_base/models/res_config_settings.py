from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_quiet_start = fields.Float(related="company_id.crm_quiet_start", readonly=False)
    crm_quiet_end = fields.Float(related="company_id.crm_quiet_end", readonly=False)
    crm_is_quiet_on_days_off = fields.Boolean(
        related="company_id.crm_is_quiet_on_days_off", readonly=False
    )
