from odoo import fields, models


class CrmResearchMeasure(models.Model):
    """What is done about an opinion that was heard: by whom and until when (C3.R14)."""

    _name = "crm.research.measure"
    _description = "Measure after Service Research"
    _inherit = ["crm.action.mixin", "crm.approval.line.mixin"]
    _approval_parent_field = "research_id"
    _action_parent_field = "research_id"

    research_id = fields.Many2one(
        "crm.service.research", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="research_id.company_id", store=True, index=True)
    opinion = fields.Char(help="The opinion, suggestion or criticism it answers.")

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
        return super()._is_running() and self.research_id.state == "approved"

    def _on_progress(self):
        super()._on_progress()
        self.research_id._finish_if_done()
