"""Truth with three values (Kleene): unknown is never false."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum


class Truth(Enum):
    """What can be said of a statement about a patient."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # an enum's own is written in Python

    def __invert__(self) -> Truth:
        return _NEGATION[self]

    @staticmethod
    def of(value: bool) -> Truth:
        """The truth of something that is certain."""
        return TRUE if value else FALSE


# Names of their own, as Python 3.11 takes twenty times as long to look a member up in its enum.
TRUE, FALSE, UNKNOWN = Truth
_NEGATION = {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}


def all_true(truths: Collection[Truth]) -> Truth:
    """False if one is false, else unknown if one is unknown, else true."""
    return FALSE if FALSE in truths else UNKNOWN if UNKNOWN in truths else TRUE


def any_true(truths: Collection[Truth]) -> Truth:
    """True if one is true, else unknown if one is unknown, else false."""
    return TRUE if TRUE in truths else UNKNOWN if UNKNOWN in truths else FALSE
