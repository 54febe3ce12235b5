from odoo import api, models


class CrmApprovalLineMixin(models.AbstractModel):
    """Lines of a document under approval, locked together with it.

    ::

        class CrmVisitPlanLine(models.Model):
            _name = "crm.visit.plan.line"
            _inherit = ["crm.approval.line.mixin"]
            _approval_parent_field = "plan_id"

    The parent is a document of ``crm.approval.mixin`` or again such a line, and it must be
    required with ``ondelete="cascade"``. Many2one of the content take ``ondelete="restrict"``.
    Fields filled after approval are named in ``_approval_after_fields()``, fields that only the
    server writes in ``_approval_guarded_fields()``.
    """

    _name = "crm.approval.line.mixin"
    _inherit = ["crm.approval.content"]
    _description = "Line under Approval"

    _approval_parent_field = None

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines._check_approval_parent()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su and self._approval_parent_field in vals:
            # record rules looked at the parent from before only
            self[self._approval_parent_field].check_access("write")
            self._check_approval_parent()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        if not self.env.su:
            self._check_approval_parent()

    def _approval_documents(self):
        return self[self._approval_parent_field]._approval_documents()

    def _check_approval_write(self, names):
        self._check_approval_guarded(names)
        if not self._approval_field_sets()[1].issuperset(names):
            self._check_approval_parent()

    def _check_approval_parent(self):
        self.sudo()._approval_documents()._check_approval_draft()
