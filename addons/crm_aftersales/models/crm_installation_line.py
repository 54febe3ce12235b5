from odoo import fields, models


class CrmInstallationLine(models.Model):
    """A product that is to be installed."""

    _name = "crm.installation.line"
    _description = "Product to Install"
    _inherit = ["crm.installation.detail"]
    _check_company_auto = True

    company_id = fields.Many2one(related="request_id.company_id")
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict", check_company=True
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    place = fields.Char("Installed At", help="Where in the vehicle or on the site.")

    _quantity_positive = models.Constraint("CHECK(quantity > 0)", "Enter how many are wanted.")
