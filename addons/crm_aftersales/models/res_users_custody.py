from odoo import models


class ResUsers(models.Model):
    """Who leaves with things or money of the company is seen (C2.R13)."""

    _name = "res.users"
    _inherit = ["res.users"]

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active") is False:
            self._report_left_open()
        return res

    def _report_left_open(self):
        """The keeper is asked to get back what somebody who leaves still holds, the supervisor to
        get the money."""
        items = self.env["crm.custody.item"].sudo()
        for item in items.search(
            [
                ("holder_id", "in", self.ids),
                ("quantity_open", ">", 0),
                ("state", "in", ("issued", "held")),
            ]
        ):
            item._ask_back()
        receipts = self.env["crm.field.receipt"].sudo()
        for receipt in receipts.search([("user_id", "in", self.ids), ("state", "=", "collected")]):
            receipt._tell(
                receipt.department_id._get_head_above(receipt.user_id),
                self.env._("Left with money: %s", receipt.display_name),
                receipt.currency_id.format(receipt.amount),
            )
