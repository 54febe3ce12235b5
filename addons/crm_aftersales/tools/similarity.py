"""How alike two short texts are, in any script. PostgreSQL's trigrams depend on the locale of the
database and know no Chinese in the plain one; a customer has few cases, so this is done here."""

import re
import unicodedata


def _pairs(text):
    text = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "").lower())
    return {text[i : i + 2] for i in range(len(text) - 1)} or {text} - {""}


def similarity(one, other):
    """Share of pairs of characters that two texts have in common (Dice), 0 to 1.

    >>> similarity("充电器发热", "充电器很热") > 0.4
    True
    >>> similarity("The charger gets hot", "the charger got HOT") > 0.6
    True
    >>> similarity("充电器发热", "发票没收到"), similarity("", "")
    (0.0, 0.0)
    """
    first, second = _pairs(one), _pairs(other)
    total = len(first) + len(second)
    return 2 * len(first & second) / total if total else 0.0
