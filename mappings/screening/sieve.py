"""The sieve: the fate of each resource of a Bundle, for one patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from mappings.references import last_part
from mappings.screening.bundle import NOTHING, UNDECODABLE, BundleEntry
from mappings.screening.glance import (
    Condition,
    FamilyMemberHistory,
    Glance,
    ImagingStudy,
    Medication,
    Observation,
    OfDrug,
    Patient,
)
from mappings.screening.page import FOREIGN, KEPT, LACKING, PASSED_OVER, UNREADABLE, Fate, Noticed, Screened
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
from mappings.screening.seen import Pair, Resource, Seen, Undecoded
from mappings.screening.subjects import Subjects
from mappings.screening.types import OLD_TYPES, READ_TYPES
from mappings.screening.usual import usual_in
from mappings.screening.versions import is_older, is_since_r4, shape_of
from mappings.value_sets import Terminology

_NO_SETS: frozenset[str] = frozenset()
_ALWAYS_READ = (ImagingStudy, FamilyMemberHistory, Medication)


class Sieve:
    """Tells the fate of each resource for one patient; remembers codes and subjects, since most are alike."""

    def __init__(self, patient_id: str, terminology: Terminology, seen: Seen) -> None:
        self.noticed = Noticed(set(seen.types))
        self._patient_id = patient_id
        self._terminology = terminology
        self._seen = seen
        self._subjects = Subjects(patient_id, _urls_of(patient_id, seen))
        self._usual = usual_in(seen, self._subjects)
        self._codes: dict[bytes, CodeGlance] = {}
        # Of the observations without components, by subject and code as they are written.
        self._fates: dict[bytes, dict[bytes, Fate]] = {}

    def screened(self) -> list[Screened]:
        """The resources that are not passed over; the others are only counted in `noticed`."""
        kept: list[Screened] = []
        passed_over: list[bytes] = []
        subject, fates = NOTHING, self._fates_of(NOTHING)
        for resource, entry in self._seen.pairs():
            if isinstance(resource, Undecoded):
                if not resource.type or resource.type in READ_TYPES:
                    kept.append(self._unread(resource.type, "", entry, UNREADABLE))
                continue
            code = bytes(resource.code)
            if resource.__class__ is Observation and not resource.component and not resource.patient:
                # most are so, of one subject, and many alike
                if resource.subject != subject:
                    subject, fates = resource.subject, self._fates_of(resource.subject)
                fate = fates.get(code) or fates.setdefault(code, self._fate(resource, code))
            else:
                fate = self._fate(resource, code)
            if fate is PASSED_OVER:
                passed_over.append(code)
            elif fate is KEPT:
                kept.append(self._kept(resource, entry, code))
            elif fate is FOREIGN or not is_withdrawn(resource):
                kept.append(self._unread(resource.__class__.__name__, resource.id or "", entry, fate))
        self._notice(passed_over)
        self._notice_problems(self._seen.of_type("Condition"))
        return kept

    def _notice(self, passed_over: Iterable[bytes]) -> None:
        self.noticed.older = not OLD_TYPES.isdisjoint(self.noticed.types)
        for written, count in Counter(passed_over).items():
            if written in self._codes:
                self.noticed.passed_over.update(dict.fromkeys(self._codes[written].systems, count))

    def _notice_problems(self, problems: Sequence[Pair]) -> None:
        decoded = [problem for problem, _ in problems if isinstance(problem, Condition)]
        self.noticed.problems = {name for problem in problems for name in _names(*problem) if name}
        self.noticed.problems_since_r4 = any(map(is_since_r4, decoded))
        self.noticed.older |= any(map(is_older, decoded))

    def _fates_of(self, subject: msgspec.Raw) -> dict[bytes, Fate]:
        return self._fates.setdefault(bytes(subject), {})

    def _fate(self, resource: Glance, written: bytes) -> Fate:
        if isinstance(resource, Patient):
            other = FOREIGN if resource.id else UNREADABLE
            return KEPT if resource.id == self._patient_id else other
        try:
            code, subject = self._code(written), self._subjects.of(resource)
            if subject.fate is not KEPT:
                return subject.fate
            if self._matters(resource, code):
                return LACKING if self._usual.is_missing_in(resource, subject) else KEPT
            return UNREADABLE if says_nothing(resource, code, self._terminology) else PASSED_OVER
        except UNDECODABLE:
            return UNREADABLE

    def _matters(self, resource: Glance, code: CodeGlance) -> bool:
        if code.value_sets or isinstance(resource, _ALWAYS_READ):
            return True
        return names_an_unseen_drug(resource, self._terminology) or is_relevant(resource, code, self._terminology)

    def _code(self, written: bytes) -> CodeGlance:
        code = self._codes.get(written)
        if code is None:
            code = self._codes[written] = glance_at(written, self._terminology)
        return code

    def _kept(self, resource: Glance, entry: BundleEntry, written: bytes) -> Screened:
        code = self._code(written)
        sets, are_sure = code.value_sets, code.is_whole
        if isinstance(resource, Observation) and resource.component:
            sets |= sets_of_components(resource, self._terminology)
            are_sure &= all(is_whole(part.code) for part in resource.component)
        kind, shape = resource.__class__.__name__, shape_of(resource, has_r5_code=code.is_r5)
        name, url, drug = resource.id or "", entry.fullUrl or "", _drug(resource)
        return Screened(kind, name, url, KEPT, entry.resource, shape, drug, sets, are_sure)

    def _unread(self, kind: str, name: str, entry: BundleEntry, fate: Fate) -> Screened:
        """One of which nothing is read but, where it may be the patient's, what it may be of."""
        may_be_of = _NO_SETS if fate is FOREIGN else value_sets_of(bytes(entry.resource), self._terminology)
        return Screened(kind, name, entry.fullUrl or "", fate, value_sets=may_be_of)


def _urls_of(patient_id: str, seen: Seen) -> frozenset[str]:
    """The addresses under which a Bundle holds the patient."""
    patients = seen.of_type("Patient")
    own = (entry for patient, entry in patients if isinstance(patient, Patient) and patient.id == patient_id)
    return frozenset(entry.fullUrl for entry in own if entry.fullUrl)


def _drug(resource: Glance) -> str:
    """The reference to a Medication that is not contained, or nothing."""
    if not isinstance(resource, OfDrug):
        return ""
    stated = resource.medication
    pointer = resource.medicationReference or (stated.reference if stated is not None else None)
    reference = pointer.reference if pointer is not None else None
    return reference if reference and not reference.startswith("#") else ""


def _names(resource: Resource, entry: BundleEntry) -> tuple[str, str]:
    """The id of a resource, and what its address ends in."""
    return (resource.id or "" if isinstance(resource, Glance) else ""), last_part(entry.fullUrl or "")
