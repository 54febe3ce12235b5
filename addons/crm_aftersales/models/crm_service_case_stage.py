from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

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

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        res = super().write(vals)
        self.env.registry.clear_cache()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    @api.model
    @ormcache()
    def _get_kinds(self):
        """:return: dict of id to ``(state, what is waited for)``, archived stages as well"""
        stages = self.sudo().with_context(active_test=False).search(Domain.TRUE)
        return {stage.id: (stage.state, stage.waiting) for stage in stages}

    @api.model
    @ormcache("state", "team_id")
    def _find(self, state, team_id):
        """:return: id of the first stage of a state: the team's own, else a shared one"""
        stages = self.sudo().with_context({})
        domain = Domain("state", "=", state)
        own = Domain("team_ids", "in", team_id) if team_id else Domain.FALSE
        shared = Domain("team_ids", "=", False)
        stage = stages.search(domain & own, limit=1) or stages.search(domain & shared, limit=1)
        return stage.id
