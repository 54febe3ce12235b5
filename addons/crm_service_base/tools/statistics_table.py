"""Tables of statistical reports as plain values, so that they can be frozen as JSON.

A table is ``{"key", "caption", "is_summary", "columns": [...], "rows": [[...]]}`` and, where its
figures follow a rule the reader should know, ``"note"``; a column
``{"key", "caption", "type", "total", "width"}``, and ``"is_compared": False`` where its figures
follow from others. Values are text, whole numbers, floats or
None; dates are ISO dates, times ``YYYY-MM-DD HH:MM`` in the time zone of the report type.
"""

import re
from datetime import date, datetime

# a number is a count on one line and a rate on the next: as many decimals as it has
TYPES = ("char", "text", "integer", "number", "float", "percent", "date", "datetime")
NUMBERS = ("integer", "number", "float", "percent")
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def column(key, caption, kind="char", total=False, width=1, is_compared=True):
    """One column of a table.

    :param str kind: one of :data:`TYPES`; a percentage counts from 0 to 100
    :param bool total: whether a line below the table sums it up
    :param width: relative width on paper
    :param bool is_compared: whether its figures are compared over the periods; not those that tell
        of another period

    >>> column("done", "Done", "integer", total=True)["total"]
    True
    """
    if kind not in TYPES:
        raise ValueError(f"no column type {kind!r}")
    return {
        "key": key,
        "caption": str(caption),
        "type": kind,
        "total": bool(total),
        "width": width,
        **({} if is_compared else {"is_compared": False}),
    }


def table(key, caption, columns, rows, is_summary=False, note=None):
    """One table; each row a sequence of values in the order of the columns.

    :param bool is_summary: figures to compare over the periods; its first column names the row
    :param note: the rule behind the figures, for the reader

    >>> table("a", "A", [column("n", "N", "integer")], [(1,), (None,)])["rows"]
    [[1], [None]]
    """
    return {
        "key": key,
        "caption": str(caption),
        "is_summary": is_summary,
        "columns": columns,
        "rows": [[freeze(value) for value in row] for row in rows],
        **({"note": str(note)} if note else {}),
    }


def freeze(value):
    """A value as JSON keeps it; what a record leaves empty (False) is None.

    >>> freeze(datetime(2026, 3, 1, 9, 5, 7)), freeze(date(2026, 3, 1)), freeze(True)
    ('2026-03-01 09:05', '2026-03-01', True)
    >>> from decimal import Decimal
    >>> freeze(Decimal("12.5")), freeze("a\\x00b"), freeze(False)
    (12.5, 'ab', None)
    """
    if isinstance(value, str):
        return ILLEGAL.sub("", value)
    if value is None or value is False:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return round(float(value), 6)


def totals(item):
    """The sums below a table, or None where no column asks for one.

    >>> totals(table("a", "A", [column("n", "N", "integer", True)], [(1,), (None,), (2,)]))
    [3]
    """
    if not any(col["total"] for col in item["columns"]):
        return None
    return [
        sum(row[index] or 0 for row in item["rows"]) if col["total"] else None
        for index, col in enumerate(item["columns"])
    ]


def percent(part, whole, digits=1):
    """A share from 0 to 100, or None of nothing.

    >>> percent(1, 3), percent(0, 0)
    (33.3, None)
    """
    return round(100.0 * part / whole, digits) if whole else None


def parse(text, kind):
    """Text that somebody typed as a value of a column.

    :raise ValueError: it is none

    >>> parse("1,200", "integer"), parse(" 87.5 % ", "percent"), parse("", "float")
    (1200, 87.5, None)
    >>> parse("2026-03-01", "date"), parse("=1+1", "char")
    ('2026-03-01', '=1+1')
    """
    text = (text or "").strip()
    if not text:
        return None
    if kind in NUMBERS:
        number = text.rstrip("%\uff05 ").replace(",", "").replace("\uff0c", "")
        return int(number) if kind == "integer" else freeze(float(number))
    if kind == "date":
        return date.fromisoformat(text).isoformat()
    if kind == "datetime":
        return freeze(datetime.fromisoformat(text))
    return freeze(text)


def show(value, kind):
    """A value as text for people.

    >>> show(87.5, "percent"), show(1234.0, "float"), show(None, "char"), show(12, "integer")
    ('87.5%', '1,234.00', '', '12')
    >>> show(8, "number"), show(85.7, "number"), show(1200.0, "number")
    ('8', '85.7', '1,200')
    """
    if value is None:
        return ""
    if kind == "percent":
        return f"{value:g}%"
    if kind == "number":
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if kind == "float":
        return f"{value:,.2f}"
    if kind == "integer":
        return f"{value:,}"
    return str(value)
