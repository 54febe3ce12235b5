"""Placeholders in the texts of templates: ``{customer}``. Nothing of them is ever evaluated."""

import re

PLACEHOLDER = re.compile(r"\{\s*(\w+)\s*\}")


def find_unknown(text, known):
    """:return: sorted list of placeholders that nobody fills

    >>> find_unknown("Dear {customer}, {number} {env}", {"customer", "number"})
    ['env']
    """
    return sorted(set(PLACEHOLDER.findall(text or "")) - set(known))


def fill(text, values):
    """The text with its placeholders replaced; what is not known stays as it stands.

    :param text: ``str`` or ``Markup``; in markup values are escaped
    :param dict values: name to text

    >>> fill("{customer}: {number} {x.__class__} {other}", {"customer": "Wang", "number": "FW1"})
    'Wang: FW1 {x.__class__} {other}'
    """
    escape = getattr(text, "escape", str)
    filled = PLACEHOLDER.sub(
        lambda match: str(escape(values[match[1]])) if match[1] in values else match[0],
        str(text or ""),
    )
    return type(text)(filled) if text else ""
