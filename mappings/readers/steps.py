"""Work-up steps: done, ordered or absent; cancelled, preliminary and erroneous entries never count."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.chart import Chart, Dated, newest
from mappings.entries import Component, Medication, Observation, Order, Study, Vaccination
from mappings.evidence import evidence_of
from mappings.findings import Evidence, Finding, known, unknown
from mappings.statuses import FINAL, OPEN
from mappings.vocabulary import Definition

ORDERS = ("ServiceRequest", "CarePlan")
_STUDIES = ("ImagingStudy", "DiagnosticReport", "Procedure", "Encounter")


def read_step(chart: Chart, definition: Definition) -> Finding:
    """Done by a final result, completed study, report, procedure or vaccination; else ordered by an open request.

    Else absent, but only where every type in which the step could stand was searched completely; ordered likewise,
    since an order says nothing of a result that could not be read.
    """
    done = done_evidence(chart, definition)
    return known(definition.name, "done", tuple(newest_evidence(done))) if done else not_done(chart, definition)


def not_done(chart: Chart, definition: Definition) -> Finding:
    """Ordered or absent, where the searches were complete; else unknown."""
    gap = chart.gap(definition)
    if gap:
        return unknown(definition.name, gap)
    ordered = tuple(order_evidence(chart, definition))
    return known(definition.name, "ordered", ordered) if ordered else known(definition.name, "absent")


def done_evidence(chart: Chart, definition: Definition) -> list[Evidence]:
    """Everything on record that means the step was done; a result without any value says that it was not."""
    value_sets = definition.value_sets
    done: list[Evidence] = []
    for value_set in value_sets:
        for observation, part in chart.results(value_set):
            if _has_value(observation, part, value_set):
                done.append(evidence_of(observation))
    for study in chart.record.entries(Study, *_STUDIES):
        if not study.sets.isdisjoint(value_sets) and study.status in FINAL:
            done.append(evidence_of(study, value_sets))
    if "Immunization" in definition.resources:
        for given in chart.record.entries(Vaccination, "Immunization"):
            if given.code.is_a(*value_sets) and given.status in FINAL:
                done.append(evidence_of(given))
    return done


def order_evidence(chart: Chart, definition: Definition) -> Iterator[Evidence]:
    """Every open request for the step."""
    for order in chart.record.entries(Order, *ORDERS):
        if order.status in OPEN and order.code.is_a(*definition.value_sets):
            yield evidence_of(order)
    if "MedicationRequest" in definition.resources:
        for drug in chart.record.entries(Medication, "MedicationRequest"):
            if drug.status in OPEN and drug.code.is_a(*definition.value_sets):
                yield evidence_of(drug)


def newest_evidence(evidence: list[Evidence]) -> list[Evidence]:
    """The latest of the evidence."""
    return [d.evidence for d in newest(Dated("", e) for e in evidence)] if len(evidence) > 1 else evidence


def _has_value(observation: Observation, part: Component, value_set: str) -> bool:
    if not part.reading.is_empty():
        return True
    has_parts = observation.has_members or any(not c.reading.is_empty() for c in observation.components)
    return observation.code.is_a(value_set) and has_parts
