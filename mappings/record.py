"""The record: the resources held for one patient, and which searches were made, completed or failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from mappings.drafts import Draft
from mappings.entries import Entry
from mappings.entry_maker import Doubt, EntryMaker, Unusable
from mappings.fhir.models import FhirVersion
from mappings.observations import Observations
from mappings.screening.page import KEPT, Page, Screened
from mappings.search import NOT_SEARCHED, Search
from mappings.value_sets import Terminology

E = TypeVar("E", bound=Entry)


class PatientRecord:
    """Everything held for one patient; a resource is read when its type is first asked for.

    `observations` are asked for by value set; `listed_problems` are the ids of all problems that were seen, those of no
    interest included.
    """

    def __init__(
        self,
        patient_id: str,
        resources: Sequence[Screened],
        searches: Mapping[str, Search],
        terminology: Terminology,
        version: FhirVersion = FhirVersion.R4,
        drafts: tuple[Draft, ...] = (),
        listed_problems: frozenset[str] = frozenset(),
    ) -> None:
        self.patient_id = patient_id
        self.listed_problems = listed_problems
        self.drafts = drafts
        self.terminology = terminology
        self.version = version
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._asked: dict[tuple[object, ...], tuple[Any, ...]] = {}
        self._gaps: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        self._screened: dict[str, list[Screened]] = {}
        left_out: list[Screened] = []
        for resource in _distinct(resources):
            if resource.fate is KEPT:
                self._screened.setdefault(resource.type, []).append(resource)
            else:
                left_out.append(resource)
        self._maker = EntryMaker(self._screened.get("Medication", ()), searches, terminology, version)
        for resource in left_out:
            self._maker.leave_out(resource)
        self.observations = Observations(self._screened.get("Observation", ()), self._maker.observation)

    def entries(self, entry_type: type[E], *resource_types: str) -> tuple[E, ...]:
        """The entries of some resource types, in the order of the record; readers ask for the same again and again."""
        asked = (entry_type, resource_types)
        found = self._asked.get(asked)
        if found is None:
            found = self._asked[asked] = tuple(
                [entry for kind in resource_types for entry in self._read(kind) if isinstance(entry, entry_type)]
            )
        return found

    def search(self, resource_type: str) -> Search:
        """Whether all resources of a type are here and could be read."""
        if resource_type == "Observation":
            self.observations.look_at_unsure()
        else:
            self._read(resource_type)
        return self._maker.searches.get(resource_type, NOT_SEARCHED)

    def gap(self, needed: tuple[str, ...], where_sent: tuple[str, ...]) -> str:
        """Which searches were not complete, and why, so that absence may not be claimed; empty where all were.

        `needed` types have to be searched; those in `where_sent` count only where anything of them was sent. The answer
        is kept, as findings ask for the same few combinations again and again.
        """
        asked = (needed, where_sent)
        found = self._gaps.get(asked)
        if found is None:
            kinds = dict.fromkeys([*needed, *filter(self.was_sent, where_sent)])
            found = self._gaps[asked] = "; ".join(
                [f"{kind}: {s.reason}" for kind in kinds if not (s := self.search(kind)).complete]
            )
        return found

    def was_sent(self, resource_type: str) -> bool:
        """Whether anything at all is known of a type: a resource, a search or a failure."""
        return resource_type in self._maker.searches or resource_type in self._screened

    def doubts(self, value_sets: Collection[str]) -> tuple[Doubt, ...]:
        """The resources of which it is in doubt what they say of some value sets."""
        self.observations.look_at(value_sets)
        doubts = self._maker.doubts
        if not doubts:
            return ()
        return tuple(doubt for doubt in doubts if not doubt.value_sets.isdisjoint(value_sets))

    def unconfirmed(self) -> tuple[Doubt, ...]:
        """Those of the doubts that a site can settle, by listing a code in its own file."""
        return tuple(doubt for doubt in self._maker.doubts if doubt.is_unconfirmed)

    @property
    def unusable(self) -> tuple[Unusable, ...]:
        """What could not be used so far."""
        return tuple(self._maker.unusable)

    def _planned(self, kind: str) -> list[Entry]:
        """Drafts that are not selected count as planned already."""
        return [d.entry for d in self.drafts if not d.selected and d.kind == kind]

    def _read(self, kind: str) -> tuple[Entry, ...]:
        if kind not in self._entries:
            self._entries[kind] = (*self._made(kind), *self._planned(kind))
        return self._entries[kind]

    def _made(self, kind: str) -> Iterator[Entry]:
        return filter(None, map(self._maker.entry, self._screened.get(kind, ())))


def record_of(
    pages: Iterable[tuple[Page, Mapping[str, Search]]],
    patient_id: str,
    terminology: Terminology,
    version: FhirVersion = FhirVersion.R4,
    drafts: tuple[Draft, ...] = (),
) -> PatientRecord:
    """The record that screened pages make up, each with what it says of the searches behind it."""
    resources: list[Screened] = []
    searches: dict[str, Search] = {}
    problems: set[str] = set()
    for page, said in pages:
        problems |= page.noticed.problems
        resources += [resource if resource.type else _named(resource, said) for resource in page.resources]
        for kind, search in said.items():
            if kind not in searches or search.complete:
                searches[kind] = search
    return PatientRecord(patient_id, resources, searches, terminology, version, drafts, frozenset(problems))


def _named(resource: Screened, said: Mapping[str, Search]) -> Screened:
    """A resource whose type cannot be told counts as one of the kind that its search was for: it spoils no other."""
    return msgspec.structs.replace(resource, type=next(iter(said))) if len(said) == 1 else resource


def _distinct(resources: Sequence[Screened]) -> Iterable[Screened]:
    """The first of those that have the same type and id."""
    names = [(resource.type, resource.id or number) for number, resource in enumerate(resources)]
    if len(set(names)) == len(names):
        return resources
    first: dict[tuple[str, str | int], Screened] = {}
    for name, resource in zip(names, resources, strict=True):
        first.setdefault(name, resource)
    return first.values()
