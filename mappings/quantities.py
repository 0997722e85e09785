"""Amounts as FHIR data states them: quantities with comparators, ranges, and numbers written as text."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from mappings.amounts import Amount
from mappings.units import ucum

_ZERO = Decimal(0)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_BELOW = re.compile(rf"(?:<|less than|under|below)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_UP_TO = re.compile(rf"(?:<=|≤|=<|up to|at most)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_ABOVE = re.compile(rf"(?:>|more than|greater than|over|above)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_FROM = re.compile(rf"(?:>=|≥|=>|at least)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_RANGE = re.compile(rf"{_NUMBER}\s*%?\s*(?:-|–|—|to)\s*{_NUMBER}\s*(.*)", re.IGNORECASE)
_EXACT = re.compile(rf"{_NUMBER}\s*(.*)")


def from_quantity(value: Decimal | None, comparator: str | None, unit: str | None) -> Amount | None:
    """The amount a quantity states, or None where it has no number or a unit that nobody can tell."""
    if value is None or unit is None or value < 0:
        return None
    match comparator:
        case None | "":
            return Amount.exactly(value, unit)
        case "<":
            return Amount(_ZERO, value, unit, high_included=False)
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
    if unit is None or (low is None and high is None) or (low is not None and high is not None and low > high):
        return None
    return Amount(_ZERO if low is None else low, high, unit)


def from_text(text: str) -> Amount | None:
    """The amount a text states and nothing else besides: `<1 %`, `3-5 %`, `8 mm`; None where anything is left over."""
    written = text.strip()
    for pattern, comparator in ((_UP_TO, "<="), (_FROM, ">="), (_BELOW, "<"), (_ABOVE, ">"), (_EXACT, None)):
        if found := _RANGE.fullmatch(written):
            return from_range(_decimal(found[1]), _decimal(found[2]), ucum(found[3]))
        if found := pattern.fullmatch(written):
            return from_quantity(_decimal(found[1]), comparator, ucum(found[2]))
    return None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
