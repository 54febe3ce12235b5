from odoo import models


class ResPartner(models.Model):
    """The way to what is known of the customer."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    def action_open_crm_preferences(self):
        """What is known of the customer, to read and to add to."""
        return self._open_crm_preferences()

    def _open_crm_preferences(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_customer_preference_action"
        )
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Preferences of %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
