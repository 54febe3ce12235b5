from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command


class CrmApprovalRequest(models.Model):
    """What an approver does besides deciding: add somebody, hand over the seat, send back a step.

    None of it drops anybody or lowers what a step needs.
    """

    _inherit = "crm.approval.request"

    def _add_approvers(self, user_ids, position, comment):
        """Colleagues who must decide as well, named by who decides now.

        :param user_ids: ids of ``res.users``
        :param str position: ``before`` or ``after`` the open step, as a step of their own where
            all are needed, or ``beside`` it
        :param str comment: the reason, needed
        """
        self.ensure_one()
        comment = self._clean_comment(comment, required=True)
        step = self._get_open_step()
        seat = self._check_seat(step)
        self._check_pool()
        users = self._get_further_users(step, user_ids)
        if position not in ("before", "beside", "after"):
            raise UserError(self.env._("Choose whether they decide before, beside or after you."))
        labels = dict(self.env["crm.approval.decide"]._get_positions())
        if position == "beside":
            step._set_seats(step.user_ids | users, step.added_user_ids | users)
        else:
            self._insert_step(step, users, position)
        self._log(
            "add",
            step=step,
            comment=self.env._(
                "%(position)s: %(users)s. %(reason)s",
                position=labels[position],
                users=self.env["crm.approval.mixin"]._approval_join(users.mapped("name")),
                reason=comment,
            ),
            details=True,
            seat=seat,
        )
        self._check_steps_readable()

    def _insert_step(self, step, users, position):
        """A frozen step of its own, which all of the users must approve."""
        number = step.sequence + (position == "after")
        for later in self.step_ids.filtered(lambda other: other.sequence >= number):
            later.sequence += 1
        new_step = self.env["crm.approval.step"].create(
            {
                "request_id": self.id,
                "res_model": self.res_model,
                "res_id": self.res_id,
                "sequence": number,
                "name": self.env._("Added by %s", self.env.user.name),
                "mode": "all",
                "state": "waiting",
                "user_ids": [Command.set(users.ids)],
                **step._prepare_limit_values(step),
            }
        )
        self.invalidate_recordset(["step_ids"])  # in order again
        if position == "before":
            step._wait()
            new_step._open()
            self._get_documents().write({"approval_step_id": new_step.id})

    def _forward(self, user_ids, comment):
        """The current user's own seat goes to a colleague.

        :param user_ids: one id of ``res.users``
        :param str comment: the reason, needed
        """
        self.ensure_one()
        comment = self._clean_comment(comment, required=True)
        step = self._get_open_step()
        user = self.env.user
        if user not in step.pending_user_ids:
            raise AccessError(
                self.env._(
                    "Only who is asked to decide about %s hands the decision on.", self.res_name
                )
            )
        self._check_pool()
        colleague = self._get_further_users(step, user_ids)
        if len(colleague) != 1:
            raise UserError(self.env._("Choose one colleague who takes your place."))
        added = step.added_user_ids
        added = added - user | colleague if user in added else added
        step._set_seats(step.user_ids - user | colleague, added)
        self._log(
            "delegate",
            step=step,
            comment=self.env._("To %(user)s. %(reason)s", user=colleague.name, reason=comment),
            details=True,
        )
        self._check_steps_readable()

    def _send_back(self, step_id, comment):
        """Reopen an earlier step; approvals from there on must be given anew.

        :param int step_id: id of an approved step of this submission
        :param str comment: the reason, needed
        """
        self.ensure_one()
        comment = self._clean_comment(comment, required=True)
        step = self._get_open_step()
        seat = self._check_seat(step)
        self._check_pool()
        target = self.step_ids.filtered(
            lambda other: (
                other.id == step_id and other.state == "approved" and other.sequence < step.sequence
            )
        )
        if not target:
            raise UserError(
                self.env._("Choose an earlier step of %s that was approved.", self.res_name)
            )
        undone = self.step_ids.filtered(
            lambda other: target.sequence <= other.sequence <= step.sequence
        )
        undone._wait()
        undone.round_start = max(self.decision_ids.mapped("sequence"))
        self._log(
            "reopen",
            step=step,
            comment=self.env._("To “%(step)s”. %(reason)s", step=target.name, reason=comment),
            details=True,
            seat=seat,
        )
        self._open_step(target)

    def _get_further_users(self, step, user_ids):
        """Colleagues who may take a seat of a step they have none of yet."""
        users = self._get_eligible_users(user_ids)
        self._check_no_second_seat(step, users)
        seated = users & step.user_ids
        if seated:
            raise UserError(
                self.env._(
                    "%(user)s decides at step “%(step)s” already. Choose somebody else.",
                    user=seated[0].name,
                    step=step.name,
                )
            )
        return users

    def _check_no_second_seat(self, step, users):
        """Refuse people who decided at the step already, for themselves or somebody absent."""
        decided = users & step._get_counted_decisions().user_id
        if decided:
            raise UserError(
                self.env._(
                    "%(user)s approved step “%(step)s” already. Choose somebody else.",
                    user=decided[0].name,
                    step=step.name,
                )
            )
