"""Measurements: one value with its unit, the latest that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, disagreement, newest, observed
from mappings.entries import Observation, Reading
from mappings.findings import UNREAD, Finding, known, unknown
from mappings.readers.stated import unread, words_of
from mappings.units import converted
from mappings.vocabulary import Definition


def read_measurement(chart: Chart, definition: Definition) -> Finding:
    """Observation.value of the latest final result in the finding's unit; unknown where the latest cannot be read.

    Results that may be equally late have to overlap, else the record contradicts itself; of those that do the
    narrowest says most.
    """
    latest = newest(measured(chart, definition))
    if not latest:
        return chart.absence(definition)
    amounts = [Dated(d.value, d.evidence) for d in latest if d.value is not None]
    if len(amounts) < len(latest):
        return could_not_be_read(definition, (d for d in latest if d.value is None))
    if any(not one.value.overlaps(other.value) for one in amounts for other in amounts):
        return disagreement(definition.name, amounts)
    narrowest = min(amounts, key=_width)
    return known(definition.name, narrowest.value, (narrowest.evidence,))


def measured(
    chart: Chart, definition: Definition, counts: Callable[[Observation], bool] = lambda _: True
) -> Iterator[Dated[Amount | None]]:
    """The final results of a finding in its unit that count; None for one whose number or unit nobody can tell, or can
    believe."""
    for value_set in definition.value_sets:
        for observation, part in chart.results(value_set):
            if not part.reading.is_empty() and counts(observation):
                yield _in_unit(observation, part.reading, definition)


def could_not_be_read(definition: Definition, values: Iterable[Dated[Amount | None]]) -> Finding:
    """Unknown, because a result on record means nothing that we know."""
    evidence = tuple(d.evidence for d in values)
    return unknown(definition.name, UNREAD, evidence, unread(evidence))


def is_unread(finding: Finding) -> bool:
    """Whether a finding is unknown because its latest result could not be read."""
    return finding.reason == UNREAD


def _in_unit(observation: Observation, reading: Reading, definition: Definition) -> Dated[Amount | None]:
    amount = converted(reading.amount, definition.unit) if reading.amount is not None else None
    if amount is not None and _is_beyond_belief(amount, definition):
        amount = None
    written = words_of(reading) if amount is None else str(amount)
    return Dated(amount, observed(observation, reading, written), observation.lesion)


def _is_beyond_belief(amount: Amount, definition: Definition) -> bool:
    ends = [end for end in (amount.low, amount.high) if end is not None]
    return definition.most is not None and max(ends) > definition.most


def _width(dated: Dated[Amount]) -> float:
    amount = dated.value
    return float("inf") if amount.low is None or amount.high is None else float(amount.high - amount.low)
