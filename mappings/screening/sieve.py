"""The sieve: the fate of each resource of a Bundle, for one patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from mappings.references import last_part
from mappings.screening.glance import NOTHING, REFERENCE, UNDECODABLE, Glance
from mappings.screening.page import Fate, Noticed, Screened
from mappings.screening.relevance import (
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
from mappings.screening.seen import Seen
from mappings.screening.types import OLD_TYPES, READ_TYPES
from mappings.screening.usual import usual_in
from mappings.screening.versions import is_older, is_since_r4, shape_of
from mappings.value_sets import Terminology

_ALWAYS_READ = frozenset({"Patient", "ImagingStudy", "FamilyMemberHistory", "Medication"})
# Of a resource with one of these fates nothing is read but what it may be of.
_SAYING_NOTHING = (Fate.UNREADABLE, Fate.LACKING)


class Sieve:
    """Tells the fate of each resource for one patient; remembers codes and subjects, since most are alike."""

    def __init__(
        self, patient_id: str, terminology: Terminology, entries: Sequence[Seen], types: AbstractSet[str]
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

    def screened(self, entries: Sequence[Seen]) -> list[Screened]:
        """The entries that are not passed over; the others are only counted in `noticed`."""
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
        self._notice(passed_over)
        if "Condition" in self.noticed.types:
            self._notice_problems([entry for entry in entries if entry.type == "Condition"])
        return kept

    def _notice(self, passed_over: Iterable[bytes]) -> None:
        self.noticed.older = not OLD_TYPES.isdisjoint(self.noticed.types)
        for written, count in Counter(passed_over).items():
            if written in self._codes:
                self.noticed.passed_over.update(dict.fromkeys(self._codes[written].systems, count))

    def _notice_problems(self, problems: Sequence[Seen]) -> None:
        decoded = [problem.resource for problem in problems if problem.resource is not None]
        self.noticed.problems = {name for problem in problems for name in _names(problem) if name}
        self.noticed.problems_since_r4 = any(map(is_since_r4, decoded))
        self.noticed.older |= any(map(is_older, decoded))

    def _fates_of(self, subject: msgspec.Raw) -> dict[bytes, Fate]:
        return self._fates.setdefault(bytes(subject), {})

    def _fate(self, seen: Seen) -> Fate:
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

    def _as_screened(self, seen: Seen, fate: Fate) -> Screened:
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
        raw, shape = seen.entry.resource, shape_of(resource, has_r5_code=code.is_r5)
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


def _names(seen: Seen) -> tuple[str, str]:
    """The id of a resource, and what its address ends in."""
    return (seen.resource.id or "" if seen.resource is not None else ""), last_part(seen.entry.fullUrl or "")
