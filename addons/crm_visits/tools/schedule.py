"""Spreading visits over days: plain Python, no database."""

from bisect import bisect_left


def due_dates(first, interval, until, add):
    """Dates on which a customer is due, from the first one to the end of a period.

    :param first: first due date
    :param dict interval: keyword arguments for ``add``
    :param until: last date that counts
    :param add: function (date, **interval) -> date
    :return: list of dates

    >>> from datetime import date, timedelta
    >>> step = lambda day, days: day + timedelta(days=days)
    >>> due_dates(date(2026, 1, 1), {"days": 10}, date(2026, 1, 25), step)
    [datetime.date(2026, 1, 1), datetime.date(2026, 1, 11), datetime.date(2026, 1, 21)]
    """
    dates = []
    day = first
    while day <= until:
        dates.append(day)
        day = add(day, **interval)
    return dates


def spread(wishes, days, capacity):
    """Give each wish a working day: its own or the next with room, else an earlier one.

    :param wishes: list of (date, subject); earlier wishes are served first
    :param days: sorted list of working days
    :param int capacity: visits a day
    :return: (list of (day, subject) sorted by day, list of subjects without room)

    >>> from datetime import date
    >>> days = [date(2026, 1, 5), date(2026, 1, 6)]
    >>> spread([(date(2026, 1, 4), "a"), (date(2026, 1, 6), "b"), (date(2026, 1, 6), "c")], days, 1)
    ([(datetime.date(2026, 1, 5), 'a'), (datetime.date(2026, 1, 6), 'b')], ['c'])
    >>> spread([(date(2026, 1, 6), "a"), (date(2026, 1, 6), "b")], days, 1)
    ([(datetime.date(2026, 1, 5), 'b'), (datetime.date(2026, 1, 6), 'a')], [])
    """
    room = [capacity] * len(days)
    # the next day with room at or after a position; paths are shortened as days fill up
    later = list(range(len(days) + 1))

    def next_free(position):
        path = []
        while later[position] != position:
            path.append(position)
            position = later[position]
        for step in path:
            later[step] = position
        return position

    placed, left = [], []
    for wish, subject in sorted(wishes, key=lambda item: item[0]):
        wanted = bisect_left(days, wish)
        position = next_free(wanted)
        if position == len(days):
            position = max((i for i in range(min(wanted, len(days))) if room[i]), default=None)
        if position is None:
            left.append(subject)
            continue
        room[position] -= 1
        if not room[position] and later[position] == position:
            later[position] = position + 1
        placed.append((days[position], subject))
    placed.sort(key=lambda item: item[0])
    return placed, left
