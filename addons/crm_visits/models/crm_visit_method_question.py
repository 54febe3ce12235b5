from odoo import fields, models


class CrmVisitMethodQuestion(models.Model):
    """A question asked on every visit by this method."""

    _name = "crm.visit.method.question"
    _description = "Visit Question"
    _order = "sequence, id"

    method_id = fields.Many2one("crm.visit.method", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char("Question", required=True, translate=True)
    is_required = fields.Boolean("Required")
