from odoo import api, fields, models
from odoo.exceptions import ValidationError

COMPENSATION_KINDS = [
    ("credit", "Money, by Credit Note"),
    ("goods", "Goods for Free"),
    ("service", "Service for Free"),
]


class CrmCompensationRule(models.Model):
    """What the company has ready for a breach: a line of an implicit commitment (A4.R10).

    Kept internal: neither sales nor customers read it. Approved and versioned with its commitment.
    """

    _name = "crm.compensation.rule"
    _description = "Line of a Compensation Plan"
    _inherit = ["crm.approval.line.mixin"]
    _order = "sequence, id"
    _approval_parent_field = "commitment_id"

    commitment_id = fields.Many2one(
        "crm.service.commitment", "Compensation Plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="commitment_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    covered_id = fields.Many2one(
        "crm.service.commitment",
        "For Breaches Of",
        ondelete="restrict",
        help="With its later versions; empty: of any commitment.",
    )
    cause = fields.Selection(
        [("objective", "Objective Reasons"), ("own", "Ours")],
        help="Empty: whatever the reason was.",
    )
    hours_late = fields.Float("Late by (hours)", help="At least so much; zero: any breach.")
    kind = fields.Selection(COMPENSATION_KINDS, required=True, default="credit")
    amount = fields.Monetary()
    product_id = fields.Many2one("product.product", ondelete="restrict")
    quantity = fields.Float(default=1)

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0 AND quantity > 0 AND hours_late >= 0)",
        "Amounts, quantities and hours are not below zero.",
    )

    @api.depends("kind", "amount", "product_id", "quantity")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self:
            what = (
                f"{rule.amount:,.2f}"
                if rule.kind == "credit"
                else f"{rule.product_id.display_name} × {rule.quantity:g}"
            )
            rule.display_name = self.env._(
                "%(kind)s: %(what)s", kind=kinds.get(rule.kind, ""), what=what
            )

    @api.constrains("kind", "amount", "product_id")
    def _check_offer(self):
        for rule in self:
            if rule.kind == "credit" and not rule.amount:
                raise ValidationError(self.env._("Name the amount that is offered."))
            if rule.kind != "credit" and not rule.product_id:
                raise ValidationError(self.env._("Name the goods or the service that is offered."))

    @api.constrains("commitment_id")
    def _check_implicit(self):
        for rule in self:
            if rule.commitment_id.audience != "implicit":
                raise ValidationError(
                    self.env._(
                        "Compensation plans are kept internal: make “%s” an implicit commitment.",
                        rule.commitment_id.title,
                    )
                )

    @api.model
    def _find(self, breach):
        """The line that fits a breach best: the one for the longest delay, for this commitment
        before one for any.

        :param breach: ``crm.commitment.breach``
        :return: ``crm.compensation.rule`` with ``sudo``, may be empty
        """
        commitments = self.env["crm.service.commitment"].sudo()
        day = fields.Date.context_today(self)
        plans = commitments.search(
            commitments._get_current_domain(day)
            & fields.Domain("audience", "=", "implicit")
            & fields.Domain("company_id", "=", breach.company_id.id)
        )
        versions = breach.commitment_id._get_versions()
        rules = plans.rule_ids.filtered(
            lambda rule: (
                (not rule.covered_id or rule.covered_id in versions)
                and rule.cause in (False, breach.cause)
                and rule.hours_late <= breach.hours_late
            )
        )
        return rules.sorted(
            lambda rule: (not rule.covered_id, -rule.hours_late, rule.sequence, rule.id)
        )[:1]
