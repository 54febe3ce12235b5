from odoo import fields, models


class CrmFaultMeasure(models.Model):
    """What corrects a major fault, and what prevents the next one (C3.R11)."""

    _name = "crm.fault.measure"
    _description = "Measure after a Major Fault"
    _inherit = ["crm.action.mixin", "crm.approval.line.mixin"]
    _approval_parent_field = "fault_id"
    _action_parent_field = "fault_id"

    fault_id = fields.Many2one("crm.fault.report", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="fault_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("corrective", "Corrective"), ("preventive", "Preventive")],
        required=True,
        default="corrective",
    )

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "date_done",
            "done_by_id",
            "effect",
            "date_checked",
            "checked_by_id",
        }

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"effect_note"}

    def _is_running(self):
        return super()._is_running() and self.fault_id.state in ("approved", "sent")

    def _on_progress(self):
        super()._on_progress()
        self.fault_id._finish_if_done()
