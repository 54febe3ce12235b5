from odoo import fields, models


class CrmVisitAnswer(models.Model):
    """A question asked on one visit and the customer's answer (访问问题)."""

    _name = "crm.visit.answer"
    _description = "Visit Answer"
    _inherit = "crm.approval.line.mixin"
    _order = "sequence, id"
    _approval_parent_field = "visit_id"

    visit_id = fields.Many2one("crm.visit", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    question = fields.Char(required=True)
    is_required = fields.Boolean("Required", readonly=True)
    answer = fields.Text()
