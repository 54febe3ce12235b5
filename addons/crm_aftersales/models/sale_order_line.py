from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    crm_device_ids = fields.One2many("crm.device", "sale_line_id", "Devices")

    def _get_crm_device_quantity(self):
        """:return: int, units of the line that are followed as devices"""
        self.ensure_one()
        if not self.product_id.crm_is_device:
            return 0
        return int(
            self.product_uom_id._compute_quantity(self.product_uom_qty, self.product_id.uom_id)
        )

    def _prepare_crm_device_values(self):
        """Values of the devices the line still lacks; the serial is one of ours until it is known.

        :return: list of dict
        """
        self.ensure_one()
        existing = self.sudo().crm_device_ids
        missing = self._get_crm_device_quantity() - len(existing)
        order = self.order_id
        return [
            {
                "name": f"{order.name}-{self.id}-{len(existing) + number}",
                "product_id": self.product_id.id,
                "partner_id": order.partner_id.id,
                "company_id": order.company_id.id,
                "sale_line_id": self.id,
                "date_sold": fields.Date.to_date(order.date_order),
            }
            for number in range(1, missing + 1)
        ]
