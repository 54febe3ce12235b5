from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# states of the order until somebody sets off, and until the work is done
PLANNED = ("draft", "submitted", "approved")
OPEN = (*PLANNED, "departed", "arrived")


class CrmServiceOrderLine(models.AbstractModel):
    """What hangs on a service order and is written while it is worked on.

    Lines change only until their order is done, whoever asks; they stay with their order.
    """

    _name = "crm.service.order.line"
    _description = "Line of a Service Order"
    _inherit = ["crm.access.mixin"]
    _order = "sequence, id"

    # states of the order in which people change its lines
    _order_line_states = OPEN

    order_id = fields.Many2one(
        "crm.service.order", "Service Order", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines._check_order_open()
        return lines

    def write(self, vals):
        if not self.env.su:
            if "order_id" in vals:
                raise UserError(self.env._("A line stays with its order: make a new one."))
            self._check_order_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended(self):
        if not self.env.su:
            self._check_order_open()

    def _check_order_open(self):
        """:raise UserError: an order is too far; its row is held, so that nobody ends it now"""
        orders = self.sudo().order_id
        if not orders:
            return
        orders.flush_recordset(["state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id, state FROM crm_service_order WHERE id IN %s FOR SHARE",
                tuple(orders.ids),
            )
        )
        late = [row_id for row_id, state in rows if state not in self._order_line_states]
        if late:
            raise self._make_late_error(orders.browse(late))

    def _make_late_error(self, orders):
        return orders._make_ended_error()
