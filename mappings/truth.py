"""Truth with three values (Kleene): unknown is never false."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum


class Truth(Enum):
    """What can be said of a statement about a patient."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __invert__(self) -> Truth:
        return _NEGATION[self]

    @staticmethod
    def of(value: bool) -> Truth:
        """The truth of something that is certain."""
        return Truth.TRUE if value else Truth.FALSE


_NEGATION = {
    Truth.TRUE: Truth.FALSE,
    Truth.FALSE: Truth.TRUE,
    Truth.UNKNOWN: Truth.UNKNOWN,
}


def all_true(truths: Collection[Truth]) -> Truth:
    """False if one is false, else unknown if one is unknown, else true."""
    return Truth.FALSE if Truth.FALSE in truths else Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.TRUE


def any_true(truths: Collection[Truth]) -> Truth:
    """True if one is true, else unknown if one is unknown, else false."""
    return Truth.TRUE if Truth.TRUE in truths else Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.FALSE
