"""The smallest charts that show something: resources by short functions, and the findings they lead to.

A code is given by the name of a value set; it is then the code that belongs to the fewest other value sets.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

from mappings.chart import Site
from mappings.fhir.models import FhirVersion
from mappings.findings import Finding, Findings
from mappings.readers import read_findings
from mappings.record import PatientRecord, record_of
from mappings.screening.screen import screen
from mappings.screening.types import READ_TYPES
from mappings.search import Search
from mappings.value_sets import Member, Terminology, load_terminology
from mappings.vocabulary import Vocabulary, load_vocabulary

Resource = dict[str, Any]
Element = dict[str, Any]

TODAY = date(2026, 11, 20)
DAY = "2026-05-04"
PATIENT = "p1"
VOCABULARY: Vocabulary = load_vocabulary()
TERMINOLOGY: Terminology = load_terminology()
_MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"


def findings_of(*resources: Resource, today: date = TODAY, sstr_pet: bool = True, **searches: Any) -> Findings:
    """The findings of a chart, from its bytes; `searches` as in `record_from`."""
    return read_findings(record_from(*resources, **searches), VOCABULARY, today, Site(sstr_pet), _fail)


def finding(name: str, *resources: Resource, **settings: Any) -> Finding:
    """One finding of a chart."""
    return findings_of(*resources, **settings)[name]


def value(name: str, *resources: Resource, **settings: Any) -> object:
    """The value of one finding: an amount in words, anything else as it is, none where it has none."""
    found = finding(name, *resources, **settings).value
    return found if found is None or isinstance(found, str | frozenset) else str(found)


def record_from(
    *resources: Resource,
    complete: bool | Collection[str] = True,
    sent: Collection[str] = READ_TYPES,
    version: FhirVersion = FhirVersion.R4,
) -> PatientRecord:
    """A record that was screened from the bytes of a Bundle.

    `complete` are the types whose search was complete, `sent` those of which a search is known at all.
    """
    entries = [{"fullUrl": _url(resource), "resource": resource} for resource in resources]
    raw = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()
    page = screen(raw, PATIENT, TERMINOLOGY)
    whole = READ_TYPES if complete is True else frozenset(complete or ())
    searches = {kind: Search(kind in whole, "" if kind in whole else "a further page was not read") for kind in sent}
    return record_of([(page, searches)], PATIENT, TERMINOLOGY, version)


# Elements


def coding(system: str, code: str, text: str = "") -> Element:
    """A concept with one code of a system by our name for it."""
    held = {"coding": [{"system": TERMINOLOGY.systems[system].url, "code": code}]}
    return {**held, "text": text} if text else held


def local(code: str = "X1", text: str = "") -> Element:
    """A concept with a code that only one hospital knows."""
    held = {"coding": [{"system": "urn:oid:2.999.20.1", "code": code}]}
    return {**held, "text": text} if text else held


def words(text: str) -> Element:
    """A concept without any code."""
    return {"text": text}


def concept(meaning: str | Element) -> Element:
    """The concept of a value set: its most telling code, or its first phrase where it has no code."""
    if not isinstance(meaning, str):
        return meaning
    member = most_telling(meaning)
    return words(TERMINOLOGY.value_sets[meaning].phrases[0]) if member is None else coding(member.system, member.code)


@cache
def most_telling(value_set: str) -> Member | None:
    """The first of the codes of a value set that belong to the fewest others; one of several sources before others."""
    members = TERMINOLOGY.value_sets[value_set].members
    return min(members, key=lambda m: (m.single, len(TERMINOLOGY.of_code(url_of(m), m.code))), default=None)


def url_of(member: Member) -> str:
    """The URL of a code's system."""
    return TERMINOLOGY.systems[member.system].url


def quantity(number: object, unit: str = "", comparator: str = "", code: str = "") -> Element:
    """A quantity as laboratories write it; `code` is its UCUM code."""
    parts = {"value": number, "unit": unit, "comparator": comparator, "code": code}
    held = {name: part for name, part in parts.items() if part != ""}
    return {"valueQuantity": {**held, "system": "http://unitsofmeasure.org"} if code else held}


def percent(number: object, comparator: str = "") -> Element:
    """A percentage."""
    return quantity(number, "%", comparator)


