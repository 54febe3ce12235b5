from odoo import api, fields, models


class ResPartner(models.Model):
    """What the customer was promised and waits for."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    crm_promise_count = fields.Integer("Open Promises", compute="_compute_crm_service_counts")

    @api.model
    def _get_crm_service_counters(self):
        return {
            **super()._get_crm_service_counters(),
            "crm_promise_count": ("crm.customer.promise", [("state", "=", "open")]),
        }

    def action_open_crm_promises(self):
        """What the customer was promised: open first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_promise_action"
        )
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Promises to %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"search_default_open": 1, "default_partner_id": self.id}
        return action
