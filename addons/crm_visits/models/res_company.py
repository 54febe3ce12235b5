from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    crm_position_range = fields.Integer(
        "Range of a Visit (m)",
        default=500,
        help="A visitor within so many metres of the customer's address is at the customer.",
    )
    crm_position_days = fields.Integer(
        "Keep Positions (days)",
        default=180,
        help="Positions of visitors are deleted after so many days.",
    )

    _crm_position_positive = models.Constraint(
        "CHECK(crm_position_range > 0 AND crm_position_days > 0)",
        "Range and days of visitors' positions must be at least one.",
    )
