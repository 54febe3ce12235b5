from odoo import fields, models


class CrmDevice(models.Model):
    """What was done to a device (C2.R1)."""

    _name = "crm.device"
    _inherit = ["crm.device"]

    service_order_count = fields.Integer(compute="_compute_service_order_count")

    def _compute_service_order_count(self):
        groups = self.env["crm.service.order"]._read_group(
            [("device_id", "in", self.ids)], ["device_id"], ["__count"]
        )
        counts = {device.id: count for device, count in groups}
        for device in self:
            device.service_order_count = counts.get(device.id, 0)

    def action_open_service_orders(self):
        """The orders of the device; a new one is about it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_order_action"
        )
        action["display_name"] = self.env._("Service Orders of %s", self.display_name)
        action["domain"] = [("device_id", "=", self.id)]
        action["context"] = {
            "default_device_id": self.id,
            "default_partner_id": self.partner_id.id,
        }
        return action
