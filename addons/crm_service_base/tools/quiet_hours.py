"""Quiet hours, when nobody is reminded. Plain Python: no database, no time zone."""


def is_quiet(hour, start, end):
    """Whether a time of day lies in the quiet hours; they may go past midnight.

    :param float hour: time of day, 0 to 24
    :param float start: first quiet hour; the same as the end: there are none
    :param float end: first hour that is not quiet any more

    >>> is_quiet(21.5, 20, 8), is_quiet(3, 20, 8), is_quiet(8, 20, 8), is_quiet(19.9, 20, 8)
    (True, True, False, False)
    >>> is_quiet(12.5, 12, 13), is_quiet(14, 12, 13)
    (True, False)
    >>> is_quiet(3, 0, 0)
    False
    """
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end
