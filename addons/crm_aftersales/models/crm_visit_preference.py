from odoo import models
from odoo.tools import format_date


class CrmVisit(models.Model):
    """The brief says what the customer likes and what not (C3.R17)."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    def _prepare_brief_sections(self):
        return [*super()._prepare_brief_sections(), self._prepare_brief_preferences()]

    def _prepare_brief_preferences(self):
        customer = self.commercial_partner_id
        preferences = self.env["crm.customer.preference"]
        found = preferences._get_preferences(customer, self.company_id).get(customer)
        if not found:
            return None
        columns = [self.env._("Topic"), (self.env._("Preference"), 3), self.env._("Known Since")]
        rows = [
            [
                self._prepare_brief_cell(topic, is_bad=preference.topic == "taboo"),
                text,
                format_date(self.env, preference.date, date_format="yyyy-MM-dd"),
            ]
            for preference, (topic, text) in zip(found, found._get_lines(), strict=True)
        ]
        title = self.env._("Habits and Preferences")
        return self._prepare_brief_section("preferences", 25, title, (), columns, rows)
