from odoo import fields, models


class CrmCustomerMixin(models.AbstractModel):
    """Something that is about one customer, or a person there."""

    _name = "crm.customer.mixin"
    _inherit = ["crm.access.mixin"]
    _description = "About a Customer"

    partner_id = fields.Many2one(
        "res.partner",
        "Customer or Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer Company",
        store=True,
        index=True,
        ondelete="restrict",
    )
