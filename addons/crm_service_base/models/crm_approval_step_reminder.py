from odoo import api, fields, models
from odoo.fields import Domain


class CrmApprovalStep(models.Model):
    """Reminders and escalation of steps that wait too long, in working time.

    A step that waits longer than its route allows is told to a superior. Where one approver is
    enough, the superior may decide as well; where all are needed nobody's decision is replaced,
    the superior is only told.
    """

    _inherit = "crm.approval.step"

    hours_remind = fields.Float("Remind After", readonly=True)
    hours_repeat = fields.Float("Remind Again Every", readonly=True)
    hours_escalate = fields.Float("Escalate After", readonly=True)
    date_remind = fields.Datetime("Next Reminder", readonly=True, index="btree_not_null")
    date_escalate = fields.Datetime("Escalation", readonly=True, index="btree_not_null")
    remind_count = fields.Integer("Reminders", readonly=True)
    is_escalated = fields.Boolean("Escalated", readonly=True)
    is_late = fields.Boolean("Late", compute="_compute_is_late")

    @api.depends("state", "date_deadline")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for step in self:
            deadline = step.date_deadline
            step.is_late = bool(step.state == "open" and deadline and deadline < now)

    @api.model
    def _prepare_open_values(self, users, limits, company):
        now = fields.Datetime.now()

        def after(hours):
            return hours and self._get_deadline(now, hours, company)

        return {
            **super()._prepare_open_values(users, limits, company),
            "date_remind": after(limits.hours_remind),
            "date_escalate": after(limits.hours_escalate),
            "remind_count": 0,
            "is_escalated": False,
        }

    @api.model
    def _prepare_limit_values(self, limits):
        return {
            **super()._prepare_limit_values(limits),
            "hours_remind": limits.hours_remind,
            "hours_repeat": limits.hours_repeat,
            "hours_escalate": limits.hours_escalate,
        }

    @api.model
    def _get_due_domain(self):
        """Open steps to remind of or to escalate, of companies where it is not quiet now."""
        now = fields.Datetime.now()
        companies = self.env["res.company"].search(Domain.TRUE)
        quiet = companies.filtered(lambda company: company._is_crm_quiet(now)).ids
        if self.env.company.id in quiet:
            quiet.append(False)
        due = Domain("date_remind", "<=", now) | Domain("date_escalate", "<=", now)
        domain = Domain("state", "=", "open") & due
        return domain & Domain("request_id.company_id", "not in", quiet)

    @api.model
    def _cron_follow_up(self, batch=200):
        """Remind of open steps and escalate them when it is time.

        What was done is kept with the step in the same transaction as the messages, so that a
        run that was killed tells nobody twice.

        :param int batch: how many steps between two commits
        """
        domain = self._get_due_domain()
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        last = 0
        while steps := self.search(domain & Domain("id", ">", last), order="id", limit=batch):
            last = steps[-1].id
            self.env["ir.cron"]._crm_try(steps, lambda some: some._follow_up())
            if not self.env["ir.cron"]._commit_progress(len(steps)):
                break

    def _follow_up(self):
        """Escalate and remind; steps that are being decided right now wait for the next run."""
        locked = self.try_lock_for_update(allow_referencing=True)
        now = fields.Datetime.now()
        due = locked.filtered(lambda step: step.state == "open")
        told = {}
        for step in due.filtered(lambda s: s.date_escalate and s.date_escalate <= now):
            for user in step._escalate():
                told.setdefault(user, {})[step] = True
        deputies = self.env["crm.approval.absence"]._get_deputies()
        for step in due.filtered(lambda s: s.date_remind and s.date_remind <= now):
            step._count_reminder(now)
            for user in step._get_notified_users(deputies):
                told.setdefault(user, {}).setdefault(step, False)
        for user, steps in told.items():
            self._send_reminder(user, steps)

    def _count_reminder(self, now):
        repeat = self.hours_repeat
        self.write(
            {
                "remind_count": self.remind_count + 1,
                "date_remind": repeat
                and self._get_deadline(now, repeat, self.request_id.company_id),
            }
        )

    def _escalate(self):
        """Tell a superior; where one approver is enough they may decide as well.

        :return: ``res.users`` who are told
        """
        request = self.request_id
        self.write({"date_escalate": False, "is_escalated": True})
        if request._is_pool_suspect():
            return self.env["res.users"]
        users = self._pick_able(self._get_escalation_candidates(), self.user_ids)
        if not users:
            return users
        may_decide = self.mode == "one" and not self._get_named_seats() & self._get_filled_seats()
        names = self.env["crm.approval.mixin"]._approval_join(users.mapped("name"))
        if may_decide:
            self._set_seats(self.user_ids | users, self.added_user_ids)
            comment = self.env._("Waits too long. %s may decide as well now.", names)
        else:
            comment = self.env._("Waits too long. Told to %s.", names)
        root = self.env.ref("base.user_root")
        request._log("escalate", step=self, comment=comment, details=True, user=root)
        request._notify_open_steps()
        return users

    def _get_escalation_candidates(self):
        """Sets of users to try: heads above the department, fallback group, service managers.

        Extend it for another order; the first that holds somebody who may and can decide is taken.

        :return: iterable of ``res.users``
        """
        document = self.request_id._get_documents()
        if "department_id" in document._fields:
            department = document.department_id.parent_id
            while department:
                yield department.head_id
                department = department.parent_id
        yield from self._get_fallback_candidates()

    @api.model
    def _send_reminder(self, user, steps):
        """One message with all documents, by mail or inbox as the person prefers.

        :param steps: dict ``{step: whether it was escalated to the person}``
        """
        localized = self.with_context(lang=user.lang, tz=user.tz)
        body = (
            self.env["ir.qweb"]
            .with_context(lang=user.lang, tz=user.tz)
            ._render(
                "crm_service_base.approval_reminder_message",
                {
                    "greeting": localized.env._("Dear %s,", user.name),
                    "steps": [
                        (step.with_env(localized.env), up and localized._get_late_text(step))
                        for step, up in steps.items()
                    ],
                    "base_url": self.browse().get_base_url(),
                },
            )
        )
        localized.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
            subject=localized.env._("%s documents wait for approval", len(steps)),
            body=body,
            email_add_signature=False,
            force_send=False,
        )

    @api.model
    def _get_late_text(self, step):
        names = step.pending_user_ids.mapped("name")
        return self.env._(
            "(waits too long at %s)", self.env["crm.approval.mixin"]._approval_join(names)
        )
