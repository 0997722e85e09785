"""Laboratory: whether a marker is raised by its own reference range, and whether acid suppression spoils it."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, agreed, disagreement, newest, observed
from mappings.dates import PartialDate
from mappings.entries import Component, Medication
from mappings.evidence import evidence_of
from mappings.findings import Finding, known, unknown
from mappings.readers.stated import words_of
from mappings.readers.treatment import MEDICATION_LISTS, cannot_be_told
from mappings.statuses import NEVER_TAKEN
from mappings.truth import Truth, all_true, any_true
from mappings.units import converted, molar_mass
from mappings.vocabulary import Definition

_ACID_SUPPRESSION = ("proton_pump_inhibitors", "h2_blockers")


def read_elevated(chart: Chart, definition: Definition) -> Finding:
    """Observation.interpretation of the latest final result; where it has none, its value against its own range.

    Unknown where a result is called normal that is above its own range.
    """
    latest = _latest(chart, definition)
    torn = [Dated("", d.evidence) for d in latest if _flag(d.value) == "no" and _by_range(d.value) == "yes"]
    if torn:
        return disagreement(definition.name, torn)
    flags = [Dated(flag, d.evidence) for d in latest if (flag := _flag(d.value) or _by_range(d.value))]
    if latest and not flags:
        return unknown(definition.name, "neither interpretation nor range tells", tuple(d.evidence for d in latest))
    return agreed(definition, flags, lambda: chart.absence(definition))


def read_on_acid_suppression(chart: Chart, definition: Definition) -> Finding:
    """The day of the latest final sample against the days of every acid-suppressing drug on record.

    Unknown where the drug began on the day of the sample, is on hold, or cannot be told from its name.
    """
    latest = _latest(chart, definition)
    if not latest:
        return chart.absence(definition)
    samples = tuple(d.evidence for d in latest)
    overlaps = [(all_true([_covers(drug, s.date) for s in samples]), drug) for drug in _acid_suppression(chart)]
    taken = [drug for truth, drug in overlaps if truth is Truth.TRUE]
    if taken:
        return known(definition.name, "yes", (*samples, *map(evidence_of, taken)))
    unclear = [d for d in _unclear(chart) if any_true([_covers(d, s.date) for s in samples]) is not Truth.FALSE]
    if unclear or any(truth is Truth.UNKNOWN for truth, _ in overlaps):
        return unknown(definition.name, "the drug, its days or the day of the sample are not known", samples)
    gap = chart.gap(definition)
    return unknown(definition.name, gap) if gap else known(definition.name, "no", samples)


def _latest(chart: Chart, definition: Definition) -> list[Dated[Component]]:
    results = (
        Dated(part, observed(observation, part.reading, words_of(part.reading)))
        for value_set in definition.value_sets
        for observation, part in chart.results(value_set)
        if not part.reading.is_empty()
    )
    return newest(results)


def _in_unit_of(limit: Amount, part: Component) -> Amount | None:
    """The result in the unit of its limit, by the molar mass of the marker where one of them is in moles."""
    masses = (mass for value_set in sorted(part.code.sets) if (mass := molar_mass(value_set)) is not None)
    return None if part.reading.amount is None else converted(part.reading.amount, limit.unit, next(masses, None))


def _flag(part: Component) -> str:
    if any(i.is_a("interpretation_high") for i in part.interpretations):
        return "yes"
    if any(i.is_a("interpretation_normal", "interpretation_low") for i in part.interpretations):
        return "no"
    return ""


def _by_range(part: Component) -> str:
    limit = part.upper_limit
    if limit is None or limit.high is None or (amount := _in_unit_of(limit, part)) is None:
        return ""
    return {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: ""}[amount.more_than(limit.high)]


def _acid_suppression(chart: Chart) -> Iterator[Medication]:
    return (drug for drug in _perhaps_taken(chart) if drug.code.is_a(*_ACID_SUPPRESSION))


def _unclear(chart: Chart) -> Iterator[Medication]:
    return (drug for drug in _perhaps_taken(chart) if cannot_be_told(chart, drug))


def _perhaps_taken(chart: Chart) -> Iterator[Medication]:
    for drug in chart.record.entries(Medication, *MEDICATION_LISTS):
        if drug.status not in NEVER_TAKEN:
            yield drug


def _covers(drug: Medication, sample: PartialDate | None) -> Truth:
    """Whether the drug was being taken when the sample was drawn; the day on which it began leaves that open."""
    if sample is None or drug.start is None:
        return Truth.UNKNOWN
    if sample.latest < drug.start.earliest or (drug.end is not None and sample.earliest > drug.end.latest):
        return Truth.FALSE
    begun = sample.earliest > drug.start.latest
    not_ended = sample.latest <= drug.end.earliest if drug.end is not None else drug.status == "active"
    return Truth.TRUE if begun and not_ended else Truth.UNKNOWN


READERS = {
    **dict.fromkeys(("chromogranin_a_elevated", "gastrin_elevated", "hiaa_elevated"), read_elevated),
    "chromogranin_a_on_acid_suppression": read_on_acid_suppression,
    "gastrin_on_acid_suppression": read_on_acid_suppression,
}
