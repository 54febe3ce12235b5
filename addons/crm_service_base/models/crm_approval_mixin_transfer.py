from odoo import api, models
from odoo.tools import format_list


class CrmApprovalMixin(models.AbstractModel):
    """What an approver does besides approving and returning."""

    _inherit = "crm.approval.mixin"

    def action_approval_add(self, user_ids=False, position="beside", comment=False):
        """Name colleagues who must decide as well; without them a dialog asks.

        :param user_ids: ids of the colleagues
        :param str position: ``before``, ``beside`` or ``after`` the step that is open
        :param str comment: the reason, needed
        :raise AccessError: the user is not one of those who decide now
        """
        if not user_ids:
            return self._approval_open_dialog("add")
        documents = self._approval_enter()
        documents._approval_move(lambda r: r._add_approvers(user_ids, position, comment))
        return True

    def action_approval_forward(self, user_id=False, comment=False):
        """Hand the own decision to a colleague; without one a dialog asks.

        :param int user_id: the colleague
        :param str comment: the reason, needed
        :raise AccessError: the user is not one of those who are asked
        """
        if not user_id:
            return self._approval_open_dialog("forward")
        documents = self._approval_enter()
        documents._approval_move(lambda r: r._forward([user_id], comment))
        return True

    def action_approval_send_back(self, step_id=False, comment=False):
        """Send back to an earlier step instead of the author; without one a dialog asks.

        :param int step_id: an approved step of the submission
        :param str comment: the reason, needed
        :raise AccessError: the user is not one of those who decide now
        """
        if not step_id:
            return self._approval_open_dialog("send_back")
        self.ensure_one()
        document = self._approval_enter()
        document._approval_move(lambda r: r._send_back(step_id, comment))
        return True

    def _approval_move(self, move):
        self._check_approval_pending()
        for document in self:
            move(document.approval_request_id)
        self.approval_request_id._notify_open_steps()

    @api.model
    def _approval_join(self, names):
        """:return: str, names as a sentence of the user's language lists them"""
        names = [name for name in names if name]
        if (self.env.lang or "").startswith("zh"):
            return "、".join(names)
        return format_list(self.env, names) if names else ""
