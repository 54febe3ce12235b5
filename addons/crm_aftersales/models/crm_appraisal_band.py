from odoo import api, fields, models


class CrmAppraisalBand(models.Model):
    """The grade that a score means (D8.R2)."""

    _name = "crm.appraisal.band"
    _description = "Grade of an Appraisal"
    _order = "score_from desc, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    score_from = fields.Float("From Points", required=True, digits=(5, 1))
    is_plan_required = fields.Boolean(
        "Improvement Plan Needed", help="Such an appraisal is not submitted without measures."
    )
    color = fields.Integer("Colour")
    company_id = fields.Many2one("res.company", index=True, help="Leave empty for all companies.")

    _score_from_range = models.Constraint(
        "CHECK(score_from >= 0 AND score_from <= 100)", "Points go from 0 to 100."
    )

    @api.model
    def _find_band(self, company, score):
        """:return: the ``crm.appraisal.band`` of a score: the company's own bands, if it has any"""
        bands = self.search([("company_id", "in", (company.id, False))])
        bands = bands.filtered("company_id") or bands
        return bands.filtered(lambda band: band.score_from <= score)[:1]
