"""The sieve: the fate of each resource of a Bundle, for one patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from mappings.references import last_part
from mappings.screening.bundle import BundleEntry
from mappings.screening.glance import NOTHING, UNDECODABLE, Condition, Glance, Observation, Patient
from mappings.screening.page import FOREIGN, KEPT, LACKING, PASSED_OVER, UNREADABLE, Fate, Noticed, Screened
from mappings.screening.relevance import (
    CodeGlance,
    codes_of_components,
    glance_at,
    is_relevant,
    is_whole,
    is_withdrawn,
    says_nothing,
    sets_of_components,
    value_sets_of,
)
from mappings.screening.seen import Seen
from mappings.screening.subjects import Subjects
from mappings.screening.types import OLD_TYPES, READ_TYPES
from mappings.screening.unread import Undecoded, Unread
from mappings.screening.usual import usual_in
from mappings.screening.versions import is_older, is_since_r4, shape_of
from mappings.value_sets import Terminology

_NO_SETS: frozenset[str] = frozenset()
# That of a Patient, which nobody reads, whatever stands there.
_NO_CODE = CodeGlance()


@dataclass(slots=True)
class _Alike:
    """Observations without components that have one subject and one code: their fate, and how many there are."""

    fate: Fate
    count: int = 0


class Sieve:
    """Tells the fate of each resource for one patient; remembers codes and subjects, since most are alike."""

    def __init__(self, patient_id: str, terminology: Terminology, seen: Seen) -> None:
        self.noticed = Noticed(set(seen.types), older=not OLD_TYPES.isdisjoint(seen.types))
        self._patient_id = patient_id
        self._terminology = terminology
        self._seen = seen
        self._subjects = Subjects(patient_id, _urls_of(patient_id, seen))
        self._usual = usual_in(seen, self._subjects)
        self._codes: dict[bytes, CodeGlance] = {}
        self._passed_over: defaultdict[bytes, int] = defaultdict(int)
        # By subject and code as they are written.
        self._alike: dict[bytes, dict[bytes, _Alike]] = {}

    def screened(self) -> list[Screened]:
        """The resources that are not passed over; the others are only counted in `noticed`."""
        kept: list[Screened] = []
        subject, alike = NOTHING, self._alike_of(NOTHING)
        for entry in self._seen.entries:
            resource = entry.resource
            if resource.__class__ is Observation and not resource.component and not resource.patient:
                # most are so, of one subject, and many alike
                if resource.subject != subject:
                    subject, alike = resource.subject, self._alike_of(resource.subject)
                written = bytes(resource.code)
                found = alike.get(written) or alike.setdefault(written, _Alike(self._fate(resource, written)))
                found.count += 1
                fate = found.fate
            elif isinstance(resource, Unread):
                if isinstance(resource, Undecoded) and (not resource.type or resource.type in READ_TYPES):
                    kept.append(self._unread(resource.type, "", entry, UNREADABLE, resource.raw))
                continue
            else:
                written = bytes(resource.code)
                fate = self._fate(resource, written)
                if fate is PASSED_OVER:
                    self._passed_over[written] += 1
            if fate is KEPT:
                kept.append(self._kept(resource, entry, self._codes.get(written, _NO_CODE)))
            elif fate is not PASSED_OVER and (fate is FOREIGN or not is_withdrawn(resource)):
                kept.append(
                    self._unread(resource.__class__.__name__, resource.id or "", entry, fate, resource.as_json())
                )
        self._notice_passed_over()
        self._notice_problems(self._seen.of_type("Condition"))
        return kept

    def _alike_of(self, subject: msgspec.Raw) -> dict[bytes, _Alike]:
        return self._alike.setdefault(bytes(subject), {})

    def _notice_passed_over(self) -> None:
        for of_subject in self._alike.values():
            for written, found in of_subject.items():
                if found.fate is PASSED_OVER:
                    self._passed_over[written] += found.count
        for written, count in self._passed_over.items():
            for system in self._codes[written].systems:
                self.noticed.passed_over[system] += count

    def _notice_problems(self, problems: Sequence[BundleEntry]) -> None:
        decoded = [entry.resource for entry in problems if isinstance(entry.resource, Condition)]
        ids = {problem.id or "" for problem in decoded}
        self.noticed.problems = ids.union(last_part(entry.fullUrl or "") for entry in problems) - {""}
        self.noticed.problems_since_r4 = any(map(is_since_r4, decoded))
        self.noticed.older |= any(map(is_older, decoded))

    def _fate(self, resource: Glance, written: bytes) -> Fate:
        if resource.__class__ is Patient:
            other = FOREIGN if resource.id else UNREADABLE
            return KEPT if resource.id == self._patient_id else other
        try:
            code, subject = self._code(written), self._subjects.of(resource)
            if subject.fate is not KEPT:
                return subject.fate
            if is_relevant(resource, code, self._terminology):
                return LACKING if self._usual.is_missing_in(resource, subject) else KEPT
            return UNREADABLE if says_nothing(resource, code, self._terminology) else PASSED_OVER
        except UNDECODABLE:
            return UNREADABLE

    def _code(self, written: bytes) -> CodeGlance:
        code = self._codes.get(written)
        if code is None:
            code = self._codes[written] = glance_at(written, self._terminology)
        return code

    def _kept(self, resource: Glance, entry: BundleEntry, code: CodeGlance) -> Screened:
        sets, are_sure = code.value_sets, code.is_whole
        if resource.__class__ is Observation and resource.component:
            of_components = codes_of_components(resource)
            sets |= sets_of_components(of_components, self._terminology)
            are_sure &= all(map(is_whole, of_components))
        kind, shape = resource.__class__.__name__, shape_of(resource, has_r5_code=code.is_r5)
        name, url, drug = resource.id or "", entry.fullUrl or "", resource.drug()
        return Screened(kind, name, url, KEPT, resource, shape, drug, sets, are_sure)

    def _unread(self, kind: str, name: str, entry: BundleEntry, fate: Fate, raw: bytes | msgspec.Raw) -> Screened:
        """One of which nothing is read but, where it may be the patient's, what it may be of."""
        may_be_of = _NO_SETS if fate is FOREIGN else value_sets_of(raw, self._terminology)
        return Screened(kind, name, entry.fullUrl or "", fate, value_sets=may_be_of)


def _urls_of(patient_id: str, seen: Seen) -> frozenset[str]:
    """The addresses under which a Bundle holds the patient."""
    patients = seen.of_type("Patient")
    own = (entry for entry in patients if isinstance(entry.resource, Patient) and entry.resource.id == patient_id)
    return frozenset(entry.fullUrl for entry in own if entry.fullUrl)
