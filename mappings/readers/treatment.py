"""Treatment: resections of the tumour, drugs by class, open orders, vaccines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mappings.amounts import Amount
from mappings.chart import FINAL, OPEN, Chart
from mappings.dates import months_between
from mappings.entries import Medication, Order, Study, Vaccination
from mappings.findings import Evidence, Finding, known, not_applicable, unknown
from mappings.readers.diagnosis import neoplasms
from mappings.readers.steps import order_evidence
from mappings.truth import Truth
from mappings.vocabulary import Definition, Kind

MEDICATION_LISTS = ("MedicationRequest", "MedicationStatement", "MedicationAdministration")
_CLASSES = {
    "somatostatin-analogue": "somatostatin_analogues",
    "proton-pump-inhibitor": "proton_pump_inhibitors",
    "h2-blocker": "h2_blockers",
    "diazoxide": "diazoxide",
    "everolimus": "everolimus",
    "sunitinib": "sunitinib",
    "cabozantinib": "cabozantinib",
    "platinum": "platinum",
    "cytotoxic": "cytotoxics",
    "targeted": "targeted_therapies",
    "prrt": "lutetium_prrt",
}
_RESECTIONS = {
    "duodenum": ("endoscopic_resection", "duodenal_surgery", "pancreatoduodenectomy"),
    "pancreas": ("pancreatic_surgery", "pancreatoduodenectomy"),
    "stomach": ("endoscopic_resection", "gastric_surgery"),
    "jejunum-ileum": ("small_bowel_surgery", "colon_surgery"),
    "appendix": ("appendicectomy", "colon_surgery"),
    "colon": ("endoscopic_resection", "colon_surgery"),
    "rectum": ("endoscopic_resection", "rectal_surgery"),
}
_ANY_RESECTION = tuple(dict.fromkeys(name for sets in _RESECTIONS.values() for name in sets))
_TUMOUR_DRUGS = ("somatostatin_analogues", "cytotoxics", "targeted_therapies", "lutetium_prrt")
_TUMOUR_PROCEDURES = ("liver_resection", "liver_directed_therapy", "prrt_procedure")
_BEGUN = frozenset({"active", "completed", "stopped", "on-hold", "in-progress", "recorded", "unknown"})


def resections(chart: Chart, *value_sets: str) -> Iterator[tuple[Truth, Study]]:
    """Completed removals of the tumour: certain where the procedure names the neoplasm as its reason.

    Where it gives no reason, a removal from the organ of the primary may or may not have been of the tumour.
    """
    named = {_last(condition.reference) for _, condition in neoplasms(chart)}
    site = chart.findings["primary_site"].value
    for study in chart.record.entries(Study, "Procedure"):
        if study.status not in FINAL or not study.is_a(*(value_sets or _ANY_RESECTION)):
            continue
        if any(_last(reason) in named for reason in study.reasons):
            yield Truth.TRUE, study
        elif not study.reasons and study.is_a(*_RESECTIONS.get(str(site), ())):
            yield Truth.UNKNOWN, study


def last_resection(chart: Chart, *value_sets: str) -> Study | None:
    """The latest certain removal of the tumour that has a date."""
    certain = [s for truth, s in resections(chart, *value_sets) if truth is Truth.TRUE and s.date is not None]
    return max(certain, key=lambda s: s.date.latest if s.date else date.min, default=None)


def read_primary_in_situ(chart: Chart, definition: Definition) -> Finding:
    """No where a completed Procedure removed the tumour; unknown where a removal gives no reason."""
    found = list(resections(chart))
    certain = [study for truth, study in found if truth is Truth.TRUE]
    if certain:
        return known(definition.name, "no", tuple(map(_procedure, certain)))
    if found:
        conflicts = tuple(f"{s.reference}: a resection without a stated reason" for _, s in found)
        return unknown(definition.name, "a resection does not say what it was for", (), conflicts)
    return chart.no_or_unknown(definition, "yes")


def read_treated(chart: Chart, definition: Definition) -> Finding:
    """Yes by a completed removal, another tumour procedure, or a begun tumour drug; no where the lists are complete."""
    in_situ = chart.findings["primary_in_situ"]
    systemic = chart.findings["systemic_therapy_started"]
    procedures = [
        s for s in chart.record.entries(Study, "Procedure") if s.status in FINAL and s.is_a(*_TUMOUR_PROCEDURES)
    ]
    if in_situ.value == "no" or systemic.value == "yes" or procedures:
        evidence = in_situ.evidence + systemic.evidence + tuple(map(_procedure, procedures))
        return known(definition.name, "yes", evidence)
    if in_situ.is_known and systemic.is_known:
        return known(definition.name, "no")
    return unknown(definition.name, in_situ.reason or systemic.reason)


def read_systemic_therapy_started(chart: Chart, definition: Definition) -> Finding:
    """Yes by a tumour drug that was begun, or a radionuclide procedure; no where the lists are complete."""
    drugs = [d for d in _medications(chart) if d.status in _BEGUN and d.code.is_a(*_TUMOUR_DRUGS)]
    procedures = [s for s in chart.record.entries(Study, "Procedure") if s.status in FINAL and s.is_a("prrt_procedure")]
    if drugs or procedures:
        return known(definition.name, "yes", tuple(map(_drug, drugs)) + tuple(map(_procedure, procedures)))
    return chart.no_or_unknown(definition)


def read_years_since_resection(chart: Chart, definition: Definition) -> Finding:
    """From Procedure.performed of the latest certain removal to the day of the request."""
    last = last_resection(chart)
    if last is None or last.date is None:
        in_situ = chart.findings["primary_in_situ"]
        if in_situ.value == "yes":
            return not_applicable(definition.name, "no resection on record")
        return unknown(definition.name, "the day of the resection is not known")
    youngest, oldest = (months_between(day, chart.today) / 12 for day in (last.date.latest, last.date.earliest))
    return known(definition.name, Amount(youngest, oldest, "a"), (_procedure(last),))


def read_active_medications(chart: Chart, definition: Definition) -> Finding:
    """Active requests and statements whose days include today; a drug that cannot be told makes the list incomplete."""
    taken: dict[str, list[Evidence]] = {}
    unclear = 0
    for drug in _medications(chart):
        if drug.kind == "MedicationAdministration" or not _is_taken(drug, chart.today):
            continue
        classes = [name for name, value_set in _CLASSES.items() if drug.code.is_a(value_set)]
        unclear += not classes and not drug.code.codings
        for name in classes:
            taken.setdefault(name, []).append(_drug(drug))
    gap = chart.gap(definition)
    evidence = tuple(e for group in taken.values() for e in group)
    if not evidence and (gap or unclear):
        return unknown(definition.name, gap or "a drug is given by name only or by a reference that is not here")
    return known(definition.name, frozenset(taken), evidence, complete=not (gap or unclear))


def read_prrt_planned(chart: Chart, definition: Definition) -> Finding:
    """Yes by an open or draft request for radionuclide therapy."""
    planned = OPEN | {"draft"}
    drugs = [d for d in _medications(chart) if d.status in planned and d.code.is_a("lutetium_prrt")]
    orders = [
        o
        for o in chart.record.entries(Order, "ServiceRequest", "CarePlan")
        if o.status in planned and o.code.is_a("prrt_procedure", "lutetium_prrt")
    ]
    if drugs or orders:
        return known(definition.name, "yes", tuple(map(_drug, drugs)) + tuple(map(_order, orders)))
    return chart.no_or_unknown(definition)


def read_cholecystectomy(chart: Chart, definition: Definition) -> Finding:
    """Yes by a completed Procedure."""
    done = [s for s in chart.record.entries(Study, "Procedure") if s.status in FINAL and s.is_a("cholecystectomy")]
    return known(definition.name, "yes", tuple(map(_procedure, done))) if done else chart.no_or_unknown(definition)


def read_splenectomy_vaccines(chart: Chart, definition: Definition) -> Finding:
    """Complete where each of the three vaccines was given."""
    given: dict[str, Evidence] = {}
    for vaccination in chart.record.entries(Vaccination, "Immunization"):
        for name in definition.value_sets:
            if vaccination.status in FINAL and vaccination.code.is_a(name):
                evidence = Evidence(vaccination.reference, "vaccineCode", vaccination.date, str(vaccination.code))
                given.setdefault(name, evidence)
    if len(given) == len(definition.value_sets):
        return known(definition.name, "complete", tuple(given.values()))
    gap = chart.gap(definition)
    return unknown(definition.name, gap) if gap else known(definition.name, "incomplete", tuple(given.values()))


def read_open_orders(chart: Chart, definition: Definition) -> Finding:
    """ServiceRequests that are active or on hold, by the step they would fulfil."""
    found = {
        step.name: evidence
        for step in chart.vocabulary.values()
        if step.kind is Kind.STEP and (evidence := tuple(order_evidence(chart, step)))
    }
    gap = chart.gap(definition)
    if gap and not found:
        return unknown(definition.name, gap)
    evidence = tuple(e for group in found.values() for e in group)
    return known(definition.name, frozenset(found), evidence, complete=not gap)


def _medications(chart: Chart) -> Iterator[Medication]:
    yield from chart.record.entries(Medication, *MEDICATION_LISTS)


def _is_taken(drug: Medication, today: date) -> bool:
    if drug.status not in ("active", "recorded"):
        return False
    begun = drug.start is None or drug.start.earliest <= today
    return begun and (drug.end is None or drug.end.latest >= today)


def _procedure(study: Study) -> Evidence:
    return Evidence(study.reference, "code", study.date, str(study.codes[0]) if study.codes else "")


def _drug(drug: Medication) -> Evidence:
    return Evidence(drug.reference, "medication", drug.start, str(drug.code))


def _order(order: Order) -> Evidence:
    return Evidence(order.reference, "code", order.date, str(order.code))


def _last(reference: str) -> str:
    return reference.partition("/_history")[0].replace(":", "/").rpartition("/")[2]


READERS = {
    "primary_in_situ": read_primary_in_situ,
    "treated": read_treated,
    "systemic_therapy_started": read_systemic_therapy_started,
    "years_since_resection": read_years_since_resection,
    "active_medications": read_active_medications,
    "prrt_planned": read_prrt_planned,
    "cholecystectomy": read_cholecystectomy,
    "splenectomy_vaccines": read_splenectomy_vaccines,
    "open_orders": read_open_orders,
}
