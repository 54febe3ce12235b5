from odoo import fields, models


class CrmCaseCause(models.Model):
    """Why cases come about, for the analysis of common problems (E2.F029, D6.R3)."""

    _name = "crm.case.cause"
    _description = "Case Cause"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
