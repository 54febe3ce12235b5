from odoo import fields, models


class ProductTemplate(models.Model):
    """What is followed as a device after the sale (C2.R1)."""

    _inherit = "product.template"

    crm_is_device = fields.Boolean(
        "Followed After the Sale",
        help="Each unit sold is registered as a device, with its numbers and warranty.",
    )
    crm_warranty_months = fields.Integer("Warranty (Months)", default=12)
