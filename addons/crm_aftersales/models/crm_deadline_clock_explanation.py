from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..tools import working_time
from ..tools.working_time import Rule


class CrmDeadlineClock(models.Model):
    """Why a deadline is when it is: the policy, the stretches, the days that were left out."""

    _name = "crm.deadline.clock"
    _inherit = ["crm.deadline.clock"]

    @api.depends_context("lang", "tz")
    def _compute_explanation(self):
        ledgers = self._read_ledgers()
        for clock in self:
            lines = [clock._explain_term()]
            rows = Markup()
            if not clock.is_given and clock.unit and ledgers.get(clock.id):
                rows = clock._explain_stretches(ledgers[clock.id])
                lines += clock._explain_days()
            lines.append(clock._explain_end())
            clock.explanation = (
                Markup("").join(Markup("<p>%s</p>") % line for line in lines[:1])
                + rows
                + Markup("").join(Markup("<p>%s</p>") % line for line in lines[1:] if line)
            )

    def _format(self, moment):
        zone = self.env.context.get("tz") or self.env.user.tz
        return format_datetime(self.env, moment, tz=zone, dt_format="short") if moment else ""

    def _explain_term(self):
        if self.is_given:
            return self.env._("The date was agreed; no term of a policy counts.")
        terms = {
            "minute": self.env._("%g minutes by the clock"),
            "hour": self.env._("%g hours by the clock"),
            "work_hour": self.env._("%g working hours"),
            "work_day": self.env._(
                "%g working days: until closing time, the first day is not counted"
            ),
        }
        if not self.unit:
            return ""
        return self.env._(
            "Policy “%(policy)s”, version %(version)s: %(term)s. Started %(start)s.",
            policy=self.policy_id.sudo().name,
            version=self.policy_version,
            term=terms[self.unit] % self.amount,
            start=self._format(self.date_start),
        )

    def _explain_stretches(self, ledger):
        case = self.case_id.sudo()
        entries = [entry[:2] for entry in ledger]
        rule = Rule(self.amount, self.unit)
        calendar = self._get_calendar(case)
        waiting = {entry[0]: entry[2] for entry in ledger}
        reasons = dict(
            self.env["crm.deadline.segment"]._fields["waiting"]._description_selection(self.env)
        )
        rows = Markup()
        now = fields.Datetime.now()
        for start, end, kind, used in working_time.split(rule, entries, now, calendar):
            if kind == "stop":
                what = self.env._("Over")
            elif kind == "pause":
                what = self.env._("Paused, waiting for: %s", reasons.get(waiting.get(start)) or "–")
            else:
                what = self.env._("Ran, used %s", self.env["crm.service.case"]._format_used(used))
            rows += Markup("<tr><td>%s</td><td>%s</td><td>%s</td></tr>") % (
                self._format(start),
                self._format(end) or "…",
                what,
            )
        head = Markup("<tr><th>%s</th><th>%s</th><th></th></tr>") % (
            self.env._("From"),
            self.env._("Until"),
        )
        return Markup("<table class='table table-sm'>%s%s</table>") % (head, rows)

    def _explain_days(self):
        """The holidays and make-up days between start and deadline, by name."""
        if self.unit not in ("work_hour", "work_day"):
            return []
        case = self.case_id.sudo()
        calendar = self._get_calendar(case)
        until = self.date_deadline or self.date_met or fields.Datetime.now()
        dates = calendar.get_exceptions(self.date_start, max(until, self.date_start))
        days = self.env["crm.service.calendar.day"].sudo()
        found = days.search(
            [
                ("date", "in", dates),
                "|",
                ("company_id", "=", case.company_id.id),
                "&",
                ("company_id", "=", False),
                ("country_id", "in", (False, days._get_country(case.company_id).id)),
            ],
            order="date",
        )
        lines = []
        for kind, sentence in (
            ("holiday", self.env._("Days off in between: %s")),
            ("working", self.env._("Make-up working days in between: %s")),
        ):
            names = [
                f"{fields.Date.to_string(day.date)} {day.name}"
                for day in found.filtered(lambda day, kind=kind: day.kind == kind)
            ]
            if names:
                lines.append(sentence % self.env["crm.approval.mixin"]._approval_join(names))
        lines.append(self.env._("Hours count in the time zone %s.", calendar.zone.zone))
        return lines

    def _explain_end(self):
        if self.state == "paused":
            return self.env._("It is paused: the deadline moves on until it runs again.")
        if self.state == "stopped":
            reasons = dict(self._fields["reason"]._description_selection(self.env))
            return self.env._(
                "Stopped %(date)s: %(reason)s.",
                date=self._format(self.date_stopped),
                reason=reasons.get(self.reason, ""),
            )
        due = self.env._("Due %s.", self._format(self.date_deadline) or "–")
        if self.state == "met":
            user = self.met_user_id.sudo().name
            done = self.env._("Done %s", self._format(self.date_met))
            return f"{due} {done}{f' ({user})' if user else ''}"
        return due
