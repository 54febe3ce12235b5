from odoo import api, fields, models


class CrmInspectionFinding(models.Model):
    """What an inspection found, and what is done about it by when (C3.R14)."""

    _name = "crm.inspection.finding"
    _description = "Finding of an Inspection"
    _inherit = ["crm.action.mixin"]
    _action_parent_field = "round_id"

    line_id = fields.Many2one("crm.inspection.line", required=True, index=True, ondelete="cascade")
    round_id = fields.Many2one(
        related="line_id.round_id",
        string="Part of Round",
        store=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="line_id.partner_id", string="Customer")
    device_id = fields.Many2one(related="line_id.device_id")
    finding = fields.Text("What Was Found", required=True)
    name = fields.Char("Remedy")
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major")],
        "Severity of the Finding",
        required=True,
        default="minor",
    )

    @api.model_create_multi
    def create(self, vals_list):
        findings = super().create(vals_list)
        if not self.env.su:
            findings.round_id._check_running()
        findings.sudo()._schedule()
        return findings

    def _is_running(self):
        return super()._is_running() and self.round_id.state in ("approved", "done")
