from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_position_range = fields.Integer(related="company_id.crm_position_range", readonly=False)
    crm_position_days = fields.Integer(related="company_id.crm_position_days", readonly=False)
