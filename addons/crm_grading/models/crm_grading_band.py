from odoo import fields, models


class CrmGradingBand(models.Model):
    """From which figure on a criterion gives so many points."""

    _name = "crm.grading.band"
    _description = "Scoring Band"
    _inherit = "crm.approval.line.mixin"
    _order = "criterion_id, value_from, id"
    _approval_parent_field = "criterion_id"

    criterion_id = fields.Many2one(
        "crm.grading.criterion", required=True, index=True, ondelete="cascade"
    )
    value_from = fields.Float("From Figure", digits=(16, 2), required=True)
    points = fields.Float(digits=(16, 2), required=True)

    _points_positive = models.Constraint(
        "CHECK (points >= 0)", "Points of a band cannot be negative."
    )
    _value_uniq = models.Constraint(
        "UNIQUE (criterion_id, value_from)", "Two bands of a criterion start at the same figure."
    )
