from odoo import fields, models


class CrmGradingTopic(models.Model):
    """What people judge where no figure says it, such as a customer's prospects."""

    _name = "crm.grading.topic"
    _description = "Topic to Judge"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    guidance = fields.Text(
        translate=True, help="What the judgement looks at, and what high and low marks mean."
    )
