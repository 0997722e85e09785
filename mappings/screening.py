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


class _Coding(msgspec.Struct, gc=False):
    system: str | None = None
    code: str | None = None


class _Reference(msgspec.Struct, gc=False):
    reference: str | None = None


class _Concept(msgspec.Struct, gc=False):
    coding: list[_Coding] | None = None
    text: str | None = None
    concept: _Concept | None = None
    reference: _Reference | None = None


class _Extension(msgspec.Struct, gc=False):
    valueCodeableConcept: _Concept | None = None


class _Component(msgspec.Struct, gc=False):
    code: _Concept | None = None


class _Detail(msgspec.Struct, gc=False):
    code: _Concept | None = None


class _Activity(msgspec.Struct, gc=False):
    detail: _Detail | None = None


class _Issue(msgspec.Struct, gc=False):
    severity: str = "error"
    code: str = ""


class _Resource(msgspec.Struct, gc=False):
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


class _Search(msgspec.Struct, gc=False):
    mode: str | None = None


class _Link(msgspec.Struct, gc=False):
    relation: str | None = None
    url: str | None = None


class _Entry(msgspec.Struct, gc=False):
    resource: _Resource | None = None
    fullUrl: str | None = None
    search: _Search | None = None


class _Bundle(msgspec.Struct, gc=False):
    entry: list[_Entry | None] | None = None
    link: list[_Link | None] | None = None
    total: int | None = None
    type: str | None = None


class _RawEntry(msgspec.Struct, gc=False):
    resource: msgspec.Raw = _NOTHING
    fullUrl: str | None = None
    search: _Search | None = None


class _RawBundle(msgspec.Struct, gc=False):
    entry: list[_RawEntry | None] | None = None
    link: list[_Link | None] | None = None
    total: int | None = None
    type: str | None = None


class _Typed(msgspec.Struct, gc=False):
    resourceType: str | None = None


_TYPED = msgspec.json.Decoder(_Typed)
_RESOURCE = msgspec.json.Decoder(_Resource)
_BUNDLE = msgspec.json.Decoder(_Bundle)
_RAW_BUNDLE = msgspec.json.Decoder(_RawBundle)
_CONCEPTS = msgspec.json.Decoder(list[_Concept])
_ACTIVITIES = msgspec.json.Decoder(list[_Activity])
_UNDECODABLE = (msgspec.DecodeError, RecursionError)


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


class Screened(msgspec.Struct, frozen=True, gc=False):
    """A resource of a Bundle with its fate; `raw` are its bytes where it is kept."""

    type: str
    id: str
    full_url: str
    fate: Fate
    raw: bytes
    shape: Shape = Shape.ANY
    first_system: str = ""


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
    except _UNDECODABLE:
        return ""


def screen(raw: bytes, patient_id: str, terminology: Terminology) -> Page:
    """A resource or Bundle, screened; what is no FHIR counts as a failed search."""
    kind = resource_type(raw)
    if kind == "Bundle":
        return _bundle(raw, patient_id, terminology)
    if kind in ("", "OperationOutcome"):
        return Page((), False, "", "", 0, None, True)
    seen = _seen(raw, "", None)
    only = _Sieve(patient_id, terminology, [seen]).screened(seen, raw)
    return Page((only,), False, "", "", 1, None, False)


class _Seen(msgspec.Struct, frozen=True, gc=False):
    """An entry of a Bundle as far as it could be decoded: without a resource it is unreadable."""

    resource: _Resource | None
    type: str
    full_url: str
    mode: str | None


def _bundle(raw: bytes, patient_id: str, terminology: Terminology) -> Page:
    try:
        bundle: _Bundle | _RawBundle = _BUNDLE.decode(raw)
        entries = [_well_formed(entry) for entry in bundle.entry or ()]
    except _UNDECODABLE:
        try:
            bundle = _RAW_BUNDLE.decode(raw)
        except _UNDECODABLE:
            return Page((), False, "", "", 0, None, True)
        entries = [_tolerated(entry) for entry in bundle.entry or () if entry is None or isinstance(entry, _RawEntry)]
    failed = any(_says_incomplete(entry.resource) for entry in entries if entry and entry.type == "OperationOutcome")
    sieve = _Sieve(patient_id, terminology, [entry for entry in entries if entry is not None])
    screened = tuple(sieve.all(entries, raw))
    matches = sum(1 for e in entries if e and e.type != "OperationOutcome" and e.mode in (None, "match"))
    links = {link.relation: link.url or "" for link in bundle.link or () if link is not None}
    is_search = bundle.type in (None, "searchset")
    return Page(screened, is_search, links.get("self", ""), links.get("next", ""), matches, bundle.total, failed)


def _well_formed(entry: _Entry | _RawEntry | None) -> _Seen | None:
    if not isinstance(entry, _Entry) or entry.resource is None:
        return None
    mode = entry.search.mode if entry.search is not None else None
    return _Seen(entry.resource, entry.resource.resourceType, entry.fullUrl or "", mode)


def _tolerated(entry: _RawEntry | None) -> _Seen | None:
    """An entry of a Bundle in which some resource is malformed, decoded by itself."""
    if entry is None or not bytes(entry.resource):
        return None
    return _seen(bytes(entry.resource), entry.fullUrl or "", entry.search.mode if entry.search is not None else None)


