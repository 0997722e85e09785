"""The sieve: the fate of each resource of a Bundle, for one patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mappings.references import last_part
from mappings.screening.bundle import BundleEntry
from mappings.screening.glance import NOTHING, Condition, Glance, Observation, Patient
from mappings.screening.page import FOREIGN, KEPT, LACKING, PASSED_OVER, UNREADABLE, Fate, Noticed, Screened
from mappings.screening.relevance import Relevance, is_withdrawn, relevance_of, words_of
from mappings.screening.seen import Seen
from mappings.screening.subjects import OF_NOBODY, Subjects
from mappings.screening.types import OLD_TYPES, READ_TYPES
from mappings.screening.unread import Undecoded, Unread
from mappings.screening.unreadable import value_sets_of
from mappings.screening.usual import usual_in
from mappings.screening.versions import is_older, is_since_r4, shape_of
from mappings.value_sets import Terminology

_NO_SETS: frozenset[str] = frozenset()


class Sieve:
    """Tells the fate of each resource for one patient; remembers codes and subjects, since most are alike."""

    def __init__(self, patient_id: str, terminology: Terminology, seen: Seen) -> None:
        self.noticed = Noticed(set(seen.types), older=not OLD_TYPES.isdisjoint(seen.types))
        self._patient_id = patient_id
        self._terminology = terminology
        self._seen = seen
        self._subjects = Subjects(patient_id, _urls_of(patient_id, seen))
        self._usual = usual_in(seen, self._subjects)
        # By type, and by the words that tell them.
        self._relevances: defaultdict[type[Glance], dict[bytes, Relevance]] = defaultdict(dict)

    def screened(self) -> list[Screened]:
        """The resources that are not passed over; the others are only counted in `noticed`."""
        kept: list[Screened] = []
        # of Observations without components by their code alone: most are so, many alike, and nearly all of one subject
        plain: dict[bytes, Relevance] = {}
        written, subject = NOTHING, OF_NOBODY
        for entry in self._seen.entries:
            resource = entry.resource
            if resource.__class__ is Observation and not resource.component:
                code = b"" + resource.code  # as bytes() makes it, in half the time
                relevance = plain.get(code) or plain.setdefault(code, self._relevance(resource))
            elif isinstance(resource, Unread):
                if isinstance(resource, Undecoded) and (not resource.type or resource.type in READ_TYPES):
                    kept.append(self._undecoded(resource, entry))
                continue
            elif resource.__class__ is Patient:
                kept.append(self._person(resource, entry))
                continue
            else:
                relevance = self._relevance(resource)
            if resource.subject != written or not written:
                written, subject = resource.subject, self._subjects.of(resource)
            fate = relevance.fate if subject.fate is KEPT else subject.fate
            if fate is PASSED_OVER:
                relevance.passed_over += 1
            elif fate is KEPT and not self._usual.is_missing_in(resource, subject):
                kept.append(_kept(resource, entry, relevance))
                # of most Observations the shape tells nothing
                if resource.__class__ is not Observation or resource.bodyStructure or relevance.is_r5:
                    self.noticed.shapes.add(shape_of(resource, has_r5_code=relevance.is_r5))
            elif fate is FOREIGN or not is_withdrawn(resource):
                kept.append(self._left_out(resource, entry, LACKING if fate is KEPT else fate))
        self._notice_passed_over()
        self._notice_problems(self._seen.of_type("Condition"))
        return kept

    def _person(self, person: Glance, entry: BundleEntry) -> Screened:
        """The patient, another, or one who cannot be told."""
        if person.id == self._patient_id:
            return _kept(person, entry, Relevance(KEPT))
        return self._left_out(person, entry, FOREIGN if person.id else UNREADABLE)

    def _relevance(self, resource: Glance) -> Relevance:
        known, words = self._relevances[resource.__class__], words_of(resource)
        relevance = known.get(words)
        if relevance is None:
            relevance = known[words] = relevance_of(resource, self._terminology)
        return relevance

    def _notice_passed_over(self) -> None:
        for known in self._relevances.values():
            for relevance in known.values():
                for system in relevance.systems if relevance.passed_over else ():
                    self.noticed.passed_over[system] += relevance.passed_over

    def _notice_problems(self, problems: Sequence[BundleEntry]) -> None:
        if not problems:
            return
        decoded = [entry.resource for entry in problems if isinstance(entry.resource, Condition)]
        ids = {problem.id or "" for problem in decoded}
        self.noticed.problems = ids.union(last_part(entry.fullUrl or "") for entry in problems) - {""}
        self.noticed.problems_since_r4 = any(map(is_since_r4, decoded))
        self.noticed.older |= any(map(is_older, decoded))

    def _left_out(self, resource: Glance, entry: BundleEntry, fate: Fate) -> Screened:
        """One of which nothing is read but, where it may be the patient's, what it may be of."""
        sets = _NO_SETS if fate is FOREIGN else value_sets_of(resource.as_json(), self._terminology)
        name, url = resource.id or "", entry.fullUrl or ""
        return Screened(resource.__class__.__name__, name, url, fate, value_sets=sets)

    def _undecoded(self, resource: Undecoded, entry: BundleEntry) -> Screened:
        sets = value_sets_of(resource.raw, self._terminology)
        return Screened(resource.type, "", entry.fullUrl or "", UNREADABLE, value_sets=sets)


def _kept(resource: Glance, entry: BundleEntry, relevance: Relevance) -> Screened:
    sets, are_sure = relevance.value_sets, relevance.sets_are_sure
    return Screened(resource.__class__.__name__, resource.id or "", entry.fullUrl or "", KEPT, resource, sets, are_sure)


def _urls_of(patient_id: str, seen: Seen) -> frozenset[str]:
    """The addresses under which a Bundle holds the patient."""
    patients = seen.of_type("Patient")
    own = (entry for entry in patients if isinstance(entry.resource, Patient) and entry.resource.id == patient_id)
    return frozenset(entry.fullUrl for entry in own if entry.fullUrl)
