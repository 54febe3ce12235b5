from odoo import api, fields, models


class CrmVisit(models.Model):
    """What was promised to the customer, before this visit and on it."""

    _name = "crm.visit"
    _inherit = ["crm.visit", "crm.promise.mixin"]

    _promise_field = "visit_id"

    promise_ids = fields.One2many("crm.customer.promise", "visit_id", "Promises Made")
    overdue_promise_count = fields.Integer(compute="_compute_overdue_promise_count")

    @api.depends("open_promise_ids")
    def _compute_overdue_promise_count(self):
        for visit in self:
            visit.overdue_promise_count = len(visit.open_promise_ids.filtered("is_overdue"))

    def _approval_free_fields(self):
        return super()._approval_free_fields() | {"promise_ids"}

    def action_finish(self):
        """Shows what is overdue with the customer, so that it is spoken about."""
        action = super().action_finish()
        overdue = self.open_promise_ids.filtered("is_overdue")
        return overdue._show_overdue() if overdue and not action else action

    def _prepare_promise_context(self):
        return super()._prepare_promise_context() | {"default_contact": self.notified_contact}
