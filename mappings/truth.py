"""Truth with three values (Kleene): unknown is never false."""

from __future__ import annotations

from collections.abc import Iterable
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


def all_true(truths: Iterable[Truth]) -> Truth:
    """False if one is false, else unknown if one is unknown, else true."""
    return _first_of((Truth.FALSE, Truth.UNKNOWN, Truth.TRUE), truths)


def any_true(truths: Iterable[Truth]) -> Truth:
    """True if one is true, else unknown if one is unknown, else false."""
    return _first_of((Truth.TRUE, Truth.UNKNOWN, Truth.FALSE), truths)


def _first_of(ranked: tuple[Truth, Truth, Truth], truths: Iterable[Truth]) -> Truth:
    """The first that is among the truths, else the last; in a tuple, since an enumeration is hashed slowly."""
    seen = tuple(truths)
    return ranked[0] if ranked[0] in seen else ranked[1] if ranked[1] in seen else ranked[2]
