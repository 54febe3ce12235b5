from odoo import fields, models


class CrmDevice(models.Model):
    """The times a device went back to the factory (C2.R5)."""

    _name = "crm.device"
    _inherit = ["crm.device"]

    return_ids = fields.One2many("crm.device.return", "device_id", "Units Sent Back", readonly=True)
    return_count = fields.Integer(compute="_compute_return_count")

    def _compute_return_count(self):
        groups = self.env["crm.device.return"]._read_group(
            [("device_id", "in", self.ids)], ["device_id"], ["__count"]
        )
        counts = dict(groups)
        for device in self:
            device.return_count = counts.get(device._origin, 0)

    def action_new_return(self):
        """Send the device back to the factory."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send In for Repair"),
            "res_model": "crm.device.return",
            "view_mode": "form",
            "context": {"default_device_id": self.id, "default_company_id": self.company_id.id},
        }

    def action_open_returns(self):
        """The times the device was sent back."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_device_return_action"
        )
        action["domain"] = [("device_id", "=", self.id)]
        action["context"] = {"default_device_id": self.id}
        return action
