from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmMeritSeverity(models.Model):
    """How grave a fault, or how great a merit is, and what it costs or brings (C1.R12).

    The amounts are in the currency of the company whose entry it is; entries keep the amount they
    were approved with.
    """

    _name = "crm.merit.severity"
    _description = "Severity of Merits and Faults"
    _order = "kind desc, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("reward", "Reward"), ("deduction", "Deduction")], required=True, default="deduction"
    )
    amount_min = fields.Float(
        "At Least", required=True, digits=(16, 2), help="No entry of this severity is below it."
    )
    amount = fields.Float(
        "Usual Amount", required=True, digits=(16, 2), help="Proposed, may be raised."
    )
    amount_max = fields.Float("At Most", digits=(16, 2), help="Zero: no upper limit.")
    is_grave = fields.Boolean(
        "General Manager Decides", help="Entries of it need the general manager's approval too."
    )
    case_severity = fields.Selection(
        [("minor", "Minor Complaints"), ("major", "Major Complaints")],
        "Proposed For",
        help="Valid complaints against a member of staff propose an entry of this severity.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Leave empty for all companies.")

    _amounts_in_order = models.Constraint(
        "CHECK(amount_min >= 0 AND amount >= amount_min "
        "AND (COALESCE(amount_max, 0) = 0 OR amount_max >= amount))",
        "The usual amount lies between the least and the greatest.",
    )

    @api.constrains("kind", "amount_min")
    def _check_amount_min(self):
        for severity in self:
            if severity.kind == "deduction" and severity.amount_min <= 0:
                raise ValidationError(
                    self.env._(
                        "A deduction has a minimum: fill in “At Least” of “%s”.", severity.name
                    )
                )

    @api.model
    def _find_for_complaint(self, company, severity):
        """What a valid complaint against staff proposes.

        :param company: ``res.company``
        :param str severity: of the complaint, ``minor`` or ``major``
        :return: ``crm.merit.severity``: the company's own before the shared one, else the lightest
        """
        found = self.search(
            [("kind", "=", "deduction"), ("company_id", "in", (company.id, False))],
            order="amount_min, sequence, id",
        )
        fitting = found.filtered(lambda row: row.case_severity == severity) or found
        return (fitting.filtered("company_id") or fitting)[:1]
