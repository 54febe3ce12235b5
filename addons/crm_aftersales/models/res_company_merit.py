from odoo import fields, models


class ResCompany(models.Model):
    """How long a person may object to a merit entry or comment on an appraisal."""

    _name = "res.company"
    _inherit = ["res.company"]

    crm_merit_objection_days = fields.Integer(
        "Days to Object", default=7, help="From the approval of an entry; by the calendar."
    )
    crm_appraisal_comment_days = fields.Integer(
        "Days to Comment on an Appraisal",
        default=3,
        help="Without a comment it may be submitted afterwards.",
    )

    _crm_merit_objection_days_positive = models.Constraint(
        "CHECK(crm_merit_objection_days > 0)", "Everybody has a day to object at least."
    )
