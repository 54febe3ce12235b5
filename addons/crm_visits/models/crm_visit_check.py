from odoo import fields, models


class CrmVisitCheck(models.Model):
    """A preparation item of one visit."""

    _name = "crm.visit.check"
    _description = "Visit Preparation Check"
    _inherit = "crm.approval.line.mixin"
    _order = "sequence, id"
    _approval_parent_field = "visit_id"

    visit_id = fields.Many2one("crm.visit", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    section = fields.Char(readonly=True)
    name = fields.Char("Item", required=True)
    is_required = fields.Boolean("Required", readonly=True)
    is_done = fields.Boolean("Ready")
