from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The page of service commitments of the company."""

    _inherit = "res.config.settings"

    crm_is_commitment_public = fields.Boolean(
        related="company_id.crm_is_commitment_public", readonly=False
    )
    crm_hotline = fields.Char(related="company_id.crm_hotline", readonly=False)
    crm_service_hours = fields.Char(related="company_id.crm_service_hours", readonly=False)
