"""Periods of statistical reports. Plain Python: no database, no time zone."""

from datetime import date, timedelta

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def period_of(schedule, day, weekday_end=6):
    """First and last day of the period a day lies in.

    :param str schedule: ``daily``, ``weekly``, ``monthly``, ``quarterly`` or ``yearly``
    :param int weekday_end: last day of a week, 0 is Monday

    >>> period_of("daily", date(2026, 2, 28))
    (datetime.date(2026, 2, 28), datetime.date(2026, 2, 28))
    >>> period_of("weekly", date(2026, 3, 4))
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 8))
    >>> period_of("weekly", date(2026, 3, 6), weekday_end=3)
    (datetime.date(2026, 3, 6), datetime.date(2026, 3, 12))
    >>> period_of("quarterly", date(2026, 12, 31))
    (datetime.date(2026, 10, 1), datetime.date(2026, 12, 31))
    """
    if schedule == "daily":
        return day, day
    if schedule == "weekly":
        end = day + timedelta(days=(weekday_end - day.weekday()) % 7)
        return end - timedelta(days=6), end
    months = MONTHS[schedule]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, _add_months(first, months) - timedelta(days=1)


def period_before(schedule, date_from, date_to):
    """The period of the same length that ends the day before.

    >>> period_before("quarterly", date(2026, 4, 1), date(2026, 6, 30))
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    >>> period_before("none", date(2026, 4, 11), date(2026, 4, 20))
    (datetime.date(2026, 4, 1), datetime.date(2026, 4, 10))
    """
    end = date_from - timedelta(days=1)
    if schedule in MONTHS:
        return period_of(schedule, end)
    return end - (date_to - date_from), end


def due_periods(schedule, first_day, today, days_after, count, weekday_end=6):
    """The periods that are over and due, the oldest first.

    :param date first_day: periods that end before it are not wanted
    :param int days_after: a period is due so many days after its last day
    :param int count: at most so many, the latest

    >>> due_periods("monthly", date(2026, 1, 15), date(2026, 3, 1), 1, 12)
    [(datetime.date(2026, 1, 1), datetime.date(2026, 1, 31)), \
(datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))]
    >>> due_periods("monthly", date(2026, 1, 15), date(2026, 3, 1), 5, 12)
    [(datetime.date(2026, 1, 1), datetime.date(2026, 1, 31))]
    >>> due_periods("daily", date(2026, 1, 1), date(2026, 3, 1), 0, 2)
    [(datetime.date(2026, 2, 28), datetime.date(2026, 2, 28)), \
(datetime.date(2026, 3, 1), datetime.date(2026, 3, 1))]
    """
    periods = []
    limit = today - timedelta(days=days_after)
    day = period_of(schedule, limit, weekday_end)
    while len(periods) < count and day[1] >= first_day:
        if day[1] <= limit:
            periods.append(day)
        day = period_of(schedule, day[0] - timedelta(days=1), weekday_end)
    return periods[::-1]


def _add_months(first, months):
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
