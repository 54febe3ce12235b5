from odoo import api, fields, models
from odoo.tools import groupby


class CrmServiceCase(models.Model):
    """Habits and preferences of the customer, in sight of whoever serves it (C3.R17)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    preference_summary = fields.Text(
        "Habits and Preferences", compute="_compute_preference_summary"
    )

    @api.depends("partner_id", "company_id")
    def _compute_preference_summary(self):
        self.preference_summary = False
        for company, cases in groupby(self, lambda case: case.company_id):
            customers = self.env["res.partner"].union(
                *(case.partner_id.commercial_partner_id for case in cases)
            )
            known = self.env["crm.customer.preference"]._get_preferences(customers, company)
            for case in cases:
                if found := known.get(case.partner_id.commercial_partner_id._origin):
                    lines = (
                        self.env._("%(name)s: %(text)s", name=topic, text=text)
                        for topic, text in found._get_lines()
                    )
                    case.preference_summary = "\n".join(lines)

    @api.model
    def _prepare_call_facts(self, partner):
        """What the caller likes and does not, first of all that there is to know."""
        company = partner.commercial_partner_id
        known = self.env["crm.customer.preference"]._get_preferences(company, self.env.company)
        lines = known[company]._get_lines() if company in known else []
        return [*lines, *super()._prepare_call_facts(partner)]

    def action_open_preferences(self):
        """What is known of the customer, and a line for what is new."""
        self.ensure_one()
        return self.partner_id._open_crm_preferences()
