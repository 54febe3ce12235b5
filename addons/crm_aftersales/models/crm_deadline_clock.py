from collections import defaultdict
from datetime import timedelta
from functools import lru_cache

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import working_time
from ..tools.working_time import PAUSE, RUN, STOP, Rule
from .crm_deadline_policy import TARGETS, UNITS

ALIVE = ("running", "paused")
# what makes it amber: the last part of the time between start and deadline
WARNING_PART = 4
# cases that are registered together have the same deadlines
find_deadline = lru_cache(maxsize=1000)(working_time.deadline)


class CrmDeadlineClock(models.Model):
    """What is due by when on a case, and when it really happened.

    The deadline is a function of the ledger (``segment_ids``) and of what the policy said when
    the clock started. Only the server writes clocks: see ``CrmServiceCase._record_event``.
    """

    _name = "crm.deadline.clock"
    _description = "Deadline of a Case"
    _order = "date_deadline, id"
    _rec_name = "target"
    _log_access = False

    case_id = fields.Many2one("crm.service.case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    target = fields.Selection(TARGETS, "What", required=True)
    policy_id = fields.Many2one("crm.deadline.policy", index="btree_not_null", ondelete="restrict")
    policy_version = fields.Integer("Version")
    amount = fields.Float("Term")
    unit = fields.Selection(UNITS, "Measured In")
    pauses = fields.Char(help="What it pauses for, with commas between.")
    is_repeated = fields.Boolean()
    met_by = fields.Char()
    is_given = fields.Boolean(
        "Date Agreed", help="The deadline is a date that was agreed, not one of a policy."
    )

    state = fields.Selection(
        [("running", "Running"), ("paused", "Paused"), ("met", "Met"), ("stopped", "Stopped")],
        required=True,
        default="running",
    )
    reason = fields.Selection(
        [
            ("replaced", "Another policy holds"),
            ("ended", "Not needed any more"),
            ("cancelled", "The case was cancelled"),
        ],
        "Stopped Because",
    )
    round = fields.Integer(default=1, help="Counts up when a case is opened again.")
    date_start = fields.Datetime("Started", required=True)
    date_deadline = fields.Datetime("Deadline")
    date_warning = fields.Datetime("Urgent From")
    date_met = fields.Datetime("Met On")
    date_stopped = fields.Datetime("Stopped On")
    met_user_id = fields.Many2one("res.users", "Done By", ondelete="restrict")
    message_id = fields.Many2one("mail.message", ondelete="set null", index="btree_not_null")
    date_next_step = fields.Datetime("Next Escalation")
    next_step_id = fields.Many2one("crm.deadline.policy.step", ondelete="set null")
    is_stale = fields.Boolean(help="The working hours changed: to be computed anew.")
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    segment_ids = fields.One2many("crm.deadline.segment", "clock_id", "Ledger")
    escalation_ids = fields.One2many("crm.deadline.escalation", "clock_id", "Told To")

    partner_id = fields.Many2one(related="case_id.partner_id")
    user_id = fields.Many2one(related="case_id.user_id")
    team_id = fields.Many2one(related="case_id.team_id")
    explanation = fields.Html("Why This Deadline", compute="_compute_explanation")

    _running_idx = models.Index("(date_deadline) WHERE state = 'running'")
    _step_idx = models.Index("(date_next_step) WHERE date_next_step IS NOT NULL")
    _stale_idx = models.Index("(id) WHERE is_stale")

    # ------------------------------------------------------------------ computes

    @api.depends("date_deadline", "state", "date_met", "date_stopped")
    def _compute_is_late(self):
        """What ended after its deadline was late and stays it."""
        now = fields.Datetime.now()
        for clock in self:
            end = clock.date_met or clock.date_stopped or now
            clock.is_late = bool(clock.date_deadline and clock.date_deadline < end)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        running = Domain("state", "=", "running") & Domain("date_deadline", "<", "now")
        ended = Domain("state", "in", ("met", "stopped")) & Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s < COALESCE(%s, %s)",
                model._field_to_sql(alias, "date_deadline", query),
                model._field_to_sql(alias, "date_met", query),
                model._field_to_sql(alias, "date_stopped", query),
            ),
            predicate=lambda clock: clock.is_late,
        )
        late = running | ended
        return Domain.OR(late if wanted else ~late for wanted in value)

    @api.depends("target", "case_id.name")
    def _compute_display_name(self):
        targets = dict(self._fields["target"]._description_selection(self.env))
        for clock in self:
            clock.display_name = f"{clock.case_id.name} · {targets.get(clock.target, '')}"

    # ------------------------------------------------------------------ start

    @api.model
    def _prepare_values(self, case, rule, start):
        """A clock that starts; the deadline is computed afterwards.

        :param case: ``crm.service.case``
        :param rule: :class:`PolicyRule`
        :param datetime start: UTC
        """
        return {
            "case_id": case.id,
            "company_id": case.company_id.id,
            "target": rule.target,
            "policy_id": rule.id,
            "policy_version": rule.version,
            "amount": rule.term.amount,
            "unit": rule.term.unit,
            "pauses": rule.pauses,
            "is_repeated": rule.is_repeated,
            "met_by": rule.met_by,
            "date_start": start,
            "round": 1,
        }

    @api.model
    def _prepare_history_values(self, case, rule, given):
        """The clock of an old record, with the date it was due by or the term of a policy."""
        if rule and not given:
            return self._prepare_values(case, rule, case.date_opened)
        return {
            "case_id": case.id,
            "company_id": case.company_id.id,
            "target": "solve",
            "date_start": case.date_opened,
        }

    @api.model
    def _start(self, starts, ledgers=None):
        """Start clocks in one go.

        :param starts: list of ``(case, rule, start)``
        :param ledgers: entries to begin with instead of a plain start, a list for each
        :return: the clocks
        """
        ledgers = ledgers or [self._prepare_ledger(*start) for start in starts]
        vals_list = []
        for (case, rule, start), ledger in zip(starts, ledgers, strict=True):
            values = self._prepare_values(case, rule, start)
            values.update(self._find_deadline(case, values, ledger))
            values.update(self._find_step(rule.steps, values))
            vals_list.append(values)
        clocks = self._insert(vals_list)
        clocks._write_ledger(
            (clock, ledger[1:]) for clock, ledger in zip(clocks, ledgers, strict=True)
        )
        return clocks

    @api.model
    def _insert(self, vals_list):
        """Create clocks with one statement: a batch of complaints starts hundreds.

        :param vals_list: values as they stand in the table, the same fields in each; no defaults
        :return: the clocks
        """
        names = list(vals_list[0])
        rows = [[vals[name] or None for name in names] for vals in vals_list]
        ids = self.env.execute_query(
            SQL(
                "INSERT INTO crm_deadline_clock (%s) VALUES %s RETURNING id",
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join(map(tuple, rows)),
            )
        )
        clocks = self.browse(clock_id for (clock_id,) in ids)
        for name, values in zip(names, zip(*rows, strict=True), strict=True):
            self._fields[name]._insert_cache(clocks, values)
        clocks._add_to_cases()
        clocks.modified(["case_id"])  # what depends on clocks of a case
        return clocks

    def _add_to_cases(self):
        """New clocks are among those of their cases that were read already."""
        field = self.env["crm.service.case"]._fields["clock_ids"]
        for case, clocks in self.grouped("case_id").items():
            if (known := field._get_cache(case.env).get(case.id)) is not None:
                field._update_cache(case, (*known, *clocks._ids))

    @api.model
    def _prepare_ledger(self, case, rule, start):
        """It runs from the start on, unless the case stands where it waits.

        :return: list of ``(moment, kind, what is waited for)``, the start first
        """
        waiting = self.env["crm.service.case.stage"]._get_kinds()[case.stage_id.id][1]
        is_paused = waiting and waiting in rule.pauses.split(",")
        return [(start, RUN, False)] + ([(start, PAUSE, waiting)] if is_paused else [])

    def _write_ledger(self, entries):
        """Add to the ledgers; that a clock runs from its start on is on the clock itself.

        :param entries: pairs of a clock and a list of ``(moment, kind, what is waited for)``
        """
        self.env["crm.deadline.segment"].create(
            [
                {
                    "clock_id": clock.id,
                    "date": moment,
                    "kind": kind,
                    "waiting": waiting,
                }
                for clock, ledger in entries
                for moment, kind, waiting in ledger
            ]
        )

    # ------------------------------------------------------------------ deadline

    def _read_ledgers(self):
        """:return: dict of clock id to list of ``(moment, kind, what is waited for)``"""
        ledgers = {clock.id: [(clock.date_start, RUN, False)] for clock in self}
        segments = self.env["crm.deadline.segment"].search_fetch(
            [("clock_id", "in", self.ids)], ["clock_id", "date", "kind", "waiting"], order="id"
        )
        for segment in segments:
            ledgers[segment.clock_id.id].append((segment.date, segment.kind, segment.waiting))
        return ledgers

    @api.model
    def _get_calendar(self, case):
        """:return: :class:`WorkingTime` of the team, else of the company"""
        return self.env["crm.service.calendar.day"]._get_working_time(
            case.company_id, case.team_id.resource_calendar_id
        )

    @api.model
    def _find_deadline(self, case, values, ledger):
        """What follows from a ledger.

        :param values: of the clock: target, amount, unit, date_start
        :return: dict with state, deadline, from when it is urgent, whether the date was agreed
        """
        kind = ledger[-1][1]
        state = {RUN: "running", PAUSE: "paused"}[kind]
        given = case._get_given_deadline(values["target"])
        if given:
            due = given
        else:
            rule = Rule(values["amount"], values["unit"])
            entries = tuple(entry[:2] for entry in ledger)
            due, _left = find_deadline(rule, entries, self._get_calendar(case))
        start = values["date_start"]
        part = due and max(due - start, timedelta(0)) / WARNING_PART
        return {
            "state": "running" if due and state == "paused" else state,
            "date_deadline": due or False,
            "date_warning": due and (due - part).replace(microsecond=0),
            "is_given": bool(given),
        }

    @api.model
    def _find_step(self, steps, values, done=()):
        """The next step of the escalation.

        :param steps: of a :class:`PolicyRule`
        :param values: of the clock: state, date_deadline
        :param done: ids of the steps that were told
        """
        left = next(((step, minutes) for step, minutes in steps if step not in done), None)
        due = values["date_deadline"]
        if not left or not due or values["state"] != "running":
            return {"next_step_id": False, "date_next_step": False}
        step, minutes = left
        return {"next_step_id": step, "date_next_step": due + timedelta(minutes=minutes)}

    def _compute_deadlines(self, ledgers=None):
        """Deadline and next step of clocks that are alive, from their ledgers."""
        ledgers = ledgers or self._read_ledgers()
        done, steps = self._read_done_steps(), self._get_steps()
        for clock in self:
            values = self._find_deadline(clock.case_id, clock, ledgers[clock.id])
            values.update(
                self._find_step(steps.get(clock.policy_id.id, ()), values, done[clock.id])
            )
            clock.write({**values, "is_stale": False})

    def _get_steps(self):
        """:return: dict of policy id to its steps, archived policies as well"""
        policies = self.policy_id
        return {
            policy.id: tuple((step.id, step._get_minutes()) for step in policy.step_ids._in_order())
            for policy in policies
        }

    def _read_done_steps(self):
        """:return: dict of clock id to the ids of steps that were told in this round"""
        done = defaultdict(set)
        rounds = {clock.id: clock.round for clock in self}
        for log in self.env["crm.deadline.escalation"].search([("clock_id", "in", self.ids)]):
            if log.round == rounds[log.clock_id.id]:
                done[log.clock_id.id].add(log.step_id.id)
        return done

    # ------------------------------------------------------------------ pause, resume, end

    def _turn(self, kind, date):
        """Let clocks run again from a moment on, or pause them for what their stage waits for."""
        ledgers = self._read_ledgers()
        entries = []
        for clock in self:
            ledger = ledgers[clock.id]
            if ledger[-1][1] != kind:
                waiting = kind == PAUSE and clock.case_id.stage_id.waiting
                entry = (max(date, ledger[-1][0]), kind, waiting)
                ledger.append(entry)
                entries.append((clock, [entry]))
        self._write_ledger(entries)
        self._compute_deadlines(ledgers)

    def _end(self, date, **values):
        """The clocks are over: met, or stopped for a reason.

        A paused one would have had to run again to be late: it is measured as if it did now.
        """
        ledgers = self._read_ledgers()
        entries = []
        for clock in self:
            ledger = ledgers[clock.id]
            moment = max(date, ledger[-1][0])
            new = [(moment, RUN, False)] if ledger[-1][1] == PAUSE else []
            due = clock.date_deadline
            if new:
                due = self._find_deadline(clock.case_id, clock, ledger + new)["date_deadline"]
            entries.append((clock, [*new, (moment, STOP, False)]))
            field = "date_met" if values["state"] == "met" else "date_stopped"
            clock.write(
                {
                    **values,
                    field: max(date, clock.date_start),
                    "date_deadline": due,
                    "date_next_step": False,
                    "next_step_id": False,
                    "is_stale": False,
                }
            )
        self._write_ledger(entries)

    def _meet(self, date, message=None):
        """What the clocks ask for really happened.

        :param message: ``mail.message`` that proves it, or None
        """
        author = message and message.author_id.user_ids[:1]
        user = author or self.env.user
        self._end(
            date,
            state="met",
            met_user_id=False if user._is_superuser() else user.id,
            message_id=message.id if message else False,
        )

    def _stop(self, date, reason):
        self._end(date, state="stopped", reason=reason)

    def _continue(self, date):
        """Clocks that were met run on: the case was opened again."""
        for clock in self:
            clock.write(
                {
                    "date_met": False,
                    "met_user_id": False,
                    "message_id": False,
                    "round": clock.round + 1,
                }
            )
        self._turn(RUN, date)

    def _replace(self, rule, date, start=None):
        """Another policy or another start holds from now on: the old clock stops with a record,
        its pauses stay.

        :param rule: :class:`PolicyRule` or None
        :param datetime date: of the change, UTC
        :param datetime start: where the new clock starts, UTC; where the old one did if None
        """
        self.ensure_one()
        start = start or self.date_start
        ledger = self._read_ledgers()[self.id]
        ledger = [(start, *ledger[0][1:])] + [(max(start, e[0]), *e[1:]) for e in ledger[1:]]
        self._stop(date, "replaced")
        if rule:
            begin = (self.case_id, rule, start)
            self._start([begin], [self._convert_ledger(ledger, rule, date)])

    def _convert_ledger(self, ledger, rule, date):
        """The pauses so far, as far as the new policy pauses for them as well."""
        pauses = rule.pauses.split(",")
        kept = ledger[:1]
        for moment, kind, waiting in ledger[1:]:
            is_wanted = waiting in pauses if kind == PAUSE else kept[-1][1] == PAUSE
            if is_wanted:
                kept.append((moment, kind, waiting))
        waiting = self.case_id.stage_id.waiting
        if waiting and waiting in pauses and kept[-1][1] == RUN:
            kept.append((max(date, kept[-1][0]), PAUSE, waiting))
        return kept

    # ------------------------------------------------------------------ changed hours and steps

    @api.model
    def _refresh_working_time(self, companies):
        """Working hours or days off changed: running clocks that count them are computed anew.

        Marked with one statement, computed by the scheduled action in batches.
        """
        self._mark_stale(
            SQL("company_id = ANY(%s) AND unit IN ('work_hour', 'work_day')", companies.ids)
        )

    @api.model
    def _refresh_steps(self, policies):
        self._mark_stale(SQL("policy_id = ANY(%s)", policies.ids))

    @api.model
    def _mark_stale(self, condition):
        self.flush_model(["company_id", "unit", "policy_id", "state", "is_stale"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_deadline_clock SET is_stale = TRUE
                 WHERE state IN ('running', 'paused') AND is_stale IS NOT TRUE AND %s
                """,
                condition,
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(["is_stale"], flush=False)
            self.env.ref("crm_aftersales.ir_cron_refresh_clocks")._trigger()

    @api.model
    def _cron_refresh(self, batch=1000):
        """Compute stale clocks anew; what was done is done if it is interrupted."""
        stale = [("is_stale", "=", True), ("state", "in", ALIVE)]
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(stale))
        while clocks := self.search(stale, limit=batch, order="id"):
            clocks._compute_deadlines()
            if not self.env["ir.cron"]._commit_progress(len(clocks)):
                break
