"""Treatment: drugs by class, tumour procedures, open orders, vaccines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mappings.chart import Chart
from mappings.entries import Condition, Medication, Order, Study, Vaccination
from mappings.evidence import evidence_of
from mappings.findings import Evidence, Finding, known, unknown
from mappings.readers.diagnosis import metastases_in, neoplasms
from mappings.readers.resection import done_for
from mappings.readers.steps import ORDERS, order_evidence
from mappings.references import last_part
from mappings.statuses import BEGUN, FINAL, OPEN, PERHAPS_BEGUN, TAKEN_OR_NOT_KNOWN
from mappings.truth import Truth
from mappings.vocabulary import Definition, Kind, find

MEDICATION_LISTS = ("MedicationRequest", "MedicationStatement", "MedicationAdministration")
_TUMOUR_DRUGS = ("somatostatin_analogues", "cytotoxics", "targeted_therapies", "lutetium_prrt")
_TUMOUR_PROCEDURES = ("liver_resection", "liver_directed_therapy", "prrt_procedure")


def read_treated(chart: Chart, definition: Definition) -> Finding:
    """Yes by a completed removal, another tumour procedure or a completed drug; no where the lists are complete.

    A drug that is being taken, or was broken off, is no treatment to follow up after. A liver procedure that names
    something else than the tumour or a metastasis as its reason was not of the tumour.
    """
    in_situ = chart.findings["primary_in_situ"]
    systemic = chart.findings["systemic_therapy_started"]
    reasons = frozenset(last_part(c.reference) for c in _tumour(chart))
    done = _procedures(chart, *_TUMOUR_PROCEDURES)
    procedures = [e for study, e in done if done_for(chart, study, reasons) is not Truth.FALSE]
    drugs = [drug for drug in _medications(chart) if drug.status == "completed" and drug.code.is_a(*_TUMOUR_DRUGS)]
    if in_situ.value == "no" or drugs or procedures:
        removed = in_situ.evidence if in_situ.value == "no" else ()
        return known(definition.name, "yes", (*removed, *map(evidence_of, drugs), *procedures))
    if in_situ.is_known and systemic.is_known:
        return known(definition.name, "no")
    return unknown(definition.name, in_situ.reason or systemic.reason)


def read_systemic_therapy_started(chart: Chart, definition: Definition) -> Finding:
    """Yes by a tumour drug that was begun by today, or a radionuclide procedure; no where the lists are complete.

    A drug that is on hold, or of which nobody knows, may or may not have been begun; so may one that cannot be told.
    """
    drugs = [d for d in _medications(chart) if d.code.is_a(*_TUMOUR_DRUGS) and _has_come(d, chart.today)]
    begun = [d for d in drugs if d.status in BEGUN]
    procedures = [evidence for _, evidence in _procedures(chart, "prrt_procedure")]
    if begun or procedures:
        return known(definition.name, "yes", (*map(evidence_of, begun), *procedures))
    perhaps = [d for d in drugs if d.status in PERHAPS_BEGUN]
    perhaps += [d for d in _medications(chart) if d.status in BEGUN and cannot_be_told(chart, d)]
    if perhaps:
        return unknown(definition.name, "a drug may or may not be systemic treatment", tuple(map(evidence_of, perhaps)))
    return chart.no_or_unknown(definition)


def read_active_medications(chart: Chart, definition: Definition) -> Finding:
    """Active requests and statements whose days include today.

    A drug that cannot be told makes the list incomplete, and so does one of which nobody knows whether it is taken.
    """
    taken: dict[str, list[Evidence]] = {}
    unclear = False
    for drug in chart.record.entries(Medication, "MedicationRequest", "MedicationStatement"):
        if not _is_of_today(drug, chart.today) or drug.status not in TAKEN_OR_NOT_KNOWN:
            continue
        unclear = unclear or cannot_be_told(chart, drug)
        if drug.status == "unknown":
            unclear = unclear or drug.code.is_a(*definition.value_sets)
            continue
        for name in (name for name, sets in definition.meanings.items() if drug.code.is_a(*sets)):
            taken.setdefault(name, []).append(evidence_of(drug))
    doubt = "of a drug it is not known which it is, or whether it is taken" if unclear else ""
    return chart.set_of(definition, taken, doubt)


def cannot_be_told(chart: Chart, drug: Medication) -> bool:
    """Whether the drug cannot be identified: by unknown words, an unknown system, or what was not sent."""
    coded = any(chart.record.terminology.knows(coding.system) for coding in drug.code.codings)
    return not coded and not drug.code.is_a(*find(chart.vocabulary, "active_medications").value_sets)


def read_prrt_planned(chart: Chart, definition: Definition) -> Finding:
    """Yes by an open or draft request for radionuclide therapy."""
    requests = chart.record.entries(Medication, "MedicationRequest")
    drugs = [d for d in requests if d.status in OPEN and d.code.is_a("lutetium_prrt")]
    orders = [
        o
        for o in chart.record.entries(Order, "ServiceRequest", "CarePlan")
        if o.status in OPEN and o.code.is_a("prrt_procedure", "lutetium_prrt")
    ]
    if drugs or orders:
        return known(definition.name, "yes", (*map(evidence_of, drugs), *map(evidence_of, orders)))
    return chart.no_or_unknown(definition)


def read_prrt_given(chart: Chart, definition: Definition) -> Finding:
    """Yes by a completed procedure, a dose or a statement that it was begun, or a request that was completed.

    A request that is still active is a plan; one that was stopped may have been carried out in part.
    """
    came = [d for d in _medications(chart) if _has_come(d, chart.today)]
    drugs = [d for d in came if d.code.is_a("lutetium_prrt")]
    given = [d for d in drugs if _was_given(d)]
    procedures = [evidence for _, evidence in _procedures(chart, "prrt_procedure")]
    if given or procedures:
        return known(definition.name, "yes", (*map(evidence_of, given), *procedures))
    perhaps = [d for d in drugs if _may_have_been_given(d)]
    perhaps += [d for d in came if _was_given(d) and cannot_be_told(chart, d)]
    if perhaps:
        return unknown(
            definition.name, "radionuclides may or may not have been given", tuple(map(evidence_of, perhaps))
        )
    return chart.no_or_unknown(definition)


def read_cholecystectomy(chart: Chart, definition: Definition) -> Finding:
    """Yes by a completed Procedure."""
    done = tuple(evidence for _, evidence in _procedures(chart, "cholecystectomy"))
    return known(definition.name, "yes", done) if done else chart.no_or_unknown(definition)


def read_splenectomy_vaccines(chart: Chart, definition: Definition) -> Finding:
    """Complete where each of the three vaccines was given."""
    given: dict[str, Evidence] = {}
    for vaccination in chart.record.entries(Vaccination, "Immunization"):
        for name in definition.value_sets:
            if vaccination.status in FINAL and vaccination.code.is_a(name):
                given.setdefault(name, evidence_of(vaccination))
    if len(given) == len(definition.value_sets):
        return known(definition.name, "complete", tuple(given.values()))
    gap = chart.gap(definition)
    return unknown(definition.name, gap) if gap else known(definition.name, "incomplete", tuple(given.values()))


def read_open_orders(chart: Chart, definition: Definition) -> Finding:
    """Open requests (active, on hold or draft), by the step they would fulfil."""
    orders, drugs = chart.record.entries(Order, *ORDERS), chart.record.entries(Medication, "MedicationRequest")
    requests: tuple[Order | Medication, ...] = (*orders, *drugs)
    ordered = frozenset[str]().union(*(request.code.sets for request in requests if request.status in OPEN))
    steps = [step for step in chart.vocabulary.values() if step.kind is Kind.STEP] if ordered else []
    evidence = {s.name: order_evidence(chart, s) for s in steps if not ordered.isdisjoint(s.value_sets)}
    return chart.set_of(definition, evidence)


def _medications(chart: Chart) -> Iterator[Medication]:
    yield from chart.record.entries(Medication, *MEDICATION_LISTS)


def _procedures(chart: Chart, *value_sets: str) -> Iterator[tuple[Study, Evidence]]:
    for study in chart.record.entries(Study, "Procedure"):
        if study.status in FINAL and study.is_a(*value_sets):
            yield study, evidence_of(study, value_sets)


def _tumour(chart: Chart) -> Iterator[Condition]:
    yield from (condition for _, condition in neoplasms(chart))
    spread = ("secondary_neuroendocrine_neoplasm", *metastases_in(chart))
    for condition in chart.record.entries(Condition, "Condition"):
        if condition.is_a(*spread):
            yield condition


def _was_given(drug: Medication) -> bool:
    return drug.status == "completed" if drug.kind == "MedicationRequest" else drug.status in BEGUN


def _may_have_been_given(drug: Medication) -> bool:
    return drug.status in (("stopped", "unknown") if drug.kind == "MedicationRequest" else PERHAPS_BEGUN)


def _is_of_today(drug: Medication, today: date) -> bool:
    return _has_come(drug, today) and (drug.end is None or drug.end.latest >= today)


def _has_come(drug: Medication, today: date) -> bool:
    return drug.start is None or drug.start.earliest <= today


READERS = {
    "treated": read_treated,
    "systemic_therapy_started": read_systemic_therapy_started,
    "active_medications": read_active_medications,
    "prrt_planned": read_prrt_planned,
    "prrt_given": read_prrt_given,
    "cholecystectomy": read_cholecystectomy,
    "splenectomy_vaccines": read_splenectomy_vaccines,
    "open_orders": read_open_orders,
}
