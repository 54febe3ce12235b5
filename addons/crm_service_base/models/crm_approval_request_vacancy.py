import logging

from odoo import api, models
from odoo.exceptions import LockError
from odoo.fields import Domain

from .crm_approval_mixin import SAFE_CONTEXT

_logger = logging.getLogger(__name__)


class CrmApprovalRequest(models.Model):
    """Approvers who left, changed company or lost their rights never block a document.

    Their seat goes where others still have to decide; else the fallback group decides.
    """

    _inherit = "crm.approval.request"

    def _replace_gone(self, step):
        """Take away the seats of a step whose holders can no longer decide.

        :return: bool, whether something changed
        """
        self.ensure_one()
        gone = step.pending_user_ids - step._filter_able(step.pending_user_ids)
        if not gone or self._is_pool_suspect():
            return False
        before = (step.user_ids, step.added_user_ids)
        step._set_seats(step.user_ids - gone, step.added_user_ids - gone)
        if not step.pending_user_ids or not step._get_named_seats():
            heirs = step._get_heirs(gone)
            if not heirs:
                step._set_seats(*before)
                _logger.warning("Nobody can approve %s #%s", self.res_model, self.res_id)
                return False
            filled = step._get_filled_seats() & step.user_ids
            kept = filled if not step.pending_user_ids else step.added_user_ids
            step._set_seats(kept | heirs, kept, mode="one", is_fallback=True)
        self._log(
            "replace",
            step=step,
            comment=self.env._(
                "%(gone)s can no longer decide. Asked now: %(users)s.",
                gone=self.env["crm.approval.mixin"]._approval_join(gone.mapped("name")),
                users=self.env["crm.approval.mixin"]._approval_join(
                    step.pending_user_ids.mapped("name")
                ),
            ),
            details=True,
            user=self.env.ref("base.user_root"),
        )
        return True

    def _is_pool_suspect(self):
        """Whether somebody changed approvers behind the log's back: nothing is built on that."""
        return bool(self._find_log_fault() or self._find_pool_fault())

    @api.model
    def _replace_users(self, users):
        """Look at the open steps of people whose rights changed.

        :return: the requests of which a step was given to others
        """
        kept = SAFE_CONTEXT[:2]
        context = {key: value for key, value in self.env.context.items() if key in kept}
        requests = self.with_context(context).sudo()  # pylint: disable=context-overridden
        steps = requests.env["crm.approval.step"].search([("pending_user_ids", "in", users.ids)])
        return steps.request_id._replace_in_open_steps()

    def _replace_in_open_steps(self):
        """Give open steps to others where somebody left; one that is being decided waits."""
        changed = self.browse()
        for request in self:
            document = request._get_documents()
            if request.state != "pending" or not document.exists():
                continue
            try:
                document.lock_for_update(allow_referencing=True)
            except LockError:
                continue
            if request._replace_gone(document.approval_step_id):
                changed |= request
        for requests in changed.grouped("res_model").values():
            requests._notify_open_steps()
        return changed

    @api.model
    def _cron_replace(self, batch=200):
        """The net under changes that no write of a user shows, such as one of a group."""
        domain = Domain("state", "=", "pending")
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        last = 0
        while requests := self.search(domain & Domain("id", ">", last), order="id", limit=batch):
            requests._replace_in_open_steps()
            last = requests[-1].id
            if not self.env["ir.cron"]._commit_progress(len(requests)):
                break
