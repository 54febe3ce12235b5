from odoo import api, fields, models


class ResPartner(models.Model):
    """The service orders at a customer's."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    crm_service_order_count = fields.Integer(
        "Service Orders", compute="_compute_crm_service_counts"
    )

    @api.model
    def _get_crm_service_counters(self):
        return {
            **super()._get_crm_service_counters(),
            "crm_service_order_count": ("crm.service.order", [("state", "!=", "cancelled")]),
        }

    def action_open_crm_service_orders(self):
        """The customer's service orders."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_order_action"
        )
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Service Orders of %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
