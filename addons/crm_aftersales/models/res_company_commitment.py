from odoo import fields, models


class ResCompany(models.Model):
    """Service information that everybody may know, and whether commitments are published."""

    _name = "res.company"
    _inherit = ["res.company"]

    crm_is_commitment_public = fields.Boolean(
        "Publish Service Commitments",
        help="Explicit, external commitments in force stand on a page that everybody can open.",
    )
    crm_hotline = fields.Char("Service Hotline")
    crm_service_hours = fields.Char("Service Hours", translate=True)
