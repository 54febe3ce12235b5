from odoo import models


class CrmServiceOrderPart(models.Model):
    """A charged part on a quotation (C2.F2)."""

    _name = "crm.service.order.part"
    _inherit = ["crm.service.order.part"]

    def _prepare_charge_line(self):
        """:return: dict of values of ``sale.order.line``; the price is what the customer signed"""
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "name": self.name,
            "product_uom_qty": self.quantity,
            "price_unit": self.price_unit,
        }
