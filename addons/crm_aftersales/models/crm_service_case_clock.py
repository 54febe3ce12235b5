from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .crm_deadline_clock import ALIVE
from .crm_deadline_policy import TARGETS

CLOCKS = {
    "acknowledge": (("opened",), ("answered",), ()),
    "department": (("referred",), ("department_answered",), ()),
    "report": (("opened", "raised"), ("reported",), ()),
    "progress": (("opened", "raised", "reopened"), ("answered",), ("solved",)),
    "first_solution": (("opened", "raised"), ("proposed", "agreed"), ()),
    "solve": (("opened",), ("solved",), ()),
    "callback": (("solved",), ("called_back",), ("reopened",)),
    "arrive": (("opened",), ("arrived",), ("solved",)),
}
# A change of one of these may make another policy hold.
MATCHED_FIELDS = {"kind", "severity", "urgency", "team_id", "category_id", "partner_id"}


class CrmServiceCase(models.Model):
    """Deadlines of a case: its clocks listen to what happens, the board shows the next one."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    clock_ids = fields.One2many("crm.deadline.clock", "case_id", "Deadlines")
    date_due_agreed = fields.Datetime(
        "Agreed Due Date",
        copy=False,
        tracking=True,
        help="A date to solve the case by that was agreed with the customer or set from outside; "
        "goes before the term of the policy.",
    )
    date_next_deadline = fields.Datetime(
        "Next Deadline", compute="_compute_next_deadline", store=True, copy=False
    )
    date_next_warning = fields.Datetime(compute="_compute_next_deadline", store=True, copy=False)
    next_target = fields.Selection(
        TARGETS, "Next Due", compute="_compute_next_deadline", store=True, copy=False
    )
    is_clock_paused = fields.Boolean(
        "Deadlines Paused", compute="_compute_next_deadline", store=True, copy=False
    )
    clock_state = fields.Selection(
        [("green", "In Time"), ("amber", "Urgent"), ("red", "Overdue"), ("paused", "Paused")],
        compute="_compute_clock_state",
    )
    clock_text = fields.Char("Time Left", compute="_compute_clock_state")
    is_clock_late = fields.Boolean(
        "Overdue", compute="_compute_is_clock_late", search="_search_is_clock_late"
    )

    _deadline_idx = models.Index("(date_next_deadline) WHERE date_next_deadline IS NOT NULL")

    # ------------------------------------------------------------------ computes

    @api.depends("clock_ids.state", "clock_ids.date_deadline", "clock_ids.date_warning")
    def _compute_next_deadline(self):
        for case in self.sudo():
            own = case.clock_ids.filtered(lambda clock: clock.state in ALIVE)
            dated = own.filtered("date_deadline").sorted("date_deadline")
            clock = dated[:1]
            case.date_next_deadline = clock.date_deadline
            case.date_next_warning = clock.date_warning
            case.next_target = clock.target
            case.is_clock_paused = bool(own and not dated)

    @api.depends("date_next_deadline", "date_next_warning", "is_clock_paused")
    @api.depends_context("lang")
    def _compute_clock_state(self):
        """The badge, from what stands on the case: no query a card."""
        now, badges = fields.Datetime.now(), defaultdict(list)
        for case in self:
            due, warning = case.date_next_deadline, case.date_next_warning
            if not due:
                badges["paused" if case.is_clock_paused else False, ""].append(case)
            elif due < now:
                badges["red", self._format_span(now - due)].append(case)
            else:
                state = "amber" if warning and warning <= now else "green"
                badges[state, self._format_span(due - now)].append(case)
        for (state, span), cases in badges.items():  # many cards read alike
            cases = self.browse().concat(*cases)
            cases.clock_state = state
            cases.clock_text = self._format_badge(state, span)

    @api.model
    def _format_badge(self, state, span):
        match state:
            case "red":
                return self.env._("Overdue by %s", span)
            case "amber" | "green":
                return self.env._("%s left", span)
        return self.env._("Paused") if state else False

    @api.depends("date_next_deadline")
    def _compute_is_clock_late(self):
        now = fields.Datetime.now()
        for case in self:
            due = case.date_next_deadline
            case.is_clock_late = bool(due) and due < now

    @api.model
    def _format_span(self, span):
        """A stretch of time as one says it: days from two days on, hours, minutes."""
        minutes = int(span.total_seconds() // 60)
        if minutes >= 2 * 24 * 60:
            return self.env._("%s days", minutes // (24 * 60))
        if minutes >= 60:
            return self.env._("%s h", minutes // 60)
        return self.env._("%s min", minutes)

    @api.model
    def _format_used(self, span):
        minutes = int(span.total_seconds() // 60)
        if minutes < 60:
            return self.env._("%s min", minutes)
        return self.env._("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)

    def _search_is_clock_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("date_next_deadline", "<", "now")
        return Domain.OR(late if wanted else ~late for wanted in value)

    # ------------------------------------------------------------------ create, write

    @api.model
    def _get_server_fields(self):
        return {
            **super()._get_server_fields(),
            "date_next_deadline": False,
            "date_next_warning": False,
            "next_target": False,
            "is_clock_paused": False,
        }

    def write(self, vals):
        before = self.sudo()._is_any_waiting() if "stage_id" in vals else False
        if "date_due_agreed" in vals and not (self.env.su or self._is_supervisor()):
            raise AccessError(self.env._("Only a supervisor sets the date by which a case is due."))
        changed = self._get_changed(vals.keys() & MATCHED_FIELDS, vals)
        received = {case: case.date_opened for case in self.sudo()} if "date_opened" in vals else {}
        res = super().write(vals)
        if "stage_id" in vals and (before or self.sudo()._is_any_waiting()):
            self._record_event("waiting")
        if changed:
            changed.sudo()._match_clocks()
        for case, date in received.items():
            case._move_clocks(date)
        if "date_due_agreed" in vals:
            self.sudo()._refresh_given_deadlines("solve")
        return res

    def _is_any_waiting(self):
        kinds = self.env["crm.service.case.stage"]._get_kinds()
        return any(kinds[case.stage_id.id][1] for case in self)

    def _get_changed(self, names, vals):
        """Cases of which a field really gets another value."""
        if not names:
            return self.browse()
        cases = self.sudo()
        changed = cases.filtered(
            lambda case: any(
                cases._fields[name].convert_to_cache(vals[name] or None, case)
                != cases._fields[name].convert_to_cache(case[name] or None, case)
                for name in names
            )
        )
        return changed.filtered(lambda case: case.state in ("open", "solved")).with_env(self.env)

    # ------------------------------------------------------------------ what happens to a case

    def _record_event(self, event, date=None, message=None):
        super()._record_event(event, date, message)
        cases = self.sudo().filtered(lambda case: not case.is_history)
        if cases:
            cases._follow_event(event, date, message)

    def _follow_event(self, event, date, message):
        """Start, meet, pause and end the clocks of cases; called with ``sudo``."""
        now = date or fields.Datetime.now()
        clocks = self.env["crm.deadline.clock"]
        if event == "opened":  # there are none: nobody needs to look
            self._fields["clock_ids"]._update_cache(self, ())
        else:
            if not self._get_event_targets(event):
                return
            states = (*ALIVE, "met") if event == "reopened" else ALIVE
            clocks = clocks.search([("case_id", "in", self.ids), ("state", "in", states)])
        alive = clocks.filtered(lambda clock: clock.state in ALIVE)
        met = alive.filtered(lambda clock: self._is_met_by(clock, event))
        if met:
            met._meet(now, message)
        self._end_clocks(alive - met, event, now)
        if event == "waiting":
            self._follow_waiting(alive, now)
        if event == "reopened":
            clocks.filtered(lambda c: c.state == "met" and c.target == "solve")._continue(now)
        self._start_clocks(event, date, alive - met, met)

    @api.model
    def _get_clock_events(self):
        """What starts a clock, what meets it, and what makes it needless; whatever is alive ends
        with the case. An addon adds its targets.

        :return: dict of target to three tuples of events of ``crm_service_case.EVENTS``
        """
        return CLOCKS

    @api.model
    def _get_event_targets(self, event):
        """:return: whether an event concerns any clock"""
        general = ("waiting", "closed", "cancelled")
        return event in general or any(
            event in events for entry in self._get_clock_events().values() for events in entry
        )

    @api.model
    def _is_met_by(self, clock, event):
        """Whether an event is what a clock asks for; a solution told may not be enough."""
        if clock.target == "first_solution" and event == "proposed":
            return clock.met_by == "proposed"
        return event in self._get_clock_events()[clock.target][1]

    @api.model
    def _end_clocks(self, clocks, event, date):
        """Stop what nobody waits for any more."""
        is_over = event in ("closed", "cancelled")
        events = self._get_clock_events()
        ended = clocks.filtered(lambda clock: is_over or event in events[clock.target][2])
        if ended:
            ended._stop(date, "cancelled" if event == "cancelled" else "ended")

    @api.model
    def _follow_waiting(self, clocks, date):
        """Pause clocks whose case waits for something their policy names, wake the others."""
        pausing = clocks.filtered(
            lambda clock: (
                (waiting := clock.case_id.stage_id.waiting)
                and waiting in (clock.pauses or "").split(",")
            )
        )
        for kind, group in (("pause", pausing), ("run", clocks - pausing)):
            if group:
                group._turn(kind, date)

    def _start_clocks(self, event, date, alive, met):
        """Start what an event starts, for all cases in one go.

        :param alive: clocks that run already: no second one of a target
        :param met: clocks this event met; a repeated one starts again
        """
        policies = self.env["crm.deadline.policy"]
        events = self._get_clock_events()
        targets = [target for target, entry in events.items() if event in entry[0]]
        running = {(clock.case_id.id, clock.target) for clock in alive}
        starts = []
        for case in self:
            start = date or (case.date_opened if event == "opened" else fields.Datetime.now())
            for target in targets:
                rule = (case.id, target) not in running and policies._match(case, target)
                if rule:
                    starts.append((case, rule, start))
        for clock in met.filtered(lambda clock: clock.is_repeated):
            if clock.case_id.state == "open":
                rule = policies._match(clock.case_id, clock.target)
                if rule:
                    starts.append((clock.case_id, rule, clock.date_met))
        if starts:
            self.env["crm.deadline.clock"]._start(starts)

    def _match_clocks(self):
        """Match the policies again after a change; what is met stays, start stays."""
        now = fields.Datetime.now()
        policies = self.env["crm.deadline.policy"]
        cases = self.filtered(lambda case: not case.is_history and case.state in ("open", "solved"))
        clocks = self.env["crm.deadline.clock"].search([("case_id", "in", cases.ids)])
        for clock in clocks.filtered(lambda clock: clock.state in ALIVE):
            rule = policies._match(clock.case_id, clock.target)
            if (rule.id if rule else False) != clock.policy_id.id:
                clock._replace(rule, now)
        kept = clocks.filtered(lambda clock: clock.state != "stopped")
        alive = self.env["crm.deadline.clock"].search(
            [("case_id", "in", cases.ids), ("state", "in", ALIVE)]
        )
        opened = cases.filtered(lambda case: case.state == "open")
        # a kind that has clocks of its own: they run from now on
        opened._start_clocks("opened", now, kept | alive, clocks.browse())

    def _move_clocks(self, date_before):
        """The time of receipt was corrected, or an earlier case merged into this one: what runs
        from it starts there.

        :param datetime date_before: time of receipt until now, UTC
        """
        self.ensure_one()
        if self.is_history or self.date_opened == date_before:
            return
        now, events = fields.Datetime.now(), self._get_clock_events()
        clocks = self.env["crm.deadline.clock"].search(
            [
                ("case_id", "=", self.id),
                ("state", "in", ALIVE),
                ("date_start", "=", date_before),
                ("target", "in", [key for key, entry in events.items() if "opened" in entry[0]]),
            ]
        )
        for clock in clocks:
            rule = self.env["crm.deadline.policy"]._match(self, clock.target)
            clock._replace(rule, now, self.date_opened)

    # ------------------------------------------------------------------ given dates

    def _get_given_deadline(self, target):
        """A deadline that goes before the term of the policy; an addon extends it.

        :param str target: of the clock
        :return: datetime, UTC, or None
        """
        self.ensure_one()
        if target == "callback":  # the visit that is to be made says so itself
            return self.date_callback_due or None
        return self.date_due_agreed if target == "solve" else None

    def _refresh_given_deadlines(self, target):
        """A given date changed: compute the clocks of a target anew."""
        clocks = self.env["crm.deadline.clock"].sudo()
        clocks.search(
            [("case_id", "in", self.ids), ("target", "=", target), ("state", "in", ALIVE)]
        )._compute_deadlines()

    def action_open_clocks(self):
        """All deadlines of the case, with why they are when they are."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_deadline_clock_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action
