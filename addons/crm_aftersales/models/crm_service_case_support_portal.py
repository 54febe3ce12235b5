from odoo import models


class CrmServiceCase(models.Model):
    """Whom to call now, on the customer's page of a case (C3.R12)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def _prepare_portal_values(self):
        team = self.sudo().team_id
        contact = {"hotline": team.phone, "duty": team.duty_text}
        return {**super()._prepare_portal_values(), "contact": contact}
