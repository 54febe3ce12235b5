from odoo import fields, models

from ..models.crm_customer_promise import OUTCOMES


class CrmCustomerPromiseClose(models.TransientModel):
    """What became of promises, in words."""

    _name = "crm.customer.promise.close"
    _description = "Close Promises"
    _inherit = ["crm.access.mixin"]

    promise_ids = fields.Many2many("crm.customer.promise", required=True)
    outcome = fields.Selection(OUTCOMES, required=True, default="kept")
    result = fields.Text(required=True)
    is_told = fields.Boolean("The customer knows")

    def action_apply(self):
        """Close the promises; result, person and time are kept with each."""
        self.ensure_one()
        self.promise_ids._close(self.outcome, self.result, self.is_told)
        return {"type": "ir.actions.act_window_close"}
