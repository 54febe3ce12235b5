from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How often staff are reviewed."""

    _name = "res.config.settings"
    _inherit = ["res.config.settings"]

    crm_review_interval = fields.Selection(related="company_id.crm_review_interval", readonly=False)
