from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmVisitCadence(models.Model):
    """A rule may stand for what the table of grades says: then it is for that grade alone."""

    _inherit = "crm.visit.cadence"

    policy_grade_id = fields.Many2one(
        "crm.customer.grade",
        "Policy of Grade",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        help="The interval is kept in the table of customer grades.",
    )

    _policy_grade_uniq = models.UniqueIndex(
        "(policy_grade_id) WHERE policy_grade_id IS NOT NULL",
        "This grade has its rule already.",
    )

    @api.constrains("policy_grade_id", "grade_ids")
    def _check_policy_grade(self):
        for cadence in self:
            if cadence.policy_grade_id and cadence.grade_ids != cadence.policy_grade_id:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” is the rule of grade %(grade)s and of no other. Make a rule "
                        "of its own for other grades.",
                        rule=cadence.name,
                        grade=cadence.policy_grade_id.name,
                    )
                )
