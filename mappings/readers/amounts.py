"""Measurements: one value with its unit, the latest that counts."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, disagreement, newest, observed
from mappings.entries import Observation, Reading
from mappings.findings import Evidence, Finding, known, unknown
from mappings.units import converted
from mappings.vocabulary import Definition


def read_measurement(chart: Chart, definition: Definition) -> Finding:
    """Observation.value of the latest final result in the finding's unit; unknown where the latest cannot be read.

    Results that may be equally late have to overlap, else the record contradicts itself.
    """
    readings = list(measured(chart, definition))
    latest = newest(readings)
    if not latest:
        return chart.absence(definition)
    unread = [d.evidence for d in latest if d.value is None]
    amounts = [Dated(d.value, d.evidence) for d in latest if d.value is not None]
    if unread:
        return unknown(definition.name, "the result could not be read", tuple(unread), conflicts_of(unread))
    if any(not one.value.overlaps(other.value) for one in amounts for other in amounts):
        return disagreement(definition.name, amounts)
    widest = min(amounts, key=_width)
    return known(definition.name, widest.value, (widest.evidence,))


def measured(chart: Chart, definition: Definition) -> Iterator[Dated[Amount | None]]:
    """The final results of a finding in its unit; None for a result whose number or unit nobody can tell."""
    for value_set in definition.value_sets:
        for observation, part in chart.results(value_set):
            if not part.reading.is_empty():
                yield _in_unit(observation, part.reading, definition.unit)


def conflicts_of(evidence: list[Evidence]) -> tuple[str, ...]:
    """What could not be read, named for the card."""
    return tuple(f"{e.resource}: {e.text or 'no value'} could not be read" for e in evidence)


def _in_unit(observation: Observation, reading: Reading, unit: str) -> Dated[Amount | None]:
    amount = converted(reading.amount, unit) if reading.amount is not None else None
    written = str(amount) if amount is not None else reading.unread_amount or reading.text or str(reading.amount or "")
    return Dated(amount, observed(observation, reading, written))


def _width(dated: Dated[Amount]) -> float:
    amount = dated.value
    return float("inf") if amount.low is None or amount.high is None else float(amount.high - amount.low)
