"""When a birthday comes round again."""

from calendar import isleap
from datetime import date


def next_birthday(birthday, today):
    """The next day a birthday is kept, today included; 29 February is kept on the 28th otherwise.

    >>> next_birthday(date(1980, 3, 31), date(2026, 3, 31))
    datetime.date(2026, 3, 31)
    >>> next_birthday(date(1980, 3, 31), date(2026, 4, 1))
    datetime.date(2027, 3, 31)
    >>> next_birthday(date(1980, 2, 29), date(2026, 2, 1))
    datetime.date(2026, 2, 28)
    """
    for year in (today.year, today.year + 1):
        is_moved = (birthday.month, birthday.day) == (2, 29) and not isleap(year)
        day = date(year, 2, 28) if is_moved else birthday.replace(year=year)
        if day >= today:
            break
    return day