def mm(number: object, comparator: str = "") -> Element:
    """A length in millimetres."""
    return quantity(number, "mm", comparator)


def between(low: object, high: object, unit: str) -> Element:
    """A range."""
    return {"valueRange": {"low": {"value": low, "unit": unit}, "high": {"value": high, "unit": unit}}}


def said(text: str) -> Element:
    """A value in words."""
    return {"valueString": text}


def stated(meaning: str | Element | bool) -> Element:
    """A coded value, or yes and no."""
    return {"valueBoolean": meaning} if isinstance(meaning, bool) else {"valueCodeableConcept": concept(meaning)}


# Resources


def person(born: str) -> Resource:
    """The patient."""
    return {"resourceType": "Patient", "id": PATIENT, "birthDate": born}


def condition(
    meaning: str | Element | None,
    *,
    id: str = "",
    clinical: str = "active",
    verification: str = "confirmed",
    sites: Collection[str] = (),
    morphology: str = "",
    on: str = "2026-01-10",
) -> Resource:
    """A problem."""
    return _resource(
        "Condition",
        id,
        code=concept(meaning) if meaning else None,
        clinicalStatus={"coding": [{"code": clinical}]} if clinical else None,
        verificationStatus={"coding": [{"code": verification}]} if verification else None,
        bodySite=[concept(site) for site in sites] or None,
        extension=[{"url": _MORPHOLOGY, "valueCodeableConcept": concept(morphology)}] if morphology else None,
        recordedDate=on or None,
    )


def observation(
    meaning: str | Element,
    value: Element | None = None,
    *,
    on: str = DAY,
    status: str = "final",
    lesion: str = "",
    **elements: Any,
) -> Resource:
    """A result; `lesion` is the identity of the lesion it is of."""
    focus = [{"identifier": {"system": "urn:oid:2.999.30.1", "value": lesion}}] if lesion else None
    dated = {"effectiveDateTime": on or None}
    return _resource(
        "Observation", "", code=concept(meaning), status=status, focus=focus, **dated, **(value or {}), **elements
    )


def marker(meaning: str | Element, number: object, limit: object, unit: str = "ug/L", **elements: Any) -> Resource:
    """A blood or urine test with the upper limit of its reference range."""
    ranges = [{"high": {"value": limit, "unit": unit}}] if limit is not None else None
    return observation(meaning, quantity(number, unit), referenceRange=ranges, **elements)


def flag(code: str) -> list[Element]:
    """An interpretation: H, L or N."""
    return [coding("v3-ObservationInterpretation", code)]


def study(
    meaning: str | Element | None,
    *,
    on: str = DAY,
    status: str = "available",
    modality: Collection[str] = (),
    **more: Any,
) -> Resource:
    """An imaging study; without a meaning it has no procedure code."""
    return _resource(
        "ImagingStudy",
        "",
        status=status,
        started=on or None,
        procedureCode=[concept(meaning)] if meaning else None,
        modality=[coding("DICOM", code)["coding"][0] for code in modality] or None,
        **more,
    )


def report(meaning: str | Element, *, on: str = DAY, status: str = "final") -> Resource:
    """A report."""
    return _resource("DiagnosticReport", "", code=concept(meaning), status=status, effectiveDateTime=on or None)


def procedure(meaning: str | Element, *, reason: str = "", on: str = DAY, status: str = "completed") -> Resource:
    """A procedure, with a reference to its reason."""
    reasons = [{"reference": reason}] if reason else None
    return _resource(
        "Procedure", "", code=concept(meaning), status=status, performedDateTime=on or None, reasonReference=reasons
    )


def order(meaning: str | Element, *, status: str = "active", on: str = DAY) -> Resource:
    """A request for a test, study or procedure."""
    return _resource("ServiceRequest", "", code=concept(meaning), status=status, intent="order", authoredOn=on or None)


def drug(
    meaning: str | Element | None,
    *,
    status: str = "active",
    start: str = "2026-01-15",
    end: str = "",
    reference: str = "",
    contained: Element | None = None,
) -> Resource:
    """A prescription with the days between which it is taken; the drug by its concept, or by reference."""
    bounds = {name: day for name, day in (("start", start), ("end", end)) if day}
    return _resource(
        "MedicationRequest",
        "",
        status=status,
        intent="order",
        **_drug(meaning, reference, contained),
        dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": bounds}}}] if bounds else None,
    )


