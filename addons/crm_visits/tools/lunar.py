"""The Chinese lunar calendar from 1900 to 2100, and the few dates that care needs of it.

A year is one number of ``YEARS``: bits 15 to 4 tell which of the months 1 to 12 have 30 days, the
lowest four which month is doubled (0 for none), bit 16 whether the doubled one has 30 days.
"""

from datetime import date, timedelta
from itertools import accumulate

FIRST_YEAR = 1900
FIRST_DAY = date(1900, 1, 31)
YEARS = (
    *(0x04BD8, 0x04AE0, 0x0A570, 0x054D5, 0x0D260, 0x0D950, 0x16554, 0x056A0, 0x09AD0, 0x055D2),
    *(0x04AE0, 0x0A5B6, 0x0A4D0, 0x0D250, 0x1D255, 0x0B540, 0x0D6A0, 0x0ADA2, 0x095B0, 0x14977),
    *(0x04970, 0x0A4B0, 0x0B4B5, 0x06A50, 0x06D40, 0x1AB54, 0x02B60, 0x09570, 0x052F2, 0x04970),
    *(0x06566, 0x0D4A0, 0x0EA50, 0x16A95, 0x05AD0, 0x02B60, 0x186E3, 0x092E0, 0x1C8D7, 0x0C950),
    *(0x0D4A0, 0x1D8A6, 0x0B550, 0x056A0, 0x1A5B4, 0x025D0, 0x092D0, 0x0D2B2, 0x0A950, 0x0B557),
    *(0x06CA0, 0x0B550, 0x15355, 0x04DA0, 0x0A5B0, 0x14573, 0x052B0, 0x0A9A8, 0x0E950, 0x06AA0),
    *(0x0AEA6, 0x0AB50, 0x04B60, 0x0AAE4, 0x0A570, 0x05260, 0x0F263, 0x0D950, 0x05B57, 0x056A0),
    *(0x096D0, 0x04DD5, 0x04AD0, 0x0A4D0, 0x0D4D4, 0x0D250, 0x0D558, 0x0B540, 0x0B6A0, 0x195A6),
    *(0x095B0, 0x049B0, 0x0A974, 0x0A4B0, 0x0B27A, 0x06A50, 0x06D40, 0x0AF46, 0x0AB60, 0x09570),
    *(0x04AF5, 0x04970, 0x064B0, 0x074A3, 0x0EA50, 0x06B58, 0x05AC0, 0x0AB60, 0x096D5, 0x092E0),
    *(0x0C960, 0x0D954, 0x0D4A0, 0x0DA50, 0x07552, 0x056A0, 0x0ABB7, 0x025D0, 0x092D0, 0x0CAB5),
    *(0x0A950, 0x0B4A0, 0x0BAA4, 0x0AD50, 0x055D9, 0x04BA0, 0x0A5B0, 0x15176, 0x052B0, 0x0A930),
    *(0x07954, 0x06AA0, 0x0AD50, 0x05B52, 0x04B60, 0x0A6E6, 0x0A4E0, 0x0D260, 0x0EA65, 0x0D530),
    *(0x05AA0, 0x076A3, 0x096D0, 0x04AFB, 0x04AD0, 0x0A4D0, 0x1D0B6, 0x0D250, 0x0D520, 0x0DD45),
    *(0x0B5A0, 0x056D0, 0x055B2, 0x049B0, 0x0A577, 0x0A4B0, 0x0AA50, 0x1B255, 0x06D20, 0x0ADA0),
    *(0x14B63, 0x09370, 0x049F8, 0x04970, 0x064B0, 0x168A6, 0x0EA50, 0x06B20, 0x1A6C4, 0x0AAE0),
    *(0x092E0, 0x0D2E3, 0x0C960, 0x0D557, 0x0D4A0, 0x0DA50, 0x05D55, 0x056A0, 0x0A6D0, 0x055D4),
    *(0x052D0, 0x0A9B8, 0x0A950, 0x0B4A0, 0x0B6A6, 0x0AD50, 0x055A0, 0x0ABA4, 0x0A5B0, 0x052B0),
    *(0x0B273, 0x06930, 0x07337, 0x06AA0, 0x0AD50, 0x14B55, 0x04B60, 0x0A570, 0x054E4, 0x0D160),
    *(0x0E968, 0x0D520, 0x0DAA0, 0x16AA6, 0x056D0, 0x04AE0, 0x0A9D4, 0x0A2D0, 0x0D150, 0x0F252),
    0x0D520,
)
LAST_YEAR = FIRST_YEAR + len(YEARS) - 1


