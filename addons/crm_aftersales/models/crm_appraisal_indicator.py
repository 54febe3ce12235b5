from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.crm_service_base.tools.statistics_table import percent


class CrmAppraisalIndicator(models.Model):
    """What appraisals measure, and how much it weighs (D8.R2); nobody types a figure.

    A value is worth 100 points where it is at its best, none at its worst, and in between in
    proportion.
    """

    _name = "crm.appraisal.indicator"
    _description = "Indicator of Appraisals"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    scope = fields.Selection(
        [
            ("both", "Departments and Staff"),
            ("department", "Departments Only"),
            ("staff", "Staff Only"),
        ],
        required=True,
        default="both",
    )
    fact = fields.Selection("_get_facts", "Measured", required=True)
    weight = fields.Float(required=True, default=10, digits=(5, 1))
    value_worst = fields.Float("0 Points At", required=True)
    value_best = fields.Float("100 Points At", required=True, default=100)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty for all companies.")

    _weight_positive = models.Constraint("CHECK(weight > 0)", "What weighs nothing is left out.")
    _values_apart = models.Constraint(
        "CHECK(value_best <> value_worst)", "Best and worst are different values."
    )

    @api.model
    def _get_facts(self):
        """What can be measured; an addon adds its facts.

        :return: list of ``(key, label)``; keys of persons are those of ``_get_staff_facts``, those
            with ``evaluation_`` before them are rows of the quarterly evaluation
        """
        measured = {
            "clock": self.env._("Deadlines of cases kept (%)"),
            "once": self.env._("Cases solved at once (%)"),
            "reopened": self.env._("Cases opened again (%)"),
            "callback": self.env._("Satisfied when called back (%)"),
            "visit": self.env._("Planned visits done (%)"),
            "satisfaction": self.env._("Satisfied with service on visits (%)"),
            "complaint": self.env._("Complaints upheld (number)"),
            "merit": self.env._("Rewards less deductions (amount)"),
            "feedback": self.env._("Feedback excellent or good (%)"),
            "survey": self.env._("Points of surveys (%)"),
        }
        evaluated = {
            "visit_service": self.env._("Evaluation: satisfied with service (%)"),
            "visit_product": self.env._("Evaluation: satisfied with products (%)"),
            "visit_complaint": self.env._("Evaluation: satisfied with complaints (%)"),
            "visit_rate": self.env._("Evaluation: planned visits done (%)"),
            "promise_rate": self.env._("Evaluation: promises kept (%)"),
            "churn": self.env._("Evaluation: customers lost (%)"),
        }
        rows = {f"evaluation_{key}": label for key, label in evaluated.items()}
        return list((measured | rows).items())

    @api.constrains("fact", "scope")
    def _check_scope(self):
        for indicator in self:
            if indicator.fact.startswith("evaluation_") and indicator.scope != "department":
                raise ValidationError(
                    self.env._("The evaluation is about the company: it measures departments only.")
                )

    @api.model
    def _find_for(self, company, scope):
        """:return: the indicators of a scope: the company's own, if it has any"""
        found = self.search([("company_id", "in", (company.id, False))])
        found = found.filtered("company_id") or found
        return found.filtered(lambda indicator: indicator.scope in ("both", scope))

    def _get_value(self, facts, evaluation):
        """The figure of one person or department.

        :param dict facts: fact to ``(part, whole)``
        :param dict evaluation: key of a row of the evaluation to its value
        :return: ``(value, explanation)``; the value is None where nothing is known
        """
        self.ensure_one()
        if self.fact.startswith("evaluation_"):
            return evaluation.get(self.fact.removeprefix("evaluation_")), False
        if self.fact in ("complaint", "merit"):
            # of somebody who did nothing that was measured, no complaint says nothing
            return facts.get(self.fact, (0, 1))[0] if facts else None, False
        part, whole = facts.get(self.fact, (0, 0))
        return percent(part, whole), f"{part:g} / {whole:g}" if whole else False

    def _get_score(self, value):
        """:return: float, 0 to 100"""
        self.ensure_one()
        share = (value - self.value_worst) / (self.value_best - self.value_worst)
        return round(100 * min(1.0, max(0.0, share)), 1)
