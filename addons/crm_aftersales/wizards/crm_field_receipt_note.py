from odoo import fields, models


class CrmFieldReceiptNote(models.TransientModel):
    """Why a receipt goes back to the technician or is cancelled."""

    _name = "crm.field.receipt.note"
    _description = "Reason on Receipts"
    _inherit = ["crm.access.mixin"]

    receipt_ids = fields.Many2many("crm.field.receipt", required=True)
    kind = fields.Selection(
        [("reject", "Return to the Technician"), ("cancel", "Cancel the Receipt")], required=True
    )
    reason = fields.Text(required=True)

    def action_apply(self):
        """Do it; the receipts check who may.

        :raise AccessError: not the user's to do
        :raise UserError: a receipt does not stand where this can be done
        """
        self.ensure_one()
        if self.kind == "reject":
            self.receipt_ids._reject(self.reason)
        else:
            self.receipt_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
