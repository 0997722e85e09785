"""Screening: which resources of a Bundle matter, told from the request's bytes before any model is built."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum

import msgspec

from mappings.glance import (
    BUNDLE,
    GLANCE,
    NOTHING,
    REFERENCE,
    UNDECODABLE,
    Bundle,
    BundleEntry,
    Glance,
    Issue,
    resource_type,
)
from mappings.references import last_part
from mappings.relevance import (
    CodeGlance,
    glance_at,
    is_relevant,
    is_whole,
    is_withdrawn,
    names_an_unseen_drug,
    says_nothing,
    sets_of_components,
    value_sets_of,
)
from mappings.usual import usual_in
from mappings.value_sets import Terminology

_TYPE_NAME = re.compile(r"[A-Z][A-Za-z]{2,40}")
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
# Types that R4 has no more.
OLD_TYPES = frozenset({"MedicationOrder", "ProcedureRequest", "DiagnosticOrder", "ReferralRequest", "DeviceUseRequest"})
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


NO_LIMIT = sys.maxsize
_MATCH = (None, "match")


class Fate(Enum):
    """What screening makes of a resource."""

    KEPT = "kept"
    PASSED_OVER = "passed over"
    FOREIGN = "of another patient"
    UNREADABLE = "unreadable"
    LACKING = "without what others of its list have"


# Of a resource with one of these fates nothing is read but what it may be of.
_SAYING_NOTHING = (Fate.UNREADABLE, Fate.LACKING)


class Shape(Enum):
    """Which FHIR version only can have written a resource so; most resources fit several."""

    ANY = "any"
    R4 = "R4"
    R5 = "R5"
    OLDER = "STU3 or DSTU2"


class Screened(msgspec.Struct, frozen=True, gc=False):
    """A resource of a Bundle that is not passed over, with its fate; `raw` is its part of the request where it is kept.

    `drug` is the reference to a Medication that stands outside the resource; `value_sets` are those that its code and
    the codes of its components are in; `sets_are_sure` where each of these codes is whole, so that it is of no others.
    """

    type: str
    id: str
    full_url: str
    fate: Fate
    raw: msgspec.Raw = NOTHING
    shape: Shape = Shape.ANY
    drug: str = ""
    value_sets: frozenset[str] = frozenset()
    sets_are_sure: bool = False


@dataclass(slots=True)
class Noticed:
    """What is remembered of all resources of a page: their types; how many codes of those that were passed over are
    from each system; the ids of the problems; whether one is of a type before R4, or a problem as only later ones are.
    """

    types: set[str] = field(default_factory=set)
    passed_over: Counter[str] = field(default_factory=Counter)
    problems: set[str] = field(default_factory=set)
    older: bool = False
    problems_since_r4: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A screened prefetch value: its resources, and what it says about the search that produced it.

    `entries` is how many it held before it was screened.
    """

    resources: tuple[Screened, ...]
    is_search: bool
    self_url: str
    next_url: str
    matches: int
    total: int | None
    failed: bool
    noticed: Noticed = field(default_factory=Noticed)
    entries: int = 0


class TooManyEntries(Exception):
    """A Bundle has more entries than are looked at."""


def screen(
    value: Bundle | bytes | msgspec.Raw, patient_id: str, terminology: Terminology, most_entries: int = NO_LIMIT
) -> Page:
    """A resource or Bundle, screened; what is no FHIR counts as a failed search. Raises TooManyEntries."""
    bundle, kind = _cut_up(value)
    if bundle is not None:
        if len(bundle.entry or ()) > most_entries:
            raise TooManyEntries
        return _bundle(bundle, patient_id, terminology)
    if isinstance(value, Bundle) or kind in ("", "Bundle", "OperationOutcome"):
        return _failed()
    seen = _seen([BundleEntry(msgspec.Raw(bytes(value)))])
    sieve = _Sieve(patient_id, terminology, seen, _types_of(seen))
    return Page(tuple(sieve.screened(seen)), False, "", "", 1, None, False, sieve.noticed, 1)


def _cut_up(value: Bundle | bytes | msgspec.Raw) -> tuple[Bundle | None, str]:
    """The value as a Bundle, if it is one that can be cut up, and its type."""
    if isinstance(value, Bundle):
        return value, "Bundle"
    try:
        bundle = BUNDLE.decode(value)
    except UNDECODABLE:
        return None, resource_type(value)
    return (bundle if bundle.resourceType == "Bundle" else None), bundle.resourceType or ""


def _failed() -> Page:
    return Page((), False, "", "", 0, None, True)


class _Seen(msgspec.Struct, frozen=True, gc=False):
    """An entry of a Bundle as far as it could be decoded: without a resource it is unreadable."""

    resource: Glance | None
    entry: BundleEntry

    @property
    def type(self) -> str:
        """Its resource type, or nothing where nobody can tell."""
        resource = self.resource
        return _type_name(resource.resourceType if resource is not None else resource_type(self.entry.resource))


