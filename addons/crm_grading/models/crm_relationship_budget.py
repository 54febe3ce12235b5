from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmRelationshipBudget(models.Model):
    """One item of a plan's budget: what is planned is approved, what was spent is told later."""

    _name = "crm.relationship.budget"
    _description = "Budget Item of a Relationship Plan"
    _inherit = ["crm.approval.line.mixin"]
    _order = "plan_id, sequence, id"
    _approval_parent_field = "plan_id"

    plan_id = fields.Many2one(
        "crm.relationship.plan", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Item", required=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary("Budget Amount")
    amount_spent = fields.Monetary("Spent", copy=False)
    amount_left = fields.Monetary("Left", compute="_compute_amount_left")
    note = fields.Char("Purpose")

    _amounts_positive = models.Constraint(
        "CHECK (amount >= 0 AND amount_spent >= 0)", "Amounts cannot be negative."
    )

    @api.depends("amount", "amount_spent")
    def _compute_amount_left(self):
        for line in self:
            line.amount_left = line.amount - line.amount_spent

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"amount_spent"}

    def _check_approval_write(self, names):
        super()._check_approval_write(names)
        if "amount_spent" not in names:
            return
        for line in self.sudo():
            if line.plan_id.state != "approved":
                raise UserError(
                    self.env._(
                        "What was spent is entered while the plan is carried out: %s is not.",
                        line.plan_id.display_name,
                    )
                )
