from odoo import fields, models


class SaleOrder(models.Model):
    """An order with a free line that compensates a breach names it."""

    _name = "sale.order"
    _inherit = ["sale.order"]

    crm_compensation_id = fields.Many2one(
        "crm.compensation", "Compensation for a Breach", compute="_compute_crm_compensation_id"
    )

    def _compute_crm_compensation_id(self):
        found = self._get_crm_compensations()
        by_order = {compensation.order_id.id: compensation.id for compensation in found}
        for order in self:
            order.crm_compensation_id = by_order.get(order._origin.id)

    def _get_crm_compensations(self):
        """:return: ``crm.compensation`` with ``sudo`` that these orders carry out"""
        compensations = self.env["crm.compensation"].sudo()
        ids = self._origin.ids
        return compensations.search([("order_id", "in", ids)]) if ids else compensations

    def action_confirm(self):
        """:raise UserError: it is not what was approved as compensation"""
        self.check_access("write")
        self._get_crm_compensations()._check_document()
        res = super().action_confirm()
        confirmed = self.filtered(lambda order: order.state == "sale")
        confirmed._get_crm_compensations()._on_carried_out()
        return res

    def _action_cancel(self):
        res = super()._action_cancel()
        self._get_crm_compensations()._on_taken_back()
        return res
