"""Values: numbers, units, ranges and days of FHIR elements."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from mappings.amounts import Amount
from mappings.dates import PartialDate, read_date
from mappings.entries import Reading
from mappings.fhir.concepts import Concepts
from mappings.quantities import from_quantity, from_range, from_text
from mappings.units import ucum


def reading_of(model: Any, element: str, concepts: Concepts) -> Reading:
    """The value[x] of an observation or a part of one; `element` is the name without its type."""
    if (quantity := model.valueQuantity) is not None:
        unit = _unit(quantity)
        amount = from_quantity(_decimal(quantity.value), quantity.comparator, unit)
        written = f"{quantity.value} {quantity.unit or quantity.code or ''}".strip()
        return Reading(amount=amount, unread_amount="" if amount else written, element=f"{element}Quantity")
    if (bounds := model.valueRange) is not None:
        low, high = bounds.low, bounds.high
        amount = from_range(_decimal(low and low.value), _decimal(high and high.value), _unit(low or high))
        return Reading(amount=amount, unread_amount="" if amount else "a range", element=f"{element}Range")
    if (concept := model.valueCodeableConcept) is not None:
        read = concepts.of(concept)
        amount = from_text(read.text) if read.text and not read.codings else None
        return Reading(amount=amount, concept=read, text=read.text, element=f"{element}CodeableConcept")
    if model.valueString is not None:
        text = model.valueString
        return Reading(amount=from_text(text), concept=concepts.in_words(text), text=text, element=f"{element}String")
    if model.valueBoolean is not None:
        return Reading(boolean=model.valueBoolean, element=f"{element}Boolean")
    if (ratio := getattr(model, "valueRatio", None)) is not None:
        amount = _ratio(ratio)
        return Reading(amount=amount, unread_amount="" if amount else "a ratio", element=f"{element}Ratio")
    if model.valueInteger is not None:
        return Reading(unread_amount=f"{model.valueInteger}", element=f"{element}Integer")
    return Reading(element=element)


def first_date(model: Any, *names: str) -> PartialDate | None:
    """The first of some elements that holds a day; of a period its end, or its beginning where it has none."""
    for name in names:
        value: Any = getattr(model, name, None)
        if hasattr(value, "start"):
            value = value.end or value.start
        if (found := read_date(value)) is not None:
            return found
    return None


def _ratio(ratio: Any) -> Amount | None:
    """A ratio of two exact quantities of one unit as a number; of different units nobody can tell what is meant."""
    over, under = ratio.numerator, ratio.denominator
    if over is None or under is None or over.comparator or under.comparator or not under.value:
        return None
    numerator, denominator = _decimal(over.value), _decimal(under.value)
    if numerator is None or denominator is None or (_unit(over) or "1") != (_unit(under) or "1"):
        return None
    return from_quantity(numerator / denominator, None, "1")


def upper_limit(ranges: Iterable[Any] | None) -> Amount | None:
    """The upper limit where the ranges agree on one; several ranges (by age, by sex) give none."""
    limits = [r.high for r in ranges if r is not None and r.high is not None] if ranges else ()
    if len(limits) != 1:
        return None
    return from_quantity(_decimal(limits[0].value), None, _unit(limits[0]))


def dosage_bounds(dosages: Iterable[Any]) -> tuple[PartialDate | None, PartialDate | None]:
    """The days between which a drug is to be taken."""
    for dosage in dosages:
        timing = getattr(dosage, "timing", None)
        bounds = getattr(getattr(timing, "repeat", None), "boundsPeriod", None)
        if bounds is not None:
            return read_date(bounds.start), read_date(bounds.end)
    return None, None


def _decimal(value: Any) -> Decimal | None:
    return value if value is None or isinstance(value, Decimal) else Decimal(str(value))


def _unit(quantity: Any) -> str | None:
    return (ucum(quantity.code) if quantity.code else None) or (ucum(quantity.unit) if quantity.unit else None)
