from odoo import api, fields, models


class CrmRelationshipFigure(models.Model):
    """One figure of a customer before and after, in a report (E1.F5)."""

    _name = "crm.relationship.figure"
    _description = "Figure of a Relationship Report"
    _inherit = ["crm.approval.line.mixin", "crm.department.mixin"]
    _order = "report_id, sequence, id"
    _approval_parent_field = "report_id"

    report_id = fields.Many2one(
        "crm.relationship.report", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="report_id.company_id")
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    fact = fields.Char(readonly=True)
    name = fields.Char("Figure", compute="_compute_name")
    is_before_known = fields.Boolean(readonly=True)
    is_after_known = fields.Boolean(readonly=True)
    value_before = fields.Float("Before", readonly=True, digits=(16, 2), aggregator=None)
    value_after = fields.Float("After", readonly=True, digits=(16, 2), aggregator=None)
    change = fields.Float(compute="_compute_change", store=True, digits=(16, 2), aggregator=None)

    @api.depends("fact")
    @api.depends_context("lang")
    def _compute_name(self):
        """In the language of who reads it."""
        labels = self.env["res.partner"]._get_relationship_fact_labels()
        for figure in self:
            figure.name = labels.get(figure.fact, figure.fact)

    @api.depends("value_before", "value_after", "is_before_known", "is_after_known")
    def _compute_change(self):
        for figure in self:
            is_known = figure.is_before_known and figure.is_after_known
            figure.change = figure.value_after - figure.value_before if is_known else 0

    def _approval_guarded_fields(self):
        """Figures are drawn, never written by hand."""
        return super()._approval_guarded_fields() | {
            "partner_id",
            "fact",
            "is_before_known",
            "is_after_known",
            "value_before",
            "value_after",
        }
