from odoo import api, fields, models

from .crm_relationship_requirement import KINDS


class CrmRelationshipJudgement(models.Model):
    """A requirement compared with what was collected: met or not, and the gap."""

    _name = "crm.relationship.judgement"
    _description = "Requirement of an Evaluation"
    _inherit = ["crm.approval.line.mixin"]
    _order = "evaluation_id, kind desc, sequence, id"
    _approval_parent_field = "evaluation_id"

    evaluation_id = fields.Many2one(
        "crm.relationship.evaluation", required=True, index=True, ondelete="cascade"
    )
    requirement_id = fields.Many2one(
        "crm.relationship.requirement", required=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer(
        compute="_compute_from_requirement", store=True, readonly=False, precompute=True
    )
    name = fields.Char(
        "Requirement as Worded",
        compute="_compute_from_requirement",
        store=True,
        readonly=False,
        precompute=True,
    )
    kind = fields.Selection(
        KINDS,
        compute="_compute_from_requirement",
        store=True,
        readonly=False,
        precompute=True,
    )
    weight = fields.Float(
        compute="_compute_from_requirement", store=True, readonly=False, precompute=True
    )
    figure = fields.Char(readonly=True, copy=False, help="What was measured, against the target.")
    result = fields.Selection(
        [
            ("met", "Met"),
            ("partly", "Partly Met"),
            ("not_met", "Not Met"),
            ("none", "Not Applicable"),
        ]
    )
    gap = fields.Text()

    @api.depends("requirement_id")
    def _compute_from_requirement(self):
        for line in self:
            requirement = line.requirement_id
            line.name = requirement.name
            line.kind = requirement.kind
            line.weight = requirement.weight
            line.sequence = requirement.sequence

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"figure"}

    def _get_gaps(self):
        """Those that are not, or not wholly, met."""
        return self.filtered(lambda line: line.result in ("partly", "not_met"))

    def _measure(self, facts):
        """Write the figures; where nobody judged yet, also what they say. With ``sudo``.

        :param facts: dict of fact to value
        """
        for line in self.filtered("requirement_id.fact"):
            requirement = line.requirement_id
            value = facts.get(requirement.fact)
            line.write(
                {
                    "figure": line._format_figure(value),
                    "result": line.result or requirement._judge(value),
                }
            )

    def _format_figure(self, value):
        self.ensure_one()
        if value is None:
            return self.env._("unknown")
        requirement = self.requirement_id
        sign = "≤" if requirement.is_maximum else "≥"
        return f"{round(value, 2):.10g} ({sign} {requirement.target:.10g})"

    def _get_score(self):
        """Share of the weighted requirements that are met, partly met ones by half.

        :return: float 0 to 100
        """
        points = {"met": 1, "partly": 0.5, "not_met": 0}
        judged = self.filtered(lambda line: line.result in points)
        total = sum(judged.mapped("weight"))
        reached = sum(line.weight * points[line.result] for line in judged)
        return 100 * reached / total if total else 0
