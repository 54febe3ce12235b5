from odoo import fields, models


class CrmGradingLevel(models.Model):
    """From which total on a customer has a grade."""

    _name = "crm.grading.level"
    _description = "Grade Threshold"
    _inherit = "crm.approval.line.mixin"
    _order = "standard_id, score_from desc, id"
    _approval_parent_field = "standard_id"

    standard_id = fields.Many2one(
        "crm.grading.standard", required=True, index=True, ondelete="cascade"
    )
    grade_id = fields.Many2one("crm.customer.grade", required=True, index=True, ondelete="restrict")
    score_from = fields.Float("From Points", digits=(16, 2), required=True)

    _score_in_range = models.Constraint(
        "CHECK (score_from >= 0 AND score_from <= 100)", "Points lie between 0 and 100."
    )
    _grade_uniq = models.Constraint(
        "UNIQUE (standard_id, grade_id)", "Each grade stands once in a standard."
    )
