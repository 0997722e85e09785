"""Screening: which resources of a Bundle matter, told from the request's bytes before any model is built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

import msgspec

from mappings.glance import BUNDLE, GLANCE, UNDECODABLE, Bundle, BundleEntry, Glance, Issue, resource_type
from mappings.relevance import is_relevant, names_an_unseen_drug
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
    """A resource of a Bundle that is not passed over, with its fate; `raw` are its bytes where it is kept.

    `drug` is the reference to a Medication that stands outside the resource.
    """

    type: str
    id: str
    full_url: str
    fate: Fate
    raw: bytes
    shape: Shape = Shape.ANY
    drug: str = ""


@dataclass(slots=True)
class Noticed:
    """What is remembered of all resources of a page: their types; how many codes of those that were passed over are
    from each system; whether one is of a type before R4; and whether a problem is written as only R4 and later do.
    """

    types: set[str] = field(default_factory=set)
    passed_over: Counter[str] = field(default_factory=Counter)
    older: bool = False
    problems_since_r4: bool = False


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
    noticed: Noticed = field(default_factory=Noticed)


def screen(raw: bytes | msgspec.Raw, patient_id: str, terminology: Terminology) -> Page:
    """A resource or Bundle, screened; what is no FHIR counts as a failed search."""
    try:
        bundle = BUNDLE.decode(raw)
        kind = bundle.resourceType or ""
    except UNDECODABLE:
        bundle, kind = Bundle(), resource_type(raw)
        if kind == "Bundle":
            return _failed()
    if kind == "Bundle":
        return _bundle(bundle, patient_id, terminology)
    if kind in ("", "OperationOutcome"):
        return _failed()
    seen = _seen(raw, "", None)
    sieve = _Sieve(patient_id, terminology, [seen])
    return Page(tuple(sieve.screened([seen])), False, "", "", 1, None, False, sieve.noticed)


def _failed() -> Page:
    return Page((), False, "", "", 0, None, True)


class _Seen(msgspec.Struct, frozen=True, gc=False):
    """An entry of a Bundle as far as it could be decoded: without a resource it is unreadable."""

    resource: Glance | None
    type: str
    full_url: str
    mode: str | None
    raw: bytes | msgspec.Raw


def _bundle(bundle: Bundle, patient_id: str, terminology: Terminology) -> Page:
    seen = (_entry(entry) for entry in bundle.entry or () if entry is not None and entry.resource)
    entries = [entry for entry in seen if entry.resource is not None or bytes(entry.raw) != b"null"]
    failed = any(_says_incomplete(entry.resource) for entry in entries if entry.type == "OperationOutcome")
    held = [entry for entry in entries if entry.type != "OperationOutcome"]
    sieve = _Sieve(patient_id, terminology, held)
    screened = tuple(sieve.screened(held))
    matches = sum(1 for entry in held if entry.mode in (None, "match"))
    links = {link.relation: link.url or "" for link in bundle.link or () if link is not None}
    is_search = bundle.type in (None, "searchset")
    urls = links.get("self", ""), links.get("next", "")
    return Page(screened, is_search, *urls, matches, bundle.total, failed, sieve.noticed)


def _entry(entry: BundleEntry) -> _Seen:
    return _seen(entry.resource, entry.fullUrl or "", entry.search.mode if entry.search is not None else None)


def _seen(raw: bytes | msgspec.Raw, full_url: str, mode: str | None) -> _Seen:
    try:
        resource = GLANCE.decode(raw)
    except UNDECODABLE:
        return _Seen(None, resource_type(raw), full_url, mode, raw)
    return _Seen(resource, resource.resourceType, full_url, mode, raw)


def _says_incomplete(outcome: Glance | None) -> bool:
    issues = (outcome.issue or []) if outcome is not None else [Issue()]
    return any(issue.severity in ("error", "fatal") or issue.code in _INCOMPLETE_CODES for issue in issues)


def _is_problem_since_r4(entry: _Seen) -> bool:
    """Before R4 the clinical status of a Condition was a code alone."""
    resource = entry.resource
    return entry.type == "Condition" and resource is not None and bytes(resource.clinicalStatus).startswith(b"{")


class _Sieve:
    """Tells the fate of each resource for one patient; remembers whose a reference is, since most are alike."""

    def __init__(self, patient_id: str, terminology: Terminology, entries: Sequence[_Seen]) -> None:
        self.noticed = Noticed()
        self._patient_id = patient_id
        self._terminology = terminology
        patients = ((e.full_url, e.resource) for e in entries if e.type == "Patient")
        self._urls = frozenset(url for url, patient in patients if url and patient and patient.id == patient_id)
        self._own: dict[str | None, bool] = {}

    def screened(self, entries: Sequence[_Seen]) -> Iterator[Screened]:
        """The entries that are not passed over; of the others only what is noticed."""
        self.noticed.types = {entry.type for entry in entries}
        self.noticed.problems_since_r4 = any(map(_is_problem_since_r4, entries))
        for entry in entries:
            fate = self._fate(entry)
            if fate is Fate.PASSED_OVER:
                self._pass_over(entry)
            else:
                yield _as_screened(entry, fate)

    def _pass_over(self, entry: _Seen) -> None:
        resource = entry.resource
        if resource is None:
            return
        if resource.code is not None and entry.type in READ_TYPES:
            for coding in resource.code.coding or ():
                self.noticed.passed_over[coding.system or ""] += 1
        self.noticed.older |= entry.type in _OLD_TYPES

    def _fate(self, entry: _Seen) -> Fate:
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
        if kind in _ALWAYS_READ or names_an_unseen_drug(resource):
            return Fate.KEPT
        try:
            return Fate.KEPT if is_relevant(resource, self._terminology) else Fate.PASSED_OVER
        except UNDECODABLE:
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


def _as_screened(entry: _Seen, fate: Fate) -> Screened:
    resource = entry.resource
    if resource is None:
        return Screened(entry.type, "", entry.full_url, fate, b"")
    if fate is not Fate.KEPT:
        return Screened(entry.type, resource.id or "", entry.full_url, fate, b"")
    shape, drug = _shape(resource), _drug(resource)
    return Screened(entry.type, resource.id or "", entry.full_url, fate, bytes(entry.raw), shape, drug)


def _drug(resource: Glance) -> str:
    """The reference to a Medication that is not contained, or nothing."""
    stated = resource.medication
    pointer = resource.medicationReference or (stated.reference if stated is not None else None)
    reference = pointer.reference if pointer is not None else None
    return reference if reference and not reference.startswith("#") else ""


def _shape(resource: Glance) -> Shape:
    kind = resource.resourceType
    if bytes(resource.clinicalStatus).startswith(b'"'):
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
