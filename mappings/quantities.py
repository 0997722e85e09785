"""Amounts as FHIR data states them: quantities with comparators, ranges, and numbers written as text."""

from __future__ import annotations

import re
from decimal import Decimal

from mappings.amounts import Amount
from mappings.units import ucum

_ZERO = Decimal(0)
_LONGEST_TEXT = 60
# FHIR asks for 18 digits of precision at most; a number beyond that is a slip or an attack, never a measurement.
_LARGEST_EXPONENT = 15
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_BELOW = re.compile(rf"(?:<|less than|under|below)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_UP_TO = re.compile(rf"(?:<=|≤|=<|up to|at most)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_ABOVE = re.compile(rf"(?:>|more than|greater than|over|above)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_FROM = re.compile(rf"(?:>=|≥|=>|at least)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_RANGE = re.compile(rf"{_NUMBER}\s*%?\s*(?:-|–|—|to)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_EXACT = re.compile(rf"{_NUMBER}\s*(.*)")
# `1,200` is 1200 in English and 1.2 in German, `1.200` the reverse: nobody can tell.
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def from_quantity(value: Decimal | None, comparator: str | None, unit: str | None) -> Amount | None:
    """The amount a quantity states, or None where it has no usable number or an unknown unit."""
    if value is None or unit is None or not _is_usable(value):
        return None
    match comparator:
        case None | "":
            return Amount.exactly(value, unit)
        case "<":
            return Amount(_ZERO, value, unit, high_included=False) if value > 0 else None
        case "<=":
            return Amount(_ZERO, value, unit)
        case ">":
            return Amount(value, None, unit, low_included=False)
        case ">=":
            return Amount(value, None, unit)
        case _:
            return None


def from_range(low: Decimal | None, high: Decimal | None, unit: str | None) -> Amount | None:
    """The amount a range states; an end that is not given is open."""
    ends = [end for end in (low, high) if end is not None]
    if unit is None or not ends or not all(map(_is_usable, ends)) or ends[0] > ends[-1]:
        return None
    return Amount(_ZERO if low is None else low, high, unit)


def from_text(text: str) -> Amount | None:
    """The amount a text states and nothing else besides: `<1 %`, `3-5 %`, `8 mm`; None where anything is left over."""
    written = text.strip()
    if len(written) > _LONGEST_TEXT:
        return None
    if found := _RANGE.fullmatch(written):
        low, high = _decimal(found[1]), _decimal(found[2])
        return None if low is None or high is None else from_range(low, high, ucum(found[3]))
    for pattern, comparator in ((_UP_TO, "<="), (_FROM, ">="), (_BELOW, "<"), (_ABOVE, ">"), (_EXACT, None)):
        if found := pattern.fullmatch(written):
            return from_quantity(_decimal(found[1]), comparator, ucum(found[2]))
    return None


def _is_usable(number: Decimal) -> bool:
    return number.is_finite() and number >= 0 and abs(number.adjusted()) <= _LARGEST_EXPONENT


def _decimal(text: str) -> Decimal | None:
    return None if _THOUSANDS.fullmatch(text) else Decimal(text.replace(",", "."))