def _bundle(bundle: Bundle, patient_id: str, terminology: Terminology) -> Page:
    held = _seen([entry or _LOST for entry in bundle.entry or () if entry is None or entry.resource])
    types = _types_of(held)
    outcomes = [e.resource for e in held if e.type == "OperationOutcome"] if "OperationOutcome" in types else []
    if outcomes:
        held = [e for e in held if e.type != "OperationOutcome"]
        types = _types_of(held)
    sieve = _Sieve(patient_id, terminology, held, types)
    screened = tuple(sieve.screened(held))
    beside = [e for e in held if (search := e.entry.search) is not None and search.mode not in _MATCH]
    links = {link.relation: link.url or "" for link in bundle.link or () if link is not None}
    is_search = bundle.type in (None, "searchset")
    urls = links.get("self", ""), links.get("next", "")
    failed = any(map(_says_incomplete, outcomes)) or (bundle.entry is None and bundle.total != 0)
    entries = len(bundle.entry or ())
    return Page(screened, is_search, *urls, len(held) - len(beside), bundle.total, failed, sieve.noticed, entries)


def _seen(entries: Sequence[BundleEntry]) -> list[_Seen]:
    """All of them in one go, and one by one only where one of them cannot be decoded."""
    try:
        resources: Iterable[Glance | None] = list(map(GLANCE.decode, [entry.resource for entry in entries]))
    except UNDECODABLE:
        resources = map(_glance, entries)
    return list(map(_Seen, resources, entries))


def _glance(entry: BundleEntry) -> Glance | None:
    try:
        return GLANCE.decode(entry.resource)
    except UNDECODABLE:
        return None


def _types_of(held: Iterable[_Seen]) -> set[str]:
    """The types that the resources name, and of each that could not be decoded the one that it may name."""
    named = {seen.resource.resourceType for seen in held if seen.resource is not None}
    return {*map(_type_name, named), *(seen.type for seen in held if seen.resource is None)}


def _type_name(written: str) -> str:
    """The name of a resource type, or nothing where it cannot be one."""
    return written if written in READ_TYPES or _TYPE_NAME.fullmatch(written) else ""


def _says_incomplete(outcome: Glance | None) -> bool:
    issues = (outcome.issue or []) if outcome is not None else [Issue()]
    return any(issue.severity in ("error", "fatal") or issue.code in _INCOMPLETE_CODES for issue in issues)


# An entry that is null.
_LOST = BundleEntry(msgspec.Raw(b"null"))


class _Sieve:
    """Tells the fate of each resource for one patient; remembers codes and subjects, since most are alike."""

    def __init__(
        self, patient_id: str, terminology: Terminology, entries: Sequence[_Seen], types: AbstractSet[str]
    ) -> None:
        self.noticed = Noticed(set(types))
        self._patient_id = patient_id
        self._terminology = terminology
        patients = [(e.entry.fullUrl, e.resource) for e in entries if e.type == "Patient"] if "Patient" in types else []
        self._usual = usual_in(((e.type, e.resource) for e in entries if e.resource is not None), types)
        self._urls = frozenset(url for url, patient in patients if url and patient and patient.id == patient_id)
        self._whose_known: dict[bytes, Fate] = {b"": Fate.KEPT}
        self._codes: dict[bytes, CodeGlance] = {}
        # Of the observations without components, by subject and code as they are written.
        self._fates: dict[bytes, dict[bytes, Fate]] = {}

    def screened(self, entries: Sequence[_Seen]) -> list[Screened]:
        """The entries that are not passed over; of the others only what is noticed."""
        kept: list[Screened] = []
        passed_over: list[bytes] = []
        subject, fates = NOTHING, self._fates_of(NOTHING)
        for seen in entries:
            resource = seen.resource
            code = bytes(resource.code) if resource is not None else b""
            if resource is None or resource.resourceType != "Observation" or resource.component or resource.patient:
                fate = self._fate(seen)
            else:  # most are so, of one subject, and many alike
                if resource.subject != subject:
                    subject, fates = resource.subject, self._fates_of(resource.subject)
                fate = fates.get(code) or fates.setdefault(code, self._fate(seen))
            if fate is Fate.PASSED_OVER:
                passed_over.append(code)
            elif fate not in _SAYING_NOTHING or resource is None or not is_withdrawn(resource):
                kept.append(self._as_screened(seen, fate))
        if "Condition" in self.noticed.types:
            problems = [entry for entry in entries if entry.type == "Condition"]
            self.noticed.problems = {name for problem in problems for name in _names(problem) if name}
            self.noticed.problems_since_r4 = any(map(_is_problem_since_r4, problems))
            self.noticed.older = any(map(_is_older_problem, problems))
        self.noticed.older |= not OLD_TYPES.isdisjoint(self.noticed.types)
        for written, count in Counter(passed_over).items():
            if written in self._codes:
                self.noticed.passed_over.update(dict.fromkeys(self._codes[written].systems, count))
        return kept

    def _fates_of(self, subject: msgspec.Raw) -> dict[bytes, Fate]:
        return self._fates.setdefault(bytes(subject), {})

    def _fate(self, seen: _Seen) -> Fate:
        resource, kind = seen.resource, seen.type
        if kind not in READ_TYPES:
            return Fate.PASSED_OVER if kind else Fate.UNREADABLE
        if resource is None:
            return Fate.UNREADABLE
        if kind == "Patient":
            other = Fate.FOREIGN if resource.id else Fate.UNREADABLE
            return Fate.KEPT if resource.id == self._patient_id else other
        try:
            code = self._code(resource)
            whose = self._whose(resource.subject or resource.patient)
            if whose is not Fate.KEPT:
                return whose
            if self._matters(resource, code):
                return Fate.LACKING if self._usual.is_missing_in(resource, kind) else Fate.KEPT
            return Fate.UNREADABLE if says_nothing(resource, code, self._terminology) else Fate.PASSED_OVER
        except UNDECODABLE:
            return Fate.UNREADABLE

    def _matters(self, resource: Glance, code: CodeGlance) -> bool:
        if code.value_sets or resource.resourceType in _ALWAYS_READ:
            return True
        return names_an_unseen_drug(resource, self._terminology) or is_relevant(resource, code, self._terminology)

    def _code(self, resource: Glance) -> CodeGlance:
        written = bytes(resource.code)
        code = self._codes.get(written)
        if code is None:
            code = self._codes[written] = glance_at(written, self._terminology)
        return code

    def _whose(self, subject: msgspec.Raw) -> Fate:
        """Kept where it is the patient's, else another's, or unreadable where nobody can tell."""
        written = bytes(subject)
        fate = self._whose_known.get(written)
        if fate is None:
            reference = REFERENCE.decode(written)
            fate = _fate_of(reference.reference if reference else None, self._patient_id, self._urls)
            self._whose_known[written] = fate
        return fate

    def _as_screened(self, seen: _Seen, fate: Fate) -> Screened:
        resource, url = seen.resource, seen.entry.fullUrl or ""
        if fate in _SAYING_NOTHING or resource is None:
            raw = bytes(seen.entry.resource)
            name = resource.id or "" if resource is not None else ""
            return Screened(seen.type, name, url, fate, value_sets=value_sets_of(raw, self._terminology))
        if fate is not Fate.KEPT:
            return Screened(seen.type, resource.id or "", url, fate)
        code = self._code(resource)
        sets, are_sure = code.value_sets, code.is_whole
        if resource.component:
            sets |= sets_of_components(resource, self._terminology)
            are_sure &= all(is_whole(part.code) for part in resource.component)
        raw, shape = seen.entry.resource, _shape(resource, code)
        return Screened(seen.type, resource.id or "", url, fate, raw, shape, _drug(resource), sets, are_sure)