def drug_statement(
    meaning: str | Element | None,
    *,
    status: str = "active",
    start: str = "2026-01-15",
    end: str = "",
    reference: str = "",
    contained: Element | None = None,
) -> Resource:
    """A drug that the patient is said to take."""
    period = {name: day for name, day in (("start", start), ("end", end)) if day}
    drug_element = _drug(meaning, reference, contained)
    return _resource("MedicationStatement", "", status=status, effectivePeriod=period or None, **drug_element)


def drug_given(meaning: str | Element, *, status: str = "completed", on: str = DAY) -> Resource:
    """A dose that was given."""
    return _resource("MedicationAdministration", "", status=status, effectiveDateTime=on, **_drug(meaning, "", None))


def medication(meaning: str | Element, *, id: str) -> Resource:
    """A drug that others refer to."""
    return {"resourceType": "Medication", "id": id, "code": concept(meaning)}


def vaccination(meaning: str | Element, *, status: str = "completed", on: str = DAY) -> Resource:
    """A vaccine that was given."""
    subject = {"subject": None, "patient": {"reference": f"Patient/{PATIENT}"}}
    return _resource(
        "Immunization", "", status=status, vaccineCode=concept(meaning), occurrenceDateTime=on or None, **subject
    )


def relative(*, status: str = "completed", on: str = DAY) -> Resource:
    """A relative's history."""
    subject = {"subject": None, "patient": {"reference": f"Patient/{PATIENT}"}}
    relationship = coding("v3-RoleCode", "MTH")
    return _resource("FamilyMemberHistory", "", status=status, relationship=relationship, date=on or None, **subject)


def encounter(meaning: str | Element, *, status: str = "finished", on: str = DAY) -> Resource:
    """A visit."""
    kind = {"class": {"code": "AMB"}, "type": [concept(meaning)]}
    return _resource("Encounter", "", status=status, period={"start": on, "end": on}, **kind)


def care_plan(meaning: str | Element, *, status: str = "active", on: str = DAY) -> Resource:
    """A plan with one activity."""
    activity = [{"detail": {"status": "scheduled", "code": concept(meaning)}}]
    return _resource("CarePlan", "", status=status, intent="plan", created=on, activity=activity)


def with_status(resource: Resource, status: str) -> Resource:
    """The same resource under another status; of a problem, the status of its verification."""
    if resource["resourceType"] == "Condition":
        return {**resource, "verificationStatus": {"coding": [{"code": status}]}}
    return {**resource, "status": status}


_DATES = (
    "effectiveDateTime",
    "started",
    "performedDateTime",
    "authoredOn",
    "occurrenceDateTime",
    "recordedDate",
    "date",
)


def with_date(resource: Resource, day: str) -> Resource:
    """The same resource on another day; a prescription from that day on."""
    moved = {**resource, **{element: day for element in _DATES if element in resource}}
    if "dosageInstruction" in moved:
        moved["dosageInstruction"] = [{"timing": {"repeat": {"boundsPeriod": {"start": day}}}}]
    return moved


def without_date(resource: Resource) -> Resource:
    """The same resource without a day."""
    return {name: element for name, element in resource.items() if name not in _DATES}


def _drug(meaning: str | Element | None, reference: str, contained: Element | None) -> Mapping[str, Any]:
    if contained is not None:
        return {"contained": [contained], "medicationReference": {"reference": f"#{contained['id']}"}}
    if reference:
        return {"medicationReference": {"reference": reference}}
    assert meaning is not None
    return {"medicationCodeableConcept": concept(meaning)}


def _resource(kind: str, id: str, **elements: Any) -> Resource:
    """A resource of the patient without the elements that are None; its id, where none is given, by its content."""
    held = {"resourceType": kind, "subject": {"reference": f"Patient/{PATIENT}"}, **elements}
    held = {name: element for name, element in held.items() if element is not None}
    return {**held, "id": id or sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()[:16]}


def _url(resource: Resource) -> str:
    return f"https://ehr.example/fhir/{resource['resourceType']}/{resource.get('id', '')}"


def _fail(name: str, error: Exception) -> None:
    raise AssertionError(f"the reader of {name} failed") from error
