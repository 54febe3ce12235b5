from odoo import fields, models


class CrmVisitMethodChecklist(models.Model):
    """An item to prepare before a visit by this method (客户回访准备事项一览表, A1.R4)."""

    _name = "crm.visit.method.checklist"
    _description = "Visit Preparation Item"
    _order = "sequence, id"

    method_id = fields.Many2one("crm.visit.method", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    section = fields.Char(translate=True)
    name = fields.Char(required=True, translate=True)
    is_required = fields.Boolean("Required", default=True)
