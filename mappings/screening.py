"""Screening: which resources of a Bundle matter, told from the request's bytes before any model is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import msgspec

from mappings.value_sets import Terminology

# Types that readers read; a resource of another type is passed over.
READ_TYPES = frozenset(
    {
        "Patient",
        "Condition",
        "Observation",
        "ImagingStudy",
        "DiagnosticReport",
        "Procedure",
        "ServiceRequest",
        "MedicationRequest",
        "MedicationStatement",
        "MedicationAdministration",
        "Medication",
        "FamilyMemberHistory",
        "Immunization",
        "Encounter",
        "CarePlan",
        "BodyStructure",
    }
)
_OLD_TYPES = frozenset(
    {"MedicationOrder", "ProcedureRequest", "DiagnosticOrder", "ReferralRequest", "DeviceUseRequest"}
)
_ALWAYS_READ = frozenset({"Patient", "ImagingStudy", "FamilyMemberHistory", "Medication", "BodyStructure"})
_INCOMPLETE_CODES = frozenset(
    {
        "incomplete",
        "too-costly",
        "timeout",
        "throttled",
        "suppressed",
        "security",
        "login",
        "forbidden",
        "expired",
        "transient",
        "exception",
        "no-store",
        "lock-error",
    }
)


_NOTHING = msgspec.Raw()


class _Coding(msgspec.Struct):
    system: str | None = None
    code: str | None = None


class _Reference(msgspec.Struct):
    reference: str | None = None


class _Concept(msgspec.Struct):
    coding: list[_Coding] | None = None
    text: str | None = None
    concept: _Concept | None = None
    reference: _Reference | None = None


class _Extension(msgspec.Struct):
    valueCodeableConcept: _Concept | None = None


class _Component(msgspec.Struct):
    code: _Concept | None = None


class _Detail(msgspec.Struct):
    code: _Concept | None = None


class _Activity(msgspec.Struct):
    detail: _Detail | None = None


class _Issue(msgspec.Struct):
    severity: str = "error"
    code: str = ""


class _Resource(msgspec.Struct):
    """The elements that tell whether a resource matters, whose it is, and of which FHIR version it is."""

    resourceType: str
    id: str | None = None
    subject: _Reference | None = None
    patient: _Reference | None = None
    code: _Concept | None = None
    vaccineCode: _Concept | None = None
    medicationCodeableConcept: _Concept | None = None
    medicationReference: _Reference | None = None
    medication: _Concept | None = None
    component: list[_Component] | None = None
    extension: list[_Extension] | None = None
    type: msgspec.Raw = _NOTHING
    activity: msgspec.Raw = _NOTHING
    issue: list[_Issue] | None = None
    clinicalStatus: msgspec.Raw = _NOTHING
    performedDateTime: msgspec.Raw = _NOTHING
    performedPeriod: msgspec.Raw = _NOTHING
    procedureCode: msgspec.Raw = _NOTHING
    occurrenceDateTime: msgspec.Raw = _NOTHING
    occurrencePeriod: msgspec.Raw = _NOTHING
    procedure: msgspec.Raw = _NOTHING
    bodyStructure: msgspec.Raw = _NOTHING


class _Search(msgspec.Struct):
    mode: str | None = None


class _Link(msgspec.Struct):
    relation: str | None = None
    url: str | None = None


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = _NOTHING
    fullUrl: str | None = None
    search: _Search | None = None


class _Bundle(msgspec.Struct):
    entry: list[_Entry | None] | None = None
    link: list[_Link | None] | None = None
    total: int | None = None
    type: str | None = None


class _Typed(msgspec.Struct):
    resourceType: str | None = None


_TYPED = msgspec.json.Decoder(_Typed)
_RESOURCE = msgspec.json.Decoder(_Resource)
_BUNDLE = msgspec.json.Decoder(_Bundle)
_CONCEPTS = msgspec.json.Decoder(list[_Concept])
_ACTIVITIES = msgspec.json.Decoder(list[_Activity])


class Fate(Enum):
    """What screening makes of a resource."""

    KEPT = "kept"
    PASSED_OVER = "passed over"
    FOREIGN = "of another patient"
    UNREADABLE = "unreadable"


class Shape(Enum):
    """Which FHIR version only can have written a resource so; most resources fit several."""

    ANY = "any"
    R4 = "R4"
    R5 = "R5"
    OLDER = "STU3 or DSTU2"


@dataclass(frozen=True, slots=True)
class Screened:
    """A resource of a Bundle with its fate; `raw` are its bytes."""

    type: str
    id: str
    full_url: str
    fate: Fate
    raw: bytes
    shape: Shape = Shape.ANY


@dataclass(frozen=True, slots=True)
class Page:
    """A screened prefetch value: its resources and what it says about the search that produced it."""

    resources: tuple[Screened, ...]
    is_search: bool
    self_url: str
    next_url: str
    matches: int
    total: int | None
    failed: bool


def resource_type(raw: bytes) -> str:
    """The resourceType of some JSON, or nothing where it has none."""
    try:
        return _TYPED.decode(raw).resourceType or ""
    except (msgspec.DecodeError, RecursionError):
        return ""


def screen(raw: bytes, patient_id: str, terminology: Terminology) -> Page:
    """A resource or Bundle, screened; what is no FHIR counts as a failed search."""
    match resource_type(raw):
        case "":
            return Page((), False, "", "", 0, None, True)
        case "Bundle":
            return _bundle(raw, patient_id, terminology)
        case "OperationOutcome":
            return Page((), False, "", "", 0, None, True)
        case _:
            only = _screened(_Entry(resource=msgspec.Raw(raw)), frozenset(), patient_id, terminology)
            return Page((only,), False, "", "", 1, None, False)


def is_own(reference: str | None, patient_id: str, urls: frozenset[str]) -> bool:
    """Whether a reference names this patient; a resource without a subject belongs to whose search returned it."""
    if reference is None or reference.startswith("#"):
        return True
    target = reference.partition("/_history")[0]
    return target in urls or target == f"urn:uuid:{patient_id}" or f"/{target}".endswith(f"/Patient/{patient_id}")


def _bundle(raw: bytes, patient_id: str, terminology: Terminology) -> Page:
    try:
        bundle = _BUNDLE.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return Page((), False, "", "", 0, None, True)
    entries = [entry for entry in bundle.entry or () if entry is not None and bytes(entry.resource)]
    urls = frozenset(_patient_urls(entries, patient_id))
    screened: list[Screened] = []
    failed, matches = False, 0
    for entry in entries:
        if resource_type(bytes(entry.resource)) == "OperationOutcome":
            failed = failed or _says_incomplete(bytes(entry.resource))
            continue
        screened.append(_screened(entry, urls, patient_id, terminology))
        matches += entry.search is None or entry.search.mode in (None, "match")
    links = {link.relation: link.url or "" for link in bundle.link or () if link is not None}
    is_search = bundle.type in (None, "searchset")
    return Page(tuple(screened), is_search, links.get("self", ""), links.get("next", ""), matches, bundle.total, failed)


def _patient_urls(entries: list[_Entry], patient_id: str) -> Iterator[str]:
    for entry in entries:
        if entry.fullUrl and resource_type(bytes(entry.resource)) == "Patient":
            try:
                if _RESOURCE.decode(entry.resource).id == patient_id:
                    yield entry.fullUrl
            except msgspec.DecodeError:
                continue


def _says_incomplete(raw: bytes) -> bool:
    try:
        issues = _RESOURCE.decode(raw).issue or []
    except (msgspec.DecodeError, RecursionError):
        return True
    return any(issue.severity in ("error", "fatal") or issue.code in _INCOMPLETE_CODES for issue in issues)


def _screened(entry: _Entry, urls: frozenset[str], patient_id: str, terminology: Terminology) -> Screened:
    raw = bytes(entry.resource)
    try:
        resource = _RESOURCE.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        kind = resource_type(raw)
        fate = Fate.UNREADABLE if kind in READ_TYPES or not kind else Fate.PASSED_OVER
        return Screened(kind, "", entry.fullUrl or "", fate, raw)
    return Screened(
        resource.resourceType,
        resource.id or "",
        entry.fullUrl or "",
        _fate(resource, urls, patient_id, terminology),
        raw,
        _shape(resource),
    )


def _shape(resource: _Resource) -> Shape:
    kind = resource.resourceType
    if kind in _OLD_TYPES or bytes(resource.clinicalStatus).startswith(b'"'):
        return Shape.OLDER
    if resource.medication is not None or (resource.code is not None and resource.code.concept is not None):
        return Shape.R5
    if kind == "Observation" and bytes(resource.bodyStructure):
        return Shape.R5
    if kind == "ImagingStudy" and bytes(resource.procedure):
        return Shape.R5
    if kind == "Procedure" and (bytes(resource.occurrenceDateTime) or bytes(resource.occurrencePeriod)):
        return Shape.R5
    old_style = (resource.performedDateTime, resource.performedPeriod, resource.procedureCode)
    if any(bytes(raw) for raw in old_style) or resource.medicationCodeableConcept or resource.medicationReference:
        return Shape.R4
    return Shape.ANY


def _fate(resource: _Resource, urls: frozenset[str], patient_id: str, terminology: Terminology) -> Fate:
    kind = resource.resourceType
    if kind not in READ_TYPES:
        return Fate.PASSED_OVER
    if kind == "Patient":
        return Fate.KEPT if resource.id == patient_id else Fate.FOREIGN
    subject = resource.subject or resource.patient
    if subject is not None and not is_own(subject.reference, patient_id, urls):
        return Fate.FOREIGN
    if kind in _ALWAYS_READ or _names_an_unseen_drug(resource):
        return Fate.KEPT
    try:
        matters = any(_matters(concept, terminology) for concept in _concepts(resource))
    except (msgspec.DecodeError, RecursionError):
        return Fate.UNREADABLE
    return Fate.KEPT if matters else Fate.PASSED_OVER


def _names_an_unseen_drug(resource: _Resource) -> bool:
    """A drug by reference or by text alone: only a reader can tell which it is, or that nobody can."""
    if resource.medicationReference is not None:
        return True
    stated = resource.medicationCodeableConcept or resource.medication
    if stated is None:
        return False
    concept = stated.concept or stated
    return stated.reference is not None or not any(coding.code for coding in concept.coding or ())


def _concepts(resource: _Resource) -> Iterator[_Concept | None]:
    yield resource.code
    yield resource.vaccineCode
    yield resource.medicationCodeableConcept
    yield resource.medication
    for component in resource.component or ():
        yield component.code
    if resource.resourceType == "Condition":
        for extension in resource.extension or ():
            yield extension.valueCodeableConcept
    if resource.resourceType == "Encounter" and bytes(resource.type):
        yield from _CONCEPTS.decode(resource.type)
    if resource.resourceType == "CarePlan" and bytes(resource.activity):
        for activity in _ACTIVITIES.decode(resource.activity):
            yield activity.detail.code if activity.detail else None


def _matters(concept: _Concept | None, terminology: Terminology) -> bool:
    if concept is None:
        return False
    if concept.concept is not None:
        return _matters(concept.concept, terminology)
    if not concept.coding:
        return concept.text is not None and bool(terminology.of_text(concept.text))
    return any(terminology.of_code(c.system or "", (c.code or "").strip()) for c in concept.coding) or _only_text(
        concept, terminology
    )


def _only_text(concept: _Concept, terminology: Terminology) -> bool:
    coded = any(c.code for c in concept.coding or ())
    return not coded and concept.text is not None and bool(terminology.of_text(concept.text))
