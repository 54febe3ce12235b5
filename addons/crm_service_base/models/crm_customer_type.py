from odoo import fields, models


class CrmCustomerType(models.Model):
    """Dealer, wholesaler, retail, tenant …: forms, statistics, archive numbers use it (A2.R2)."""

    _name = "crm.customer.type"
    _description = "Customer Type"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Short code that stands in numbers and statistics, e.g. D for dealers.",
    )
    sequence = fields.Integer(default=10)
    is_shop = fields.Boolean(
        "Runs a Shop",
        help="Customers of this type run a shop: the shop profile is kept for them.",
    )
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "Each customer type needs a code of its own.")
