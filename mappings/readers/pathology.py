"""Pathology: Ki-67, mitoses and differentiation, as the pathologist reports them."""

from __future__ import annotations

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, agreed, disagreement, newest, observed
from mappings.entries import Condition
from mappings.evidence import evidence_of
from mappings.findings import Finding, State, known
from mappings.readers.amounts import could_not_be_read, measured, read_measurement
from mappings.readers.diagnosis import leading
from mappings.readers.stated import latest_stated, stated
from mappings.readers.steps import newest_evidence, not_done
from mappings.vocabulary import Definition, find


def read_ki67_assessment(chart: Chart, definition: Definition) -> Finding:
    """Done where a final Ki-67 is a number, comparator or range; unknown where none can be read; else as a step."""
    results = list(measured(chart, find(chart.vocabulary, "ki67_index")))
    usable = [d.evidence for d in results if d.value is not None]
    if usable:
        return known(definition.name, "done", tuple(newest_evidence(usable)))
    if results:
        return could_not_be_read(definition, results)
    return not_done(chart, definition)


def read_mitotic_count(chart: Chart, definition: Definition) -> Finding:
    """As a measurement; unknown where mitoses were counted per ten high-power fields only, an area nobody knows."""
    finding = read_measurement(chart, definition)
    if finding.state is not State.ABSENT:
        return finding
    counted: tuple[Dated[Amount | None], ...] = tuple(
        Dated(None, observed(observation, part.reading, "a count per ten high-power fields"))
        for observation, part in chart.results("mitotic_count_per_10_hpf")
    )
    return could_not_be_read(definition, counted) if counted else finding


def read_differentiation(chart: Chart, definition: Definition) -> Finding:
    """The Observation that states it, by its latest value; else the words of the diagnosis code or morphology.

    Only a neoplasm of the leading status counts, and not one that is only suspected.
    """
    written = newest(stated(chart, "differentiation", definition.meanings))
    status, neoplasms = leading(chart)
    coded = [Dated(value, evidence_of(c)) for c in neoplasms if (value := _differentiation_in(c))]
    if status in ("suspected", "history"):
        coded = []
    if len({d.value for d in [*written, *coded]} - {""}) > 1:
        return disagreement(definition.name, [*written, *coded])
    if written:
        return latest_stated(chart, definition, written)
    return agreed(definition, coded, lambda: chart.absence(definition))


def _differentiation_in(condition: Condition) -> str:
    if condition.is_a("neuroendocrine_carcinoma", "morphology_nec"):
        return "poor"
    return "well" if condition.is_a("well_differentiated_neoplasm") else ""


READERS = {
    "ki67_index": read_measurement,
    "ki67_assessment": read_ki67_assessment,
    "mitotic_count": read_mitotic_count,
    "differentiation": read_differentiation,
}
