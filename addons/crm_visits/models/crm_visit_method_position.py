from odoo import api, fields, models


class CrmVisitMethod(models.Model):
    """Whether a method asks where a visit takes place."""

    _name = "crm.visit.method"
    _inherit = ["crm.visit.method"]

    is_position_asked = fields.Boolean(
        "Ask for the Position",
        compute="_compute_is_position_asked",
        store=True,
        readonly=False,
        precompute=True,
        help="Start and Finish ask the visitor's phone where it is. A visit takes place without.",
    )
    position_range = fields.Integer("Range (m)", help="0 for the range of the company's settings.")

    _position_range_positive = models.Constraint(
        "CHECK(position_range >= 0)", "The range cannot be negative."
    )

    @api.depends("channel", "direction")
    def _compute_is_position_asked(self):
        for method in self:
            method.is_position_asked = method.channel == "face" and method.direction == "outbound"
