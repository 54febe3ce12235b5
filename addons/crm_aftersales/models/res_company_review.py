from odoo import fields, models


class ResCompany(models.Model):
    """How often the service quality of staff is reviewed (A4.R8)."""

    _name = "res.company"
    _inherit = ["res.company"]

    crm_review_interval = fields.Selection(
        [("monthly", "Every month"), ("quarterly", "Every quarter")],
        "Service Quality Reviews",
        default="quarterly",
        help="Drafts for everybody in the service departments are made by themselves; leave empty "
        "to write reviews by hand.",
    )
