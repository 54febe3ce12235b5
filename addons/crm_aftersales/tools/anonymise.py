"""Taking names and numbers out of a text. Plain Python: no database."""

import re

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# phones, ID cards, accounts: seven digits and more, however they are grouped
NUMBER = re.compile(r"(?<![0-9A-Za-z.])\+?\d[\d\s()-]{5,}\d[Xx]?(?![0-9A-Za-z])")
DATE = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}$")


def anonymise(text, names, who="***", number="***"):
    """A text without the given names, and without phone numbers and mail addresses.

    :param str text: what to clean; None and False count as empty
    :param names: names to take out, longest first whatever their order; those of one letter are
        left, they are part of too many words
    :param str who: put in the place of a name
    :param str number: put in the place of a number or an address
    :return: str

    >>> anonymise("王强(13800138000)说兰州光学的充电器发热", ["兰州光学", "王强"], "某客户", "***")
    '某客户(***)说某客户的充电器发热'
    >>> anonymise("Call 0931-8765432 or a.b@c.com.cn on 2026-03-01", [], "X", "#")
    'Call # or # on 2026-03-01'
    >>> anonymise("100块电池, 12.5 kg", ["", None, "电"])
    '100块电池, 12.5 kg'
    >>> anonymise("甘肃兰州光学仪器, 兰州光学", ["兰州光学", "甘肃兰州光学仪器"], "X")
    'X, X'
    >>> anonymise(None, ["a"])
    ''
    """
    text = EMAIL.sub(number, text or "")
    text = NUMBER.sub(lambda found: _hide(found[0], number), text)
    names = sorted({name.strip() for name in names if name}, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in names if len(name) > 1)
    return re.sub(pattern, who, text, flags=re.IGNORECASE) if pattern else text


def _hide(found, number):
    """Days are no numbers of persons."""
    return found if DATE.match(found) else number
