from odoo import fields, models


class CrmServiceTeam(models.Model):
    """How long the team has to accept what is offered to it."""

    _name = "crm.service.team"
    _inherit = ["crm.service.team"]

    handover_hours = fields.Integer(
        "Hours to Accept", default=4, help="An offered case goes back when nobody accepts in time."
    )
    _handover_hours_positive = models.Constraint(
        "CHECK(handover_hours > 0)", "Give at least one hour to accept a case."
    )
