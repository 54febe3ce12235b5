from odoo import api, fields, models
from odoo.tools import SQL

# lines in one message; the rest is behind its link
LISTED = 40


class CrmDeadlineClock(models.Model):
    """Clocks that run out are told upwards, step by step, each step once (E2.R6)."""

    _name = "crm.deadline.clock"
    _inherit = ["crm.deadline.clock"]

    @api.model
    def _cron_escalate(self, batch=1000):
        """Tell what is due to be told; safe to be killed anywhere and to run again.

        The log entry, the next step and the messages are of one transaction: either a batch was
        told, or it is found again by the next run. Clocks are found by the time of their next
        step, which has an index.

        :param int batch: how many clocks between two commits
        """
        quiet = self._get_quiet_companies()
        self.env["ir.cron"]._commit_progress(remaining=self._count_due(quiet))
        while due := self._lock_due(quiet, batch):
            self._escalate(due)
            if not self.env["ir.cron"]._commit_progress(len(due)):
                break

    @api.model
    def _get_quiet_companies(self):
        now = fields.Datetime.now()
        companies = self.env["res.company"].sudo().search([])
        return companies.filtered(lambda company: company._is_crm_quiet(now))

    @api.model
    def _sql_due(self, quiet):
        """Clocks whose next step is due; in quiet hours only those of urgent steps."""
        return SQL(
            """
            crm_deadline_clock c
            JOIN crm_deadline_policy_step s ON s.id = c.next_step_id
           WHERE c.date_next_step <= %s
             AND c.state = 'running' AND c.is_stale IS NOT TRUE
             AND (NOT s.is_quiet OR c.company_id <> ALL(%s))
            """,
            fields.Datetime.now(),
            quiet.ids,
        )

    @api.model
    def _count_due(self, quiet):
        self.flush_model()
        ((count,),) = self.env.execute_query(SQL("SELECT count(*) FROM %s", self._sql_due(quiet)))
        return count

    @api.model
    def _lock_due(self, quiet, batch):
        """Take clocks to tell; those that somebody works on right now wait for the next run.

        :return: list of ``(clock id, step id, case id)``
        """
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT c.id, c.next_step_id, c.case_id FROM %s
                 ORDER BY c.date_next_step LIMIT %s FOR UPDATE OF c SKIP LOCKED
                """,
                self._sql_due(quiet),
                batch,
            )
        )

    @api.model
    def _escalate(self, due):
        """Log, set the next step and tell.

        :param due: locked clocks, list of ``(clock id, step id, case id)``
        """
        steps = self.env["crm.deadline.policy.step"].browse({step for _id, step, _case in due})
        roles = {step.id: step.role for step in steps}
        cases = self.env["crm.service.case"].browse([case for _id, _step, case in due])
        by_case = dict(zip(cases.ids, cases, strict=True)) if cases else {}
        recipients, told = {}, {}
        entries = []
        for clock_id, step_id, case_id in due:
            case, role = by_case[case_id], roles[step_id]
            key = (role, case.company_id, case.user_id, case.team_id, case.department_id)
            if key not in recipients:
                recipients[key] = case._get_escalation_users(role)
            users = recipients[key]
            for user in users:
                told.setdefault(user, []).append(clock_id)
            entries.append((clock_id, step_id, ", ".join(users.mapped("name")) or None))
        fresh = self._log_steps(entries)
        self._set_next_steps(steps, [clock_id for clock_id, _step, _case in due])
        for user, clock_ids in told.items():
            if mine := [clock_id for clock_id in clock_ids if clock_id in fresh]:
                self._send_escalation(user, self.browse(mine))

    @api.model
    def _log_steps(self, entries):
        """:return: set of ids of the clocks whose step was not told before"""
        clock_ids, step_ids, names = zip(*entries, strict=True)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_deadline_escalation
                       (clock_id, step_id, round, company_id, date, told_to)
                SELECT c.id, e.step_id, c.round, c.company_id, %s, e.told_to
                  FROM unnest(%s::int[], %s::int[], %s::varchar[]) AS e (clock_id, step_id, told_to)
                  JOIN crm_deadline_clock c ON c.id = e.clock_id
                    ON CONFLICT DO NOTHING
             RETURNING clock_id
                """,
                fields.Datetime.now(),
                list(clock_ids),
                list(step_ids),
                list(names),
            )
        )
        return {clock_id for (clock_id,) in rows}

    @api.model
    def _set_next_steps(self, steps, clock_ids):
        """The next step of each clock, with one statement."""
        following = []
        for step in steps:
            place = (step._get_minutes(), step.id)
            later = step.policy_id.step_ids._in_order().filtered(
                lambda s, place=place: (s._get_minutes(), s.id) > place
            )[:1]
            minutes = later._get_minutes() if later else None
            following.append(SQL("(%s::int, %s::int, %s::int)", step.id, later.id or None, minutes))
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_deadline_clock c
                   SET next_step_id = f.next_id,
                       date_next_step = c.date_deadline + f.minutes * interval '1 minute'
                  FROM (VALUES %s) AS f (step_id, next_id, minutes)
                 WHERE f.step_id = c.next_step_id AND c.id = ANY(%s)
                """,
                SQL(", ").join(following),
                clock_ids,
            )
        )
        self.browse(clock_ids).invalidate_recordset(
            ["next_step_id", "date_next_step", "escalation_ids"], flush=False
        )

    @api.model
    def _send_escalation(self, user, clocks):
        """One message with all cases, by mail or inbox as the person prefers."""
        localized = self.with_context(lang=user.lang, tz=user.tz)
        clocks = clocks.with_env(localized.env)
        listed = clocks[:LISTED]
        body = (
            self.env["ir.qweb"]
            .with_context(lang=user.lang, tz=user.tz)
            ._render(
                "crm_aftersales.deadline_escalation_message",
                {
                    "user": user,
                    "clocks": listed,
                    "targets": dict(clocks._fields["target"]._description_selection(localized.env)),
                    "more": len(clocks) - len(listed),
                    "base_url": self.browse().get_base_url(),
                },
            )
        )
        localized.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
            subject=localized.env._("%s deadlines need your attention", len(clocks)),
            body=body,
            force_send=False,
        )
