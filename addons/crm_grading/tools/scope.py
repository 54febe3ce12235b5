"""What figures of grading are of."""

from typing import NamedTuple


class Scope(NamedTuple):
    """A company, days, and ids of commercial partners (None: all)."""

    company: object
    date_from: object
    date_to: object
    partner_ids: tuple | None = None
