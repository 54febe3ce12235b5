from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class CrmGradingCriterion(models.Model):
    """One item of a standard: weight, where its figure comes from, and what the figure earns."""

    _name = "crm.grading.criterion"
    _description = "Grading Criterion"
    _inherit = "crm.approval.line.mixin"
    _order = "standard_id, sequence, id"
    _approval_parent_field = "standard_id"
    _approval_line_fields = ("band_ids",)

    standard_id = fields.Many2one(
        "crm.grading.standard", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Item", required=True)
    weight = fields.Float("Points", digits=(16, 2), required=True, help="Points at most.")
    source = fields.Selection(
        "_selection_source", "Data Source", required=True, default="order_amount"
    )
    topic_id = fields.Many2one("crm.grading.topic", index=True, ondelete="restrict")
    fact = fields.Char(help="Name of the fact that another app supplies.")
    months = fields.Integer(
        default=3, required=True, help="So many months up to the day of the figures."
    )
    scale = fields.Selection(
        [("bands", "Bands"), ("linear", "Linear")], required=True, default="bands"
    )
    value_zero = fields.Float("No Points At", digits=(16, 2))
    value_full = fields.Float("Full Points At", digits=(16, 2))
    band_ids = fields.One2many("crm.grading.band", "criterion_id", "Bands", copy=True)
    data_source = fields.Text("Data Source in Words", help="Printed on the grading sheet.")
    rule_text = fields.Text("Scoring Rule", compute="_compute_rule_text")

    _weight_positive = models.Constraint(
        "CHECK (weight > 0 AND weight <= 100)", "An item is worth between 0 and 100 points."
    )
    _months_positive = models.Constraint(
        "CHECK (months > 0)", "An item looks at one month or more."
    )

    @api.depends(
        "scale",
        "weight",
        "value_zero",
        "value_full",
        "band_ids.value_from",
        "band_ids.points",
        "source",
    )
    @api.depends_context("lang")
    def _compute_rule_text(self):
        measure = self.env["crm.grading.measure"]
        for criterion in self:
            if criterion.scale == "linear":
                criterion.rule_text = self.env._(
                    "%(zero)s: 0 points; %(full)s: %(points)s points; even steps between",
                    zero=measure._format_value(criterion.source, criterion.value_zero),
                    full=measure._format_value(criterion.source, criterion.value_full),
                    points=f"{criterion.weight:g}",
                )
            else:
                criterion.rule_text = "\n".join(
                    self.env._(
                        "from %(value)s: %(points)s points",
                        value=measure._format_value(criterion.source, band.value_from),
                        points=f"{band.points:g}",
                    )
                    for band in criterion.band_ids.sorted("value_from", reverse=True)
                )

    @api.model
    def _selection_source(self):
        return self.env["crm.grading.measure"]._selection_source()

    @api.ondelete(at_uninstall=False)
    def _unlink_trials(self):
        """Trials of the draft without it say nothing any more."""
        self.standard_id.sudo().run_ids.filtered("is_trial").unlink()

    def _check_complete(self):
        """Refuse items whose points nobody could compute or reach.

        :raise UserError: names the item and what to do
        """
        for criterion in self:
            missing = self.env["crm.grading.measure"]._get_missing_parameter(criterion)
            if missing:
                raise UserError(
                    self.env._(
                        "Item “%(item)s”: choose the %(what)s.", item=criterion.name, what=missing
                    )
                )
            if criterion.scale == "linear":
                criterion._check_linear()
            else:
                criterion._check_bands()

    def _check_linear(self):
        if not float_compare(self.value_zero, self.value_full, precision_digits=2):
            raise UserError(
                self.env._(
                    "Item “%s”: no points and full points cannot be given for the same figure.",
                    self.name,
                )
            )

    def _check_bands(self):
        best = max(self.band_ids.mapped("points"), default=0)
        if float_compare(best, self.weight, precision_digits=2):
            raise UserError(
                self.env._(
                    "Item “%(item)s”: the best band must give exactly the %(points)s points of "
                    "the item.",
                    item=self.name,
                    points=f"{self.weight:g}",
                )
            )