def _seen(raw: bytes, full_url: str, mode: str | None) -> _Seen:
    try:
        resource = _RESOURCE.decode(raw)
    except _UNDECODABLE:
        return _Seen(None, resource_type(raw), full_url, mode)
    return _Seen(resource, resource.resourceType, full_url, mode)


def _says_incomplete(outcome: _Resource | None) -> bool:
    issues = (outcome.issue or []) if outcome is not None else [_Issue()]
    return any(issue.severity in ("error", "fatal") or issue.code in _INCOMPLETE_CODES for issue in issues)


class _Sieve:
    """Tells the fate of each resource for one patient; remembers whose a reference is, since most are alike."""

    def __init__(self, patient_id: str, terminology: Terminology, entries: list[_Seen]) -> None:
        self._patient_id = patient_id
        self._terminology = terminology
        patients = ((e.full_url, e.resource) for e in entries if e.type == "Patient")
        self._urls = frozenset(url for url, patient in patients if url and patient and patient.id == patient_id)
        self._own: dict[str | None, bool] = {}

    def all(self, entries: list[_Seen | None], raw: bytes) -> Iterator[Screened]:
        """The entries of a Bundle, screened; the bytes are cut up only where a resource is kept."""
        cut: list[bytes] = []
        for place, entry in enumerate(entries):
            if entry is None or entry.type == "OperationOutcome":
                continue
            fate = self.fate(entry)
            if fate is Fate.KEPT and not cut:
                cut = [bytes(e.resource) if e is not None else b"" for e in _RAW_BUNDLE.decode(raw).entry or ()]
            yield _as_screened(entry, fate, cut[place] if fate is Fate.KEPT else b"")

    def screened(self, entry: _Seen, raw: bytes) -> Screened:
        """A single resource, screened."""
        return _as_screened(entry, self.fate(entry), raw)

    def fate(self, entry: _Seen) -> Fate:
        """What becomes of an entry."""
        resource, kind = entry.resource, entry.type
        if resource is None:
            return Fate.UNREADABLE if kind in READ_TYPES or not kind else Fate.PASSED_OVER
        if kind not in READ_TYPES:
            return Fate.PASSED_OVER
        if kind == "Patient":
            return Fate.KEPT if resource.id == self._patient_id else Fate.FOREIGN
        subject = resource.subject or resource.patient
        if subject is not None and not self._is_own(subject.reference):
            return Fate.FOREIGN
        if kind in _ALWAYS_READ or _names_an_unseen_drug(resource):
            return Fate.KEPT
        try:
            return Fate.KEPT if _is_relevant(resource, self._terminology) else Fate.PASSED_OVER
        except _UNDECODABLE:
            return Fate.UNREADABLE

    def _is_own(self, reference: str | None) -> bool:
        known = self._own.get(reference)
        if known is None:
            known = self._own[reference] = is_own(reference, self._patient_id, self._urls)
        return known


def is_own(reference: str | None, patient_id: str, urls: frozenset[str]) -> bool:
    """Whether a reference names this patient; a resource without a subject belongs to whose search returned it."""
    if reference is None or reference.startswith("#"):
        return True
    target = reference.partition("/_history")[0]
    return target in urls or target == f"urn:uuid:{patient_id}" or f"/{target}".endswith(f"/Patient/{patient_id}")


def _as_screened(entry: _Seen, fate: Fate, raw: bytes) -> Screened:
    resource = entry.resource
    if resource is None:
        return Screened(entry.type, "", entry.full_url, fate, raw)
    shape = _shape(resource) if fate is Fate.KEPT or entry.type in _OLD_TYPES else Shape.ANY
    return Screened(entry.type, resource.id or "", entry.full_url, fate, raw, shape, _first_system(resource))


def _first_system(resource: _Resource) -> str:
    """The system of the first code, for telling which systems are not covered."""
    codings = resource.code.coding if resource.code is not None else None
    return (codings[0].system or "") if codings else ""


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


def _names_an_unseen_drug(resource: _Resource) -> bool:
    """A drug by reference or by text alone: only a reader can tell which it is, or that nobody can."""
    if resource.medicationReference is not None:
        return True
    stated = resource.medicationCodeableConcept or resource.medication
    if stated is None:
        return False
    concept = stated.concept or stated
    return stated.reference is not None or not any(coding.code for coding in concept.coding or ())


def _is_relevant(resource: _Resource, terminology: Terminology) -> bool:
    """Whether one of the codes by which a resource is read belongs to a value set."""
    for stated in (resource.code, resource.vaccineCode, resource.medicationCodeableConcept, resource.medication):
        if stated is not None and _matters(stated, terminology):
            return True
    if resource.component is not None:
        return any(_matters(component.code, terminology) for component in resource.component)
    match resource.resourceType:
        case "Condition":
            return any(_matters(e.valueCodeableConcept, terminology) for e in resource.extension or ())
        case "Encounter":
            types = bytes(resource.type)
            return bool(types) and any(_matters(concept, terminology) for concept in _CONCEPTS.decode(types))
        case "CarePlan":
            activities = bytes(resource.activity)
            details = [a.detail for a in _ACTIVITIES.decode(activities)] if activities else []
            return any(_matters(detail.code, terminology) for detail in details if detail is not None)
        case _:
            return False


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
