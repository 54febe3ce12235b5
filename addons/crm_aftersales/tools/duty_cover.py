"""Who is on duty when: what is not covered and who would be in two places. Plain Python."""

from datetime import UTC, datetime, time, timedelta


def day_window(day, hour_from, hour_to, zone):
    """The hours of a local day that have to be covered, in UTC.

    >>> import pytz
    >>> from datetime import date
    >>> start, end = day_window(date(2026, 10, 1), 9, 24, pytz.timezone("Asia/Shanghai"))
    >>> start.isoformat(), end.isoformat()
    ('2026-10-01T01:00:00', '2026-10-01T16:00:00')

    :param float hour_from: of the day; ``hour_to`` may be 24
    :param zone: ``pytz`` time zone
    :return: pair of naive datetimes in UTC
    """
    midnight = datetime.combine(day, time())
    moments = []
    for hour in (hour_from, hour_to):
        local = zone.localize(midnight + timedelta(minutes=round(hour * 60)))
        moments.append(local.astimezone(UTC).replace(tzinfo=None))
    return tuple(moments)


def find_gaps(windows, shifts):
    """What of the windows no shift covers.

    >>> at = lambda hour: datetime(2026, 10, 1, hour)
    >>> gaps = find_gaps([(at(9), at(18))], [(at(8), at(12)), (at(14), at(17))])
    >>> [(start.hour, end.hour) for start, end in gaps]
    [(12, 14), (17, 18)]
    >>> find_gaps([(at(9), at(18))], [(at(9), at(13)), (at(12), at(18))])
    []

    :param windows: list of ``(start, end)``
    :param shifts: list of ``(start, end)``
    :return: list of ``(start, end)`` in order
    """
    gaps = []
    for start, end in windows:
        reached = start
        for begin, over in sorted(shifts):
            if begin >= end:
                break
            if begin > reached:
                gaps.append((reached, begin))
            reached = max(reached, over)
        if reached < end:
            gaps.append((reached, end))
    return gaps


def find_doubles(shifts):
    """Pairs of shifts in which one person would be in two places.

    >>> at = lambda hour: datetime(2026, 10, 1, hour)
    >>> find_doubles([(at(9), at(12), "A", 1), (at(11), at(15), "A", 2), (at(9), at(15), "B", 3)])
    [(1, 2)]

    :param shifts: list of ``(start, end, person, key)``
    :return: list of pairs of keys
    """
    pairs = []
    ordered = sorted(shifts)
    for index, (_start, end, person, key) in enumerate(ordered):
        for begin, _end, other, other_key in ordered[index + 1 :]:
            if begin >= end:
                break
            if other == person:
                pairs.append((key, other_key))
    return pairs
