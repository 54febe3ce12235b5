"""Months as companies count them: from the first to the last day, in their own time zone.

Plain Python on dates: nothing here knows the database.
"""

from datetime import date, datetime, time

import pytz


def first_day(day):
    """
    >>> first_day(date(2026, 2, 17))
    datetime.date(2026, 2, 1)
    """
    return day.replace(day=1)


def following(day):
    """The first day of the month after.

    >>> following(date(2026, 12, 5))
    datetime.date(2027, 1, 1)
    """
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def before(day, months=1):
    """The first day of a month so many months before.

    >>> before(date(2026, 2, 17), 3)
    datetime.date(2025, 11, 1)
    """
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def span(first, end):
    """First days of the months from one day on and before another.

    >>> span(date(2026, 11, 20), date(2027, 1, 1))
    [datetime.date(2026, 11, 1), datetime.date(2026, 12, 1)]
    """
    months, day = [], first_day(first)
    while day < end:
        months.append(day)
        day = following(day)
    return months


def moment(day, zone):
    """When a day begins in a time zone, as naive UTC.

    >>> moment(date(2026, 1, 1), "Asia/Shanghai")
    datetime.datetime(2025, 12, 31, 16, 0)
    """
    local = pytz.timezone(zone).localize(datetime.combine(day, time.min))
    return local.astimezone(pytz.utc).replace(tzinfo=None)
