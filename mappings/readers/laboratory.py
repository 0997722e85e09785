"""Laboratory: whether a marker is raised by its own reference range, and whether acid suppression spoils it."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, agreed, newest, observed
from mappings.dates import PartialDate
from mappings.entries import Component, Medication
from mappings.findings import Evidence, Finding, known, unknown
from mappings.readers.treatment import MEDICATION_LISTS
from mappings.truth import Truth
from mappings.units import converted
from mappings.vocabulary import Definition

_ACID_SUPPRESSION = ("proton_pump_inhibitors", "h2_blockers")
_NEVER_TAKEN = frozenset({"draft", "cancelled", "entered-in-error", "not-done", "not-taken"})


def read_times_upper_limit(chart: Chart, definition: Definition) -> Finding:
    """Observation.value by the upper limit of its own reference range, of the latest final result."""
    latest = _latest(chart, definition)
    for part, evidence in latest:
        limit = part.upper_limit
        if part.reading.amount is None or limit is None or not limit.high:
            return unknown(definition.name, "no upper limit with the result", (evidence,))
        amount = converted(part.reading.amount, limit.unit)
        if amount is None:
            return unknown(definition.name, "result and limit have different units", (evidence,))
        return known(definition.name, amount.scaled(1 / limit.high, "1"), (evidence,))
    return chart.absence(definition)


def read_elevated(chart: Chart, definition: Definition) -> Finding:
    """Observation.interpretation of the latest final result; where it has none, its value against its own range."""
    flags = [Dated(flag, evidence) for part, evidence in _latest(chart, definition) if (flag := _flag(part))]
    if flags:
        return agreed(definition, flags, lambda: chart.absence(definition))
    latest = _latest(chart, definition)
    if latest:
        return unknown(definition.name, "neither interpretation nor range tells", tuple(e for _, e in latest))
    return chart.absence(definition)


def read_on_acid_suppression(chart: Chart, definition: Definition) -> Finding:
    """The day of the latest final sample against the days of every acid-suppressing drug on record."""
    latest = _latest(chart, definition)
    if not latest:
        return chart.absence(definition)
    sample = latest[0][1]
    overlaps = [(_covers(drug, sample.date), drug) for drug in _acid_suppression(chart)]
    taken = [drug for truth, drug in overlaps if truth is Truth.TRUE]
    if taken:
        proof = tuple(Evidence(d.reference, "medication", d.start, str(d.code)) for d in taken)
        return known(definition.name, "yes", (sample, *proof))
    if any(truth is Truth.UNKNOWN for truth, _ in overlaps):
        return unknown(definition.name, "the days of the drug or of the sample are not known", (sample,))
    gap = chart.gap(definition)
    return unknown(definition.name, gap) if gap else known(definition.name, "no", (sample,))


def _latest(chart: Chart, definition: Definition) -> list[tuple[Component, Evidence]]:
    results = [
        Dated(part, observed(observation, part.reading, str(part.reading.amount or part.reading.text)))
        for value_set in definition.value_sets
        for observation, part in chart.results(value_set)
        if not part.reading.is_empty()
    ]
    return [(d.value, d.evidence) for d in newest(results)]


def _flag(part: Component) -> str:
    if any(i.is_a("interpretation_high") for i in part.interpretations):
        return "yes"
    if any(i.is_a("interpretation_normal", "interpretation_low") for i in part.interpretations):
        return "no"
    limit = part.upper_limit
    if part.reading.amount is None or limit is None or limit.high is None:
        return ""
    amount: Amount | None = converted(part.reading.amount, limit.unit)
    if amount is None:
        return ""
    return {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: ""}[amount.more_than(limit.high)]


def _acid_suppression(chart: Chart) -> Iterable[Medication]:
    for drug in chart.record.entries(Medication, *MEDICATION_LISTS):
        if drug.status not in _NEVER_TAKEN and drug.code.is_a(*_ACID_SUPPRESSION):
            yield drug


def _covers(drug: Medication, sample: PartialDate | None) -> Truth:
    if sample is None or drug.start is None:
        return Truth.UNKNOWN
    if sample.latest < drug.start.earliest or (drug.end is not None and sample.earliest > drug.end.latest):
        return Truth.FALSE
    begun = sample.earliest >= drug.start.latest
    open_end = drug.end is None and drug.status not in ("active", "on-hold", "intended")
    ended_after = drug.end is None or sample.latest <= drug.end.earliest
    return Truth.TRUE if begun and ended_after and not open_end else Truth.UNKNOWN


READERS = {
    **dict.fromkeys(
        ("chromogranin_a_times_uln", "gastrin_times_uln", "hiaa_times_uln"),
        read_times_upper_limit,
    ),
    **dict.fromkeys(("chromogranin_a_elevated", "gastrin_elevated", "hiaa_elevated"), read_elevated),
    "chromogranin_a_on_acid_suppression": read_on_acid_suppression,
    "gastrin_on_acid_suppression": read_on_acid_suppression,
}
