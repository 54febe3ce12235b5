from odoo import fields, models

CALLBACK_KINDS = [
    ("complaint", "Complaint"),
    ("repair", "Repair"),
    ("paid", "Paid Service"),
    ("survey", "Survey"),
    ("other", "Other"),
]


class CrmVisitMethod(models.Model):
    """Callbacks of a kind: after what, until when, and how many of them (E2.R10)."""

    _name = "crm.visit.method"
    _inherit = ["crm.visit.method"]

    callback_kind = fields.Selection(
        CALLBACK_KINDS, index="btree_not_null", help="What customers are called back about."
    )
    callback_hours = fields.Integer(
        "Call Back Within (h)",
        default=24,
        help="By the clock, nights and holidays included, after the matter is settled; 0 for no "
        "limit.",
    )
    callback_target = fields.Float(
        "Target (%)", default=100, help="Share of callbacks that is to be made; 0 for no target."
    )

    _callback_values_valid = models.Constraint(
        "CHECK(callback_hours >= 0 AND callback_target >= 0 AND callback_target <= 100)",
        "The hours cannot be negative, and the target lies between 0 and 100 %.",
    )
