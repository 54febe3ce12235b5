from odoo import api, fields, models


class CrmAppraisalLine(models.Model):
    """One measured figure of an appraisal. The server writes it; nobody types it."""

    _name = "crm.appraisal.line"
    _description = "Figure of an Appraisal"
    _inherit = ["crm.approval.line.mixin", "crm.mean.mixin"]
    _order = "appraisal_id, sequence, id"
    _rec_name = "name"

    _approval_parent_field = "appraisal_id"
    _mean_bases = {"value": "is_known", "score": "is_known"}

    appraisal_id = fields.Many2one("crm.appraisal", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer()
    indicator_id = fields.Many2one(
        "crm.appraisal.indicator",
        "Configured Indicator",
        required=True,
        index=True,
        ondelete="restrict",
    )
    name = fields.Char("Indicator", required=True)
    value = fields.Float(digits=(16, 1), aggregator="avg")
    is_known = fields.Boolean("Measured")
    explanation = fields.Char("Out Of", help="What was counted.")
    value_worst = fields.Float("0 Points At", aggregator=None)
    value_best = fields.Float("100 Points At", aggregator=None)
    weight = fields.Float(digits=(5, 1), aggregator=None)
    score = fields.Float(digits=(5, 1), aggregator="avg")
    previous_value = fields.Float("Time Before", digits=(16, 1), aggregator=None)
    has_previous = fields.Boolean()

    @api.model
    def _prepare_line(self, indicator, value, explanation, before):
        """:param before: ``crm.appraisal.line`` of the appraisal before, may be empty"""
        is_known = value is not None
        return {
            "sequence": indicator.sequence,
            "indicator_id": indicator.id,
            "name": indicator.name,
            "value": value or 0.0,
            "is_known": is_known,
            "explanation": explanation,
            "value_worst": indicator.value_worst,
            "value_best": indicator.value_best,
            "weight": indicator.weight,
            "score": indicator._get_score(value) if is_known else 0.0,
            "previous_value": before.value,
            "has_previous": before.is_known,
        }
