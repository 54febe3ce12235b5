from odoo import fields, models


class CrmFaultReportSend(models.TransientModel):
    """Which customers get the analysis of a fault, and with which words (C3.R11)."""

    _name = "crm.fault.report.send"
    _description = "Send a Fault Report"
    _inherit = ["crm.access.mixin"]

    fault_id = fields.Many2one("crm.fault.report", required=True)
    partner_ids = fields.Many2many("res.partner", string="Send To", required=True)
    text = fields.Text(
        required=True,
        default=lambda self: self.env._(
            "Attached you find what happened, what we did about it, and what keeps it from "
            "happening again. Please call us with any question."
        ),
    )

    def action_apply(self):
        """Send it; the report checks who may.

        :raise UserError: not approved, or a customer without address
        """
        self.ensure_one()
        self.fault_id._send(self.partner_ids, self.text)
        return {"type": "ir.actions.act_window_close"}
