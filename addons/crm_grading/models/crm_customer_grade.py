from odoo import fields, models


class CrmCustomerGrade(models.Model):
    """What a grade means: one table that the service manager keeps."""

    _inherit = "crm.customer.grade"

    visit_policy = fields.Char(
        "Visit Interval",
        translate=True,
        help="How often customers of this grade are seen, in words. The cadence rules of the "
        "visits carry it out.",
    )
    response_class = fields.Selection(
        [("1", "First Class"), ("2", "Second Class"), ("3", "Third Class")],
        help="How fast requests and complaints of these customers are answered.",
    )
    credit_hint = fields.Float(
        "Usual Credit Limit",
        help="A hint for declarations, in the company's currency. It sets nothing by itself.",
    )
    policy = fields.Text("Treatment", translate=True)

    _credit_hint_positive = models.Constraint(
        "CHECK (credit_hint >= 0)", "A credit limit cannot be negative."
    )