def _drug(resource: Glance) -> str:
    """The reference to a Medication that is not contained, or nothing."""
    stated = resource.medication
    pointer = resource.medicationReference or (stated.reference if stated is not None else None)
    reference = pointer.reference if pointer is not None else None
    return reference if reference and not reference.startswith("#") else ""


def _fate_of(reference: str | None, patient_id: str, urls: frozenset[str]) -> Fate:
    if is_own(reference, patient_id, urls):
        return Fate.KEPT
    names_something = reference is not None and ("/" in reference or ":" in reference)
    return Fate.FOREIGN if names_something else Fate.UNREADABLE


def is_own(reference: str | None, patient_id: str, urls: frozenset[str]) -> bool:
    """Whether a reference names this patient; a resource without a subject belongs to whose search returned it."""
    if reference is None or reference.startswith("#"):
        return True
    target = reference.partition("/_history")[0]
    return (
        target in urls
        or target in (patient_id, f"urn:uuid:{patient_id}")
        or f"/{target}".endswith(f"/Patient/{patient_id}")
    )


def _is_older(resource: Glance) -> bool:
    """Before R4 the clinical status of a Condition was a code alone."""
    return bool(resource.clinicalStatus) and bytes(resource.clinicalStatus).startswith(b'"')


def _names(seen: _Seen) -> tuple[str, str]:
    """The id of a resource, and what its address ends in."""
    return (seen.resource.id or "" if seen.resource is not None else ""), last_part(seen.entry.fullUrl or "")


def _is_older_problem(condition: _Seen) -> bool:
    return condition.resource is not None and _is_older(condition.resource)


def _is_problem_since_r4(condition: _Seen) -> bool:
    return condition.resource is not None and bytes(condition.resource.clinicalStatus).startswith(b"{")


def _shape(resource: Glance, code: CodeGlance) -> Shape:
    kind = resource.resourceType
    if _is_older(resource):
        return Shape.OLDER
    if resource.medication is not None or code.is_r5:
        return Shape.R5
    if kind == "Observation" and resource.bodyStructure:
        return Shape.R5
    if kind == "ImagingStudy" and resource.procedure:
        return Shape.R5
    if kind == "Procedure" and (resource.occurrenceDateTime or resource.occurrencePeriod):
        return Shape.R5
    if resource.performedDateTime or resource.performedPeriod or resource.procedureCode:
        return Shape.R4
    return Shape.R4 if resource.medicationCodeableConcept or resource.medicationReference else Shape.ANY
