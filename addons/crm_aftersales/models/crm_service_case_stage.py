from odoo import fields, models

from .crm_service_case import CASE_STATES

WAITING = [("customer", "The Customer"), ("parts", "Parts"), ("third_party", "A Third Party")]


class CrmServiceCaseStage(models.Model):
    """A column of the kanban: where work on a case stands, and the state that goes with it."""

    _name = "crm.service.case.stage"
    _description = "Case Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [state for state in CASE_STATES if state[0] != "cancelled"],
        required=True,
        default="open",
        help="A case that is dragged into a stage of a later state is solved or closed by it, with "
        "the same checks as the button.",
    )
    waiting = fields.Selection(
        WAITING,
        "Waits For",
        help="While a case stands here, clocks whose policy says so are paused.",
    )
    fold = fields.Boolean("Folded in Kanban")
    team_ids = fields.Many2many(
        "crm.service.team",
        "crm_service_case_stage_team_rel",
        "stage_id",
        "team_id",
        "Teams",
        help="Leave empty for all teams.",
    )
    description = fields.Text("What Is Done Here", translate=True)
