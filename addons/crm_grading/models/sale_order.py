from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _action_confirm(self):
        # at once: costs may change before the transaction ends
        self.order_line._recompute_recordset(["crm_unit_cost"])
        return super()._action_confirm()
