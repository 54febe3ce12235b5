from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

GROUPS = {
    "manager": "crm_service_base.group_manager",
    "general_manager": "crm_service_base.group_general_manager",
}
# who is told when a role is empty
LADDER = ("owner", "leader", "head", "manager", "general_manager")
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
        while due := self._take_due(quiet, batch):
            self._escalate(due)
            if not self.env["ir.cron"]._commit_progress(len(due)):
                break

    @api.model
    def _get_quiet_companies(self):
        now = fields.Datetime.now()
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
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
        self.env.flush_all()
        ((count,),) = self.env.execute_query(SQL("SELECT count(*) FROM %s", self._sql_due(quiet)))
        return count

    @api.model
    def _take_due(self, quiet, batch):
        """Take clocks to tell, and set their next step; those that somebody works on right now
        wait for the next run.

        :return: list of ``(clock id, round, step id, role, company id, owner id, team id,
            department id)``, the step that is to be told
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH due AS (
                     SELECT c.id, c.case_id, c.round, c.next_step_id, c.date_next_step, s.role
                       FROM %s
                      ORDER BY c.date_next_step LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED),
                step AS (
                     SELECT id, policy_id, active,
                            CASE "when" WHEN 'before' THEN -minutes ELSE minutes END AS minutes
                       FROM crm_deadline_policy_step),
                following AS (
                     SELECT s.id, n.id AS next_id, n.minutes
                       FROM step s
                  LEFT JOIN LATERAL (
                            SELECT n.id, n.minutes FROM step n
                             WHERE n.policy_id = s.policy_id AND n.active
                               AND (n.minutes, n.id) > (s.minutes, s.id)
                             ORDER BY n.minutes, n.id LIMIT 1) n ON TRUE),
                taken AS (
                     UPDATE crm_deadline_clock c
                        SET next_step_id = n.next_id,
                            date_next_step = c.date_deadline + n.minutes * interval '1 minute'
                       FROM due JOIN following n ON n.id = due.next_step_id
                      WHERE c.id = due.id
                  RETURNING due.*)
                SELECT t.id, t.round, t.next_step_id, t.role, f.company_id, f.user_id, f.team_id,
                       f.department_id
                  FROM taken t JOIN crm_service_case f ON f.id = t.case_id
                 ORDER BY t.date_next_step, t.id
                """,
                self._sql_due(quiet),
                batch,
            )
        )
        changed = self.browse(clock_id for clock_id, *_rest in rows)
        changed.invalidate_recordset(
            ["next_step_id", "date_next_step", "escalation_ids"], flush=False
        )
        return rows

    @api.model
    def _escalate(self, due):
        """Log and tell.

        :param due: clocks whose next step is set, see :meth:`_take_due`
        """
        recipients, told, entries = {}, {}, []
        for clock_id, number, step_id, *place in due:
            key = tuple(place)
            if key not in recipients:
                users = self._get_escalation_users(*place)
                recipients[key] = users, ", ".join(users.mapped("name")) or None
            users, names = recipients[key]
            for user in users:
                told.setdefault(user, []).append(clock_id)
            entries.append((clock_id, number, step_id, names))
        fresh = self._log_steps(entries)
        for user, clock_ids in told.items():
            if mine := [clock_id for clock_id in clock_ids if clock_id in fresh]:
                self._send_escalation(user, self.browse(mine))

    @api.model
    def _get_escalation_users(self, role, company_id, user_id, team_id, department_id):
        """The people of a role; where there is nobody, those of the next one.

        :param str role: of an escalation step; the others are of the case
        :return: ``res.users``
        """
        for name in LADDER[LADDER.index(role) :]:
            users = self._get_role_users(name, company_id, user_id, team_id, department_id)
            users = users.filtered(lambda user: user.active and not user._is_superuser())
            if users:
                return users
        return self.env["res.users"]

    @api.model
    def _get_role_users(self, role, company_id, user_id, team_id, department_id):
        env = self.sudo().env
        team = env["crm.service.team"].browse(team_id or [])
        match role:
            case "owner":
                return env["res.users"].browse(user_id or [])
            case "leader":
                return team.leader_id
            case "head":
                department = env["crm.service.department"].browse(department_id or [])
                return (department or team.department_id).head_id
        return env.ref(GROUPS[role]).all_user_ids.filtered(
            lambda user: company_id in user.company_ids.ids and not user.share
        )

    @api.model
    def _log_steps(self, entries):
        """Log what is told; the clocks are locked, so that nobody else logs the same.

        :param entries: list of ``(clock id, round, step id, names)``
        :return: set of ids of the clocks whose step was not told before
        """
        clock_ids, rounds, step_ids, told = zip(*entries, strict=True)
        names = list(dict.fromkeys(told))
        places = {name: number for number, name in enumerate(names, 1)}
        columns = (clock_ids, rounds, step_ids, map(places.get, told))
        # as one literal each: a thousand of them are read in no time
        literals = ["{%s}" % ",".join(map(str, column)) for column in columns]
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_deadline_escalation
                       (clock_id, step_id, round, date, told_to)
                SELECT e.clock_id, e.step_id, e.round, %s, (%s::varchar[])[e.place]
                  FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[])
                       AS e (clock_id, round, step_id, place)
                    ON CONFLICT DO NOTHING
             RETURNING clock_id
                """,
                fields.Datetime.now(),
                names,
                *literals,
            )
        )
        return {clock_id for (clock_id,) in rows}

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
