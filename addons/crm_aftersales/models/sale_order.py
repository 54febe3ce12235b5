from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """The devices that came with an order."""

    _inherit = "sale.order"

    crm_device_count = fields.Integer("Device Count", compute="_compute_crm_device_count")
    crm_device_missing = fields.Integer("Devices to Register", compute="_compute_crm_device_count")

    def _compute_crm_device_count(self):
        counts = (
            self.env["crm.device"]
            .sudo()
            ._read_group([("sale_line_id.order_id", "in", self.ids)], ["sale_line_id"], ["__count"])
        )
        by_order = {}
        for line, count in counts:
            by_order[line.order_id.id] = by_order.get(line.order_id.id, 0) + count
        for order in self:
            order.crm_device_count = by_order.get(order.id, 0)
            wanted = sum(line._get_crm_device_quantity() for line in order.order_line)
            is_sold = order.state == "sale"
            order.crm_device_missing = max(0, wanted - order.crm_device_count) if is_sold else 0

    def action_register_crm_devices(self):
        """A device for each unit sold that is followed after the sale; numbers are filled in later.

        :raise UserError: the order is not confirmed, or all are registered
        """
        self.check_access("write")
        self.env["crm.device"].check_access("create")
        values = []
        for order in self:
            if order.state != "sale":
                raise UserError(self.env._("Confirm order %s first.", order.name))
            for line in order.order_line:
                values += line._prepare_crm_device_values()
        if not values:
            raise UserError(self.env._("All devices of this order are registered."))
        self.env["crm.device"].create(values)
        return self.action_open_crm_devices()

    def action_open_crm_devices(self):
        """The devices that came with the order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_aftersales.crm_device_action")
        action["display_name"] = self.env._("Devices of %s", self.name)
        action["domain"] = [("sale_line_id.order_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.partner_id.id}
        return action
