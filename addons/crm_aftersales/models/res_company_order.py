from odoo import fields, models


class ResCompany(models.Model):
    """Who goes to the customers."""

    _name = "res.company"
    _inherit = ["res.company"]

    crm_order_department_id = fields.Many2one(
        "crm.service.department",
        "Field Service Department",
        ondelete="set null",
        domain="[('company_id', '=', id)]",
        help="Its head approves new service orders. Where none is set, the department of whoever "
        "takes the order is in charge.",
    )
