from odoo import api, fields, models


class ResPartner(models.Model):
    """What the customer asked of us."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    crm_case_count = fields.Integer("Open Cases", compute="_compute_crm_service_counts")

    @api.model
    def _get_crm_service_counters(self):
        return {
            **super()._get_crm_service_counters(),
            "crm_case_count": ("crm.service.case", [("state", "=", "open")]),
        }

    def action_open_crm_cases(self):
        """The customer's cases: open ones first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Cases of %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"search_default_alive": 1, "default_partner_id": self.id}
        return action
