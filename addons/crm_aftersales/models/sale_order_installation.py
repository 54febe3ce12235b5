from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SaleOrder(models.Model):
    """What is sold is installed: the request comes from the order in one click (C2.R3)."""

    _name = "sale.order"
    _inherit = ["sale.order"]

    crm_installation_count = fields.Integer(
        "Installation Requests", compute="_compute_crm_order_counts"
    )
    crm_service_order_count = fields.Integer("Service Orders", compute="_compute_crm_order_counts")

    def _compute_crm_order_counts(self):
        names = {
            "crm_installation_count": "crm.installation.request",
            "crm_service_order_count": "crm.service.order",
        }
        for field, model in names.items():
            groups = (
                self.env[model]
                .sudo()
                ._read_group([("sale_order_id", "in", self.ids)], ["sale_order_id"], ["__count"])
            )
            counts = {order.id: count for order, count in groups}
            for order in self:
                order[field] = counts.get(order.id, 0)

    def action_request_crm_installation(self):
        """An installation request with the goods of the order.

        :raise UserError: the order is not confirmed, or has nothing that could be installed
        """
        self.ensure_one()
        self.check_access("read")
        if self.state != "sale":
            raise UserError(self.env._("Confirm order %s first.", self.name))
        lines = self._get_crm_installation_lines()
        if not lines:
            raise UserError(self.env._("Order %s has no goods to install.", self.name))
        request = self.env["crm.installation.request"].create(
            [
                {
                    "partner_id": self.partner_shipping_id.id or self.partner_id.id,
                    "company_id": self.company_id.id,
                    "sale_order_id": self.id,
                    "line_ids": [
                        Command.create(
                            {"product_id": line.product_id.id, "quantity": line.product_uom_qty}
                        )
                        for line in lines
                    ],
                }
            ]
        )
        return request._get_records_action()

    def _get_crm_installation_lines(self):
        """Goods of the order: the devices where there are any, else all that is no service.

        :return: ``sale.order.line``
        """
        goods = self.order_line.filtered(
            lambda line: line.product_id.type == "consu" and line.product_uom_qty > 0
        )
        return goods.filtered("product_id.crm_is_device") or goods

    def action_open_crm_installations(self):
        """The installation requests of the order."""
        self.ensure_one()
        requests = self.env["crm.installation.request"].search([("sale_order_id", "=", self.id)])
        return requests._get_records_action(name=self.env._("Installation Requests"))

    def action_open_crm_service_orders(self):
        """The service orders of the order."""
        self.ensure_one()
        orders = self.env["crm.service.order"].search([("sale_order_id", "=", self.id)])
        return orders._get_records_action(name=self.env._("Service Orders"))
