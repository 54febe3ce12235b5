"""Working time and deadlines: plain Python, no database.

All moments are naive datetimes in UTC. A minute works when the local clock reads a time inside one
of the day's intervals, so that an hour that a clock change adds or takes counts as it was lived.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import pytz

RUN, PAUSE, STOP = "run", "pause", "stop"
HORIZON = 3660  # days looked ahead before a term counts as never ending
KEPT_DAYS = 4000  # days whose hours are remembered


class Rule(NamedTuple):
    """How long something may take.

    ``unit`` is ``minute`` or ``hour`` (by the clock), ``work_hour`` or ``work_day``.
    """

    amount: float
    unit: str


class WorkingTime:
    """When people work: weekly hours, days that are otherwise, and what is taken off.

    :param weeks: one weekly pattern, or two that alternate: dicts of weekday (0 is Monday) to a
        list of ``(from, to)`` in minutes of the day; a lunch break is the gap between two of them
    :param str zone: time zone of the hours
    :param days: dict of date to what holds instead of the pattern: ``None`` for a holiday, a
        weekday whose hours are worked, or intervals of its own
    :param leaves: list of ``(start, end)`` in UTC that are taken off, whatever the day

    >>> week = dict.fromkeys(range(5), [(9 * 60, 12 * 60), (13 * 60, 18 * 60)])
    >>> from datetime import date
    >>> days = {date(2026, 10, 1): None, date(2026, 10, 10): 0}
    >>> china = WorkingTime([week], "Asia/Shanghai", days)
    >>> china.is_working_day(date(2026, 10, 1)), china.is_working_day(date(2026, 10, 10))
    (False, True)
    """

    def __init__(self, weeks, zone, days=None, leaves=()):
        self.weeks = weeks
        self.zone = pytz.timezone(zone)
        self.days = days or {}
        self.leaves = sorted(leaves)
        self._intervals = {}

    def to_local(self, moment):
        """:return: naive datetime in the zone of the working hours"""
        return pytz.utc.localize(moment).astimezone(self.zone).replace(tzinfo=None)

    def is_working_day(self, day):
        return bool(self.get_intervals(day))

    def get_intervals(self, day):
        """The hours worked on a local date.

        :return: list of ``(start, end)`` in UTC, in order
        """
        if day not in self._intervals:
            if len(self._intervals) >= KEPT_DAYS:
                self._intervals.clear()
            self._intervals[day] = self._find_intervals(day)
        return self._intervals[day]

    def _find_intervals(self, day):
        found = [
            (self._to_utc(day, start, False), self._to_utc(day, end, True))
            for start, end in sorted(self._get_hours(day))
        ]
        for off_start, off_end in self.leaves:
            found = [
                part
                for start, end in found
                for part in ((start, min(end, off_start)), (max(start, off_end), end))
                if part[0] < part[1]
            ]
        return [(start, end) for start, end in found if start < end]

    def _get_hours(self, day):
        hours = self.days.get(day, day.weekday())
        if hours is None:
            return []
        if isinstance(hours, int):
            # weeks alternate without a break at new year, as Odoo's working hours do
            week = self.weeks[(day.toordinal() - 1) // 7 % len(self.weeks)]
            return week.get(hours, [])
        return hours

    def _to_utc(self, day, minutes, is_end):
        """The moment a local clock shows a time of day.

        What it shows twice counts from the first time to the last; a time it skips is the moment
        of the jump.
        """
        local = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
        first, last = sorted(
            self.zone.localize(local, is_dst=is_dst).astimezone(pytz.utc).replace(tzinfo=None)
            for is_dst in (True, False)
        )
        if self.to_local(first) == local:
            return last if is_end else first
        while last - first > timedelta(seconds=1):
            middle = first + (last - first) // 2
            first, last = (middle, last) if self.to_local(middle) < local else (first, middle)
        return last.replace(microsecond=0)

    def _walk(self, start):
        """The working intervals from a moment on, as far as the horizon."""
        day = self.to_local(start).date()
        for offset in range(-1, HORIZON):
            for begin, end in self.get_intervals(day + timedelta(days=offset)):
                if end > start:
                    yield max(begin, start), end

    def add_minutes(self, start, minutes):
        """The moment by which so much working time has passed.

        Time that is used up exactly at closing time ends there, not at the next opening.

        :return: datetime, or None when it never comes

        >>> week = dict.fromkeys(range(5), [(9 * 60, 12 * 60), (13 * 60, 18 * 60)])
        >>> utc = WorkingTime([week], "UTC")
        >>> utc.add_minutes(datetime(2026, 3, 6, 11, 30), 60)  # over lunch
        datetime.datetime(2026, 3, 6, 13, 30)
        >>> utc.add_minutes(datetime(2026, 3, 6, 17, 30), 60)  # over a weekend
        datetime.datetime(2026, 3, 9, 9, 30)
        >>> utc.add_minutes(datetime(2026, 3, 6, 17, 30), 30)
        datetime.datetime(2026, 3, 6, 18, 0)
        """
        return self.add_time(start, timedelta(minutes=minutes))

    def add_time(self, start, time):
        """:meth:`add_minutes` with a timedelta."""
        if time <= timedelta(0):
            return start
        for begin, end in self._walk(start):
            if end - begin >= time:
                return begin + time
            time -= end - begin
        return None

    def minutes_between(self, start, end):
        """Working minutes from one moment to another.

        >>> week = dict.fromkeys(range(5), [(9 * 60, 12 * 60), (13 * 60, 18 * 60)])
        >>> utc = WorkingTime([week], "UTC")
        >>> utc.minutes_between(datetime(2026, 3, 6, 11, 30), datetime(2026, 3, 9, 9, 10))
        340.0
        """
        return self.time_between(start, end) / timedelta(minutes=1)

    def time_between(self, start, end):
        """:meth:`minutes_between` as a timedelta."""
        total = timedelta(0)
        for begin, stop in self._walk(start):
            if begin >= end:
                break
            total += min(stop, end) - begin
        return total

    def add_days(self, start, count):
        """The closing time of the so-many-th working day after the day of the start.

        The day on which something starts is not counted, as with terms in law; a start on a day
        off counts from the next working day on.

        :return: datetime, or None when it never comes

        >>> week = dict.fromkeys(range(5), [(9 * 60, 12 * 60), (13 * 60, 18 * 60)])
        >>> from datetime import date
        >>> utc = WorkingTime([week], "UTC", {date(2026, 3, 9): None})
        >>> utc.add_days(datetime(2026, 3, 5, 10, 0), 1)
        datetime.datetime(2026, 3, 6, 18, 0)
        >>> utc.add_days(datetime(2026, 3, 5, 10, 0), 2)
        datetime.datetime(2026, 3, 10, 18, 0)
        """
        day = self.to_local(start).date()
        for _offset in range(HORIZON):
            day += timedelta(days=1)
            if self.is_working_day(day):
                count -= 1
                if count <= 0:
                    return self.get_intervals(day)[-1][1]
        return None

    def get_exceptions(self, start, end):
        """The days from one moment to another that are not as the weekly hours say.

        :return: list of dates, in order
        """
        first, last = self.to_local(start).date(), self.to_local(end).date()
        return sorted(day for day in self.days if first <= day <= last)


def get_budget(rule, start, calendar):
    """How much time a rule gives from a start on: by the clock, or of working time.

    So many working days are the working time until the closing time of the last one, so that a
    pause moves the deadline by the working time it took.

    :return: timedelta, or None when it never ends
    """
    if rule.unit == "work_day":
        end = calendar.add_days(start, rule.amount)
        return end and calendar.time_between(start, end)
    hours = {"minute": 1 / 60, "hour": 1, "work_hour": 1}[rule.unit]
    return timedelta(seconds=round(rule.amount * hours * 3600))


def deadline(rule, ledger, calendar):
    """When time is up: a pure function of what is in the ledger.

    What happened after the time was up changes nothing any more.

    :param rule: :class:`Rule`
    :param ledger: list of ``(moment, kind)`` in order: from then on it runs, is paused or is over
    :param calendar: :class:`WorkingTime`
    :return: ``(datetime or None while paused, timedelta that was left at the last entry)``

    >>> week = dict.fromkeys(range(5), [(9 * 60, 12 * 60), (13 * 60, 18 * 60)])
    >>> utc = WorkingTime([week], "UTC")
    >>> start, noon = datetime(2026, 3, 6, 9, 0), datetime(2026, 3, 6, 12, 0)
    >>> deadline(Rule(24, "hour"), [(start, RUN)], utc)[0]
    datetime.datetime(2026, 3, 7, 9, 0)
    >>> deadline(Rule(4, "work_hour"), [(start, RUN), (noon, PAUSE)], utc)
    (None, datetime.timedelta(seconds=3600))
    >>> back = datetime(2026, 3, 9, 10, 0)
    >>> deadline(Rule(4, "work_hour"), [(start, RUN), (noon, PAUSE), (back, RUN)], utc)[0]
    datetime.datetime(2026, 3, 9, 11, 0)
    >>> deadline(Rule(1, "work_day"), [(start, RUN), (noon, PAUSE), (back, RUN)], utc)[0]
    datetime.datetime(2026, 3, 10, 16, 0)
    """
    left = get_budget(rule, ledger[0][0], calendar)
    if left is None:
        return None, None
    is_clock = rule.unit in ("minute", "hour")
    for (moment, kind), (until, _next) in zip(ledger, ledger[1:], strict=False):
        if kind == RUN and until > moment:
            used = until - moment if is_clock else calendar.time_between(moment, until)
            if used >= left:
                return _add(moment, left, is_clock, calendar), timedelta(0)
            left -= used
    moment, kind = ledger[-1]
    return (_add(moment, left, is_clock, calendar) if kind == RUN else None), left


def _add(moment, time, is_clock, calendar):
    return moment + time if is_clock else calendar.add_time(moment, time)


def split(rule, ledger, now, calendar):
    """The ledger in stretches, each with what it used, to explain a deadline.

    :return: list of ``(start, end or None, kind, timedelta used)``
    """
    is_clock = rule.unit in ("minute", "hour")
    stretches = []
    ends = [moment for moment, _kind in ledger[1:]] + [None]
    for (moment, kind), end in zip(ledger, ends, strict=True):
        until = max(end or now, moment)
        used = timedelta(0)
        if kind == RUN:
            used = until - moment if is_clock else calendar.time_between(moment, until)
        if end != moment:
            stretches.append((moment, end, kind, used))
    return stretches
