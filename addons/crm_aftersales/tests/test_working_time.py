import doctest
import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import working_time
from ..tools.working_time import PAUSE, RUN, STOP, Rule, WorkingTime, deadline

OFFICE = dict.fromkeys(range(5), [(9 * 60, 12 * 60), (13 * 60, 18 * 60)])
# over the hours in which clocks change, and over midnight
NIGHTS = {
    **dict.fromkeys((1, 2, 3, 4), [(0, 6 * 60), (22 * 60, 24 * 60)]),
    **dict.fromkeys((5, 6), [(0, 6 * 60)]),
    0: [(20 * 60, 24 * 60)],
}
OTHER_WEEK = {0: [(8 * 60 + 30, 12 * 60)], 2: [(10 * 60, 15 * 60 + 45)], 5: [(9 * 60, 13 * 60)]}
MINUTE = timedelta(minutes=1)


class Reference:
    """The same, by asking each minute on its own what the local clock reads then."""

    def __init__(self, weeks, zone, days, leaves, first, last):
        self.first, self.zone = first, ZoneInfo(zone)
        self.weeks, self.days, self.leaves = weeks, days, leaves
        count = int((last - first) / MINUTE)
        self.locals = [self.read_clock(first + number * MINUTE) for number in range(count)]
        self.works = [self.is_working(number) for number in range(count)]

    def read_clock(self, moment):
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(self.zone).replace(tzinfo=None)

    def is_working(self, number):
        moment, local = self.first + number * MINUTE, self.locals[number]
        if any(start <= moment < end for start, end in self.leaves):
            return False
        hours = self.days.get(local.date(), local.weekday())
        if isinstance(hours, int):
            monday = local.date() - timedelta(days=local.weekday())
            parity = (monday - date(2026, 1, 5)).days // 7
            # 5 January 2026 opens a first week in Odoo's counting
            hours = self.weeks[parity % len(self.weeks)].get(hours, [])
        time = local.hour * 60 + local.minute
        return any(start <= time < end for start, end in hours or [])

    def number(self, moment):
        return int((moment - self.first) / MINUTE)

    def budget(self, rule, start):
        if rule.unit == "minute":
            return rule.amount
        if rule.unit in ("hour", "work_hour"):
            return rule.amount * 60
        number = self.number(start)
        today, counted, minutes = self.locals[number].date(), set(), 0
        last = None
        while True:
            if self.works[number]:
                day = self.locals[number].date()
                if day > today:
                    counted.add(day)
                if len(counted) > rule.amount:
                    return last
                minutes += 1
                last = minutes
            number += 1

    def deadline(self, rule, ledger):
        left, number = self.budget(rule, ledger[0][0]), self.number(ledger[0][0])
        entries = [(self.number(moment), kind) for moment, kind in ledger]
        kind = None
        while True:
            while entries and entries[0][0] <= number:
                kind = entries.pop(0)[1]
            if not entries and kind != RUN:
                return None
            if kind == RUN and (rule.unit in ("minute", "hour") or self.works[number]):
                left -= 1
                if not left:
                    return self.first + (number + 1) * MINUTE
            number += 1

    def minutes_between(self, start, end):
        return sum(self.works[self.number(start) : self.number(end)])


@requirement("D5.R2", "B3.R3", "E2.R4", "E2.R5")
class TestWorkingTime(BaseCase):
    """Against an independent computation, minute by minute, over random histories."""

    def test_doctests(self):
        self.assertFalse(doctest.testmod(working_time).failed)

    def compare(self, weeks, zone, first, days=None, leaves=(), seed=0, rounds=120):
        last = first + timedelta(days=110)
        reference = Reference(weeks, zone, days or {}, leaves, first, last)
        calendar = WorkingTime(weeks, zone, days, leaves)
        dice = random.Random(seed)
        for number in range(rounds):
            moments = sorted(first + dice.randint(0, 40 * 1440) * MINUTE for _ in range(7))
            count = dice.randint(1, 6)
            ledger = [(moments[0], RUN)]
            for moment in moments[1:count]:
                ledger.append((moment, dice.choice((PAUSE, RUN, RUN))))
            if number % 7 == 0:
                ledger.append((moments[-1], STOP))
            unit, amounts = dice.choice(
                (
                    ("minute", (1, 10, 59)),
                    ("hour", (1, 12, 24, 300)),
                    ("work_hour", (1, 4, 8, 60)),
                    ("work_day", (1, 2, 5, 10)),
                )
            )
            rule = Rule(dice.choice(amounts), unit)
            found = deadline(rule, ledger, calendar)[0]
            self.assertEqual(found, reference.deadline(rule, ledger), (number, rule, ledger))
            start, end = moments[2], moments[5]
            self.assertEqual(
                calendar.minutes_between(start, end), reference.minutes_between(start, end)
            )

    def test_shanghai_with_holidays(self):
        days = {date(2026, 10, day): None for day in range(1, 8)}
        days |= {date(2026, 9, 25): None, date(2026, 9, 20): 3, date(2026, 10, 10): 2}
        leaves = [(datetime(2026, 10, 15, 3, 30), datetime(2026, 10, 16, 5, 30))]
        self.compare([OFFICE], "Asia/Shanghai", datetime(2026, 9, 10), days, leaves)

    def test_london_when_clocks_change(self):
        own = {date(2026, 3, 28): [(10 * 60, 11 * 60)], date(2026, 4, 3): None}
        for start in (datetime(2026, 3, 10), datetime(2026, 10, 10)):
            for week in (OFFICE, NIGHTS):
                self.compare([week], "Europe/London", start, own, seed=start.month)

    def test_weeks_that_alternate(self):
        self.compare([OFFICE, OTHER_WEEK], "Europe/London", datetime(2026, 1, 3), seed=5)

    def test_hours_that_begin_in_the_skipped_hour(self):
        """At 1:00 the clocks go to 2:00: 1:30 to 3:00 is one hour, not an hour and a half."""
        calendar = WorkingTime([{6: [(90, 180)]}], "Europe/London")
        self.assertEqual(
            calendar.get_intervals(date(2026, 3, 29)),
            [(datetime(2026, 3, 29, 1, 0), datetime(2026, 3, 29, 2, 0))],
        )
        twice = calendar.get_intervals(date(2026, 10, 25))
        self.assertEqual(twice, [(datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 3, 0))])

    def test_time_that_never_comes(self):
        never = WorkingTime([{}], "UTC")
        start = datetime(2026, 1, 1)
        self.assertIsNone(never.add_minutes(start, 1))
        self.assertIsNone(never.add_days(start, 1))
        self.assertEqual(deadline(Rule(1, "work_day"), [(start, RUN)], never), (None, None))

    def test_a_pause_after_the_deadline_saves_nobody(self):
        calendar = WorkingTime([OFFICE], "UTC")
        start = datetime(2026, 3, 2, 9)
        ledger = [(start, RUN), (start + timedelta(days=1), PAUSE)]
        due = deadline(Rule(4, "work_hour"), ledger, calendar)[0]
        self.assertEqual(due, datetime(2026, 3, 2, 14))
