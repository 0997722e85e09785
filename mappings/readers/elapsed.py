"""Time since something was last done, as an interval where its day is not certain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from mappings.amounts import Amount
from mappings.dates import months_between
from mappings.findings import Evidence, Finding, known, unknown
from mappings.vocabulary import Definition

_MONTHS_PER_UNIT = {"mo": Decimal(1), "a": Decimal(12)}


@dataclass(frozen=True, slots=True)
class Events:
    """What surely was done, and what may have been: a study that does not say its region, an operation its reason."""

    certain: tuple[Evidence, ...] = ()
    possible: tuple[Evidence, ...] = ()

    def __add__(self, other: Events) -> Events:
        return Events(self.certain + other.certain, self.possible + other.possible)

    def __bool__(self) -> bool:
        return bool(self.certain or self.possible)


def time_since(definition: Definition, events: Events, today: date) -> Finding:
    """Time since the latest certain event; as short as the latest possible one, or one without a date, allows.

    Unknown where no certain event has a date. An event dated after today counts as of today.
    """
    dated = [e for e in events.certain if e.date is not None]
    if not dated:
        reason = "it is not certain what was done, or when"
        return unknown(definition.name, reason, events.certain + events.possible)
    last = max(day.latest for e in dated if (day := e.date))
    certainly = max(day.earliest for e in dated if (day := e.date))
    later = [e for e in (*events.certain, *events.possible) if e.date is None or e.date.latest > last]
    latest = max([last, *(e.date.latest if e.date else today for e in later)])
    amount = Amount(
        _elapsed(latest, today, definition.unit), _elapsed(certainly, today, definition.unit), definition.unit
    )
    proof = [e for e in dated if e.date is not None and e.date.latest >= certainly]
    return known(definition.name, amount, tuple(dict.fromkeys([*_one_per_day(proof), *later])))


def _elapsed(day: date, today: date, unit: str) -> Decimal:
    """Rounded down, so that a bound is never reached before its day."""
    months = months_between(min(day, today), today)
    return (months / _MONTHS_PER_UNIT[unit]).quantize(Decimal("0.01"), ROUND_DOWN)


def _one_per_day(evidence: Iterable[Evidence]) -> list[Evidence]:
    return list({str(e.date): e for e in evidence}.values())
