from odoo import fields, models


class CrmDeviceReturnCancel(models.TransientModel):
    """Why a unit is not sent back after all."""

    _name = "crm.device.return.cancel"
    _description = "Cancel a Device Sent Back"
    _inherit = ["crm.access.mixin"]

    return_ids = fields.Many2many("crm.device.return", string="Devices Sent Back", required=True)
    reason = fields.Text(required=True)

    def action_apply(self):
        """Do it; the records check who may.

        :raise AccessError: not the user's to do
        :raise UserError: it ended already
        """
        self.ensure_one()
        self.return_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