def months(year):
    """The months of a lunar year in order, as ``(month, is_leap, days)``.

    >>> [(month, days) for month, is_leap, days in months(2025) if is_leap]
    [(6, 29)]
    >>> months(2023)[1:3]
    [(2, False, 30), (2, True, 29)]
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"no lunar year {year}")
    code = YEARS[year - FIRST_YEAR]
    found = []
    for month in range(1, 13):
        found.append((month, False, 30 if code & (0x10000 >> month) else 29))
        if month == code & 0xF:
            found.append((month, True, 30 if code & 0x10000 else 29))
    return found


NEW_YEARS = tuple(
    accumulate(
        (sum(days for _month, _leap, days in months(FIRST_YEAR + i)) for i in range(len(YEARS))),
        lambda day, length: day + timedelta(days=length),
        initial=FIRST_DAY,
    )
)


def to_solar(year, month, day, is_leap=False):
    """The day of a lunar date; where the month has no 30th that year, its last day.

    A leap month that the year does not have is the ordinary one of that number.

    >>> to_solar(2024, 1, 1), to_solar(2025, 8, 15)
    (datetime.date(2024, 2, 10), datetime.date(2025, 10, 6))
    >>> to_solar(2025, 6, 1), to_solar(2025, 6, 1, is_leap=True)
    (datetime.date(2025, 6, 25), datetime.date(2025, 7, 25))
    >>> to_solar(2024, 12, 30), to_solar(2026, 6, 1, is_leap=True)
    (datetime.date(2025, 1, 28), datetime.date(2026, 7, 14))
    """
    lengths = months(year)
    if not (1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError(f"no lunar date {month}-{day}")
    is_leap = is_leap and any(row[:2] == (month, True) for row in lengths)
    start = NEW_YEARS[year - FIRST_YEAR]
    for number, leap, days in lengths:
        if (number, leap) == (month, is_leap):
            return start + timedelta(days=min(day, days) - 1)
        start += timedelta(days=days)
    raise AssertionError("a year has twelve months")


def from_solar(day):
    """The lunar date of a day, as ``(year, month, day, is_leap)``, or None outside the table.

    >>> from_solar(date(2025, 10, 6)), from_solar(date(2023, 3, 22))
    ((2025, 8, 15, False), (2023, 2, 1, True))
    >>> from_solar(date(1899, 1, 1)) is None
    True
    """
    if not NEW_YEARS[0] <= day < NEW_YEARS[-1]:
        return None
    year = day.year if day >= NEW_YEARS[day.year - FIRST_YEAR] else day.year - 1
    rest = (day - NEW_YEARS[year - FIRST_YEAR]).days
    for month, is_leap, days in months(year):
        if rest < days:
            return year, month, rest + 1, is_leap
        rest -= days
    raise AssertionError("the year was long enough")


def qingming(year):
    """The day of 清明, by the usual formula of the solar terms, for 1901 to 2099.

    >>> qingming(2025), qingming(2026), qingming(2027)
    (datetime.date(2025, 4, 4), datetime.date(2026, 4, 5), datetime.date(2027, 4, 5))
    """
    century, short = divmod(year, 100)
    return date(year, 4, int(short * 0.2422 + (5.59 if century == 19 else 4.81)) - short // 4)


def solar(year, month, day):
    """A day of a solar year; the last of February where it has no 29th.

    >>> solar(2024, 2, 29), solar(2025, 2, 29)
    (datetime.date(2024, 2, 29), datetime.date(2025, 2, 28))
    """
    if (month, day) == (2, 29) and (year % 4 or not year % 100 and year % 400):
        day = 28
    return date(year, month, day)


MONTHS = "正二三四五六七八九十冬腊"
DIGITS = "一二三四五六七八九十"


def show(year, month, day, is_leap=False):
    """A lunar date in Chinese words.

    >>> show(2025, 8, 15), show(2023, 2, 1, True), show(2025, 12, 30), show(2025, 11, 20)
    ('八月十五', '闰二月初一', '腊月三十', '冬月二十')
    """
    tens = ("初", "十", "廿", "三")[(day - 1) // 10]
    words = {10: "初十", 20: "二十", 30: "三十"}.get(day) or tens + DIGITS[(day - 1) % 10]
    return f"{'闰' if is_leap else ''}{MONTHS[month - 1]}月{words}"
