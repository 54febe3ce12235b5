from odoo import fields, models

from .crm_service_order import ORDER_KINDS

SECTIONS = [
    ("tool", "Tools"),
    ("part", "Spare Parts"),
    ("document", "Documents"),
    ("information", "Information"),
]


class CrmServiceCheckItem(models.Model):
    """What is checked before somebody leaves for an order of a kind (C2.F1)."""

    _name = "crm.service.check.item"
    _description = "Item to Check before Leaving"
    _order = "kind, sequence, id"

    name = fields.Char("Item", required=True, translate=True)
    kind = fields.Selection(ORDER_KINDS, "Kind of Order", required=True, index=True)
    section = fields.Selection(SECTIONS, required=True, default="tool")
    is_required = fields.Boolean(
        "Required", default=True, help="Nobody sets off before it is checked."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
