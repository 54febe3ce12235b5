from odoo import api, fields, models

from ..models.crm_service_case_suggestion import DECISIONS


class CrmCaseSuggestionDecide(models.TransientModel):
    """What becomes of a suggestion, and why."""

    _name = "crm.case.suggestion.decide"
    _description = "Decide about a Suggestion"
    _inherit = ["crm.access.mixin"]

    case_id = fields.Many2one("crm.service.case", required=True)
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    decision = fields.Selection(DECISIONS, "Adopted or Not", required=True, default="adopted")
    reason = fields.Text(required=True)
    department_id = fields.Many2one(
        "crm.service.department",
        "Pass To",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    is_valuable = fields.Boolean("Valuable: into the summary for the departments")
    value = fields.Monetary("Yearly Value")

    @api.depends("case_id")
    def _compute_department_id(self):
        for dialog in self:
            category = dialog.case_id.category_id.with_company(dialog.company_id)
            dialog.department_id = category.department_id

    def action_apply(self):
        """:raise UserError: see ``crm.service.case._decide_suggestion``"""
        self.ensure_one()
        self.case_id._decide_suggestion(
            self.decision, self.reason, self.department_id, self.is_valuable, self.value
        )
        return {"type": "ir.actions.act_window_close"}
