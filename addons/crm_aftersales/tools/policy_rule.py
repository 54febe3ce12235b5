"""What is known of a deadline policy without the database."""

from typing import NamedTuple

from .working_time import Rule


class PolicyRule(NamedTuple):
    """A policy as it is matched in memory: so that no case costs a query."""

    id: int
    version: int
    target: str
    conditions: tuple
    term: Rule
    pauses: str
    is_repeated: bool
    met_by: str
    steps: tuple  # of (step id, minutes from the deadline), in order
