"""The record: the resources held for one patient, and which searches were made, completed or failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from mappings.drafts import Draft
from mappings.entries import Concept, Entry, Observation, of_unknown_status, unconfirmed_in
from mappings.fhir.adapt import Adapter
from mappings.fhir.models import FhirVersion, UnreadableResource, read_resource, validate
from mappings.fhir.statuses import strange_status
from mappings.observations import Observations
from mappings.references import last_part, names_of
from mappings.screening.page import FOREIGN, KEPT, LACKING, UNREADABLE, Page, Screened
from mappings.screening.relevance import unnamed_in
from mappings.screening.unreadable import value_sets_of
from mappings.statuses import FINAL
from mappings.value_sets import Terminology

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something of the record that could not be used, and why; never its content."""

    resource: str
    reason: str

    def __str__(self) -> str:
        """The resource and why, for a card."""
        return f"{self.resource}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A resource that says something of some value sets, though nobody can rely on what, and why."""

    resource: str
    value_sets: frozenset[str]
    reason: str

    @property
    def is_unconfirmed(self) -> bool:
        """Whether a site can settle it, by listing a code in its own file."""
        return self.reason == _OF_ONE_SOURCE

    def __str__(self) -> str:
        """The resource and why, for a card."""
        return f"{self.resource}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Search:
    """What is known of the search for one resource type: whether every match is here, or why not."""

    complete: bool
    reason: str = ""


_OF_ONE_SOURCE = "its code was seen in one source only; the site's own file can confirm it"
_WITHOUT_VALUE = "it, or a part of it, has no value or no name, and does not say why"
_STATUS_NOT_KNOWN = "its status is stated as not known"
NOT_SEARCHED = Search(False, "not searched")


class PatientRecord:
    """Everything held for one patient; a resource is read when its type, or its value set, is first asked for.

    `listed_problems` are the ids of all problems that were seen, those of no interest included.
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
        self._searches = dict(searches)
        self._unusable: list[Unusable] = []
        self._doubts: list[Doubt] = []
        self._screened: dict[str, list[Screened]] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._asked: dict[tuple[object, ...], tuple[Any, ...]] = {}
        self._gaps: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        self._adapter: Adapter | None = None
        for resource in _distinct(resources):
            if resource.fate is KEPT:
                self._screened.setdefault(resource.type, []).append(resource)
            else:
                self._leave_out(resource)
        self._observations = Observations(self._screened.get("Observation", ()))

    def entries(self, entry_type: type[E], *resource_types: str) -> tuple[E, ...]:
        """The entries of some resource types, in the order of the record; readers ask for the same again and again.

        Observations are asked for by value set.
        """
        asked = (entry_type, resource_types)
        found = self._asked.get(asked)
        if found is None:
            of_types = [entry for kind in resource_types for entry in self._read(kind)]
            found = self._asked[asked] = tuple([entry for entry in of_types if isinstance(entry, entry_type)])
        return found

    def observations(self, value_set: str) -> Sequence[Observation]:
        """The observations of which the code or that of a component is in a value set, in the order of the record."""
        return self._observations.of(value_set, self._observation)

    def search(self, resource_type: str) -> Search:
        """Whether all resources of a type are here and could be read.

        An observation that could not be read, but says of what it is, leaves the search complete: it is a doubt about
        its own value sets and no others.
        """
        if resource_type == "Observation":
            self._observations.look_at_unsure(self._observation)
        else:
            self._read(resource_type)
        return self._searches.get(resource_type, NOT_SEARCHED)

    def gap(self, needed: tuple[str, ...], where_sent: tuple[str, ...]) -> str:
        """Which searches were not complete, and why, so that absence may not be claimed; empty where all were.

        `needed` types have to be searched; those in `where_sent` count only where anything of them was sent. The answer
        is kept, as findings ask for the same few combinations again and again.
        """
        asked = (needed, where_sent)
        if asked not in self._gaps:
            kinds = dict.fromkeys([*needed, *filter(self.was_sent, where_sent)])
            self._gaps[asked] = "; ".join(
                [f"{kind}: {s.reason}" for kind in kinds if not (s := self.search(kind)).complete]
            )
        return self._gaps[asked]

    def was_sent(self, resource_type: str) -> bool:
        """Whether anything at all is known of a type: a resource, a search or a failure."""
        return resource_type in self._searches or resource_type in self._screened

    def doubts(self, value_sets: Collection[str]) -> tuple[Doubt, ...]:
        """The resources of which it is in doubt what they say of some value sets."""
        self._observations.look_at(value_sets, self._observation)
        if not self._doubts:
            return ()
        return tuple(doubt for doubt in self._doubts if not doubt.value_sets.isdisjoint(value_sets))

    def unconfirmed(self) -> tuple[Doubt, ...]:
        """Those of the doubts that a site can settle, by listing a code in its own file."""
        return tuple(doubt for doubt in self._doubts if doubt.is_unconfirmed)

    @property
    def unusable(self) -> tuple[Unusable, ...]:
        """What could not be used so far."""
        return tuple(self._unusable)

    def _planned(self, kind: str) -> list[Entry]:
        """Drafts that are not selected count as planned already."""
        return [d.entry for d in self.drafts if not d.selected and d.kind == kind] if self.drafts else []

    def _leave_out(self, resource: Screened) -> None:
        if resource.fate is UNREADABLE:
            self._unreadable(resource, "its structure is not FHIR")
        elif resource.fate is LACKING:
            self._unreadable(resource, "has no subject or status, though others of its list have")
        elif resource.fate is FOREIGN:
            self._unusable.append(Unusable(_name(resource), "belongs to another patient and was left out"))

    def _read(self, kind: str) -> tuple[Entry, ...]:
        if kind not in self._entries:
            self._entries[kind] = (*self._made(kind), *self._planned(kind))
        return self._entries[kind]

    def _made(self, kind: str) -> Iterator[Entry]:
        return filter(None, map(self._entry, self._screened.get(kind, ())))

    def _entry(self, resource: Screened) -> Entry | None:
        """The entry of a resource, its doubts added to the others; none where it cannot be read."""
        try:
            read = read_resource(resource.raw, resource.type, self.version)
            if element := self._lost_in(read, resource.type):
                raise UnreadableResource(element)
        except UnreadableResource as error:
            self._unreadable(resource, f"{error} is not as FHIR {self.version.value} has it")
            return None
        adapter = self._adapter or self._new_adapter()
        entry = adapter.entry(resource.type, read, _name(resource))
        self._doubts.extend(_doubts_of(entry, any_unconfirmed=adapter.concepts.any_unconfirmed))
        return entry

    def _lost_in(self, read: Any, kind: str) -> str:
        """The element of a resource that its models accept and that says nothing."""
        strange = strange_status(read, kind)
        return unnamed_in(read, self.terminology) if kind == "Condition" and not strange else strange

    def _observation(self, resource: Screened) -> Observation | None:
        entry = self._entry(resource)
        return entry if isinstance(entry, Observation) else None

    def _new_adapter(self) -> Adapter:
        medications: dict[str, Concept] = {}
        self._adapter = Adapter(self.terminology, medications)
        for resource in self._screened.get("Medication", ()):
            try:
                model = validate(resource.raw, self.version)
            except UnreadableResource as error:
                self._unusable.append(Unusable(_name(resource), f"{error} is not as FHIR {self.version.value} has it"))
                continue
            names = names_of(resource.type, resource.id, resource.full_url)
            medications |= dict.fromkeys(names, self._adapter.concepts.substance(model))
        return self._adapter

    def _unreadable(self, resource: Screened, reason: str) -> None:
        self._unusable.append(Unusable(_name(resource), reason))
        about = resource.value_sets or value_sets_of(resource.raw, self.terminology)
        self._doubts.append(Doubt(_name(resource), about, reason))
        if resource.type == "Observation" and resource.sets_are_sure:
            return
        for kind in [resource.type] if resource.type else list(self._searches):
            self._searches[kind] = Search(False, f"{_name(resource)} could not be read")


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


def _doubts_of(entry: Entry, *, any_unconfirmed: bool) -> Iterator[Doubt]:
    """What is in doubt of an entry; that a code was seen in one source only where any code was."""
    if entry.__class__ is Observation and entry.status in FINAL and (lost := entry.unexplained()):
        yield Doubt(entry.reference, lost, _WITHOUT_VALUE)
    if open_ := of_unknown_status(entry):
        yield Doubt(entry.reference, open_, _STATUS_NOT_KNOWN)
    if any_unconfirmed and (doubted := unconfirmed_in(entry)):
        yield Doubt(entry.reference, doubted, _OF_ONE_SOURCE)


def _distinct(resources: Sequence[Screened]) -> Iterable[Screened]:
    """The first of those that have the same type and id."""
    names = [(resource.type, resource.id or number) for number, resource in enumerate(resources)]
    if len(set(names)) == len(names):
        return resources
    first: dict[tuple[str, str | int], Screened] = {}
    for name, resource in zip(names, resources, strict=True):
        first.setdefault(name, resource)
    return first.values()


def _name(resource: Screened) -> str:
    """`Condition/123`, by its address where it has no id, or the type alone where it has neither."""
    name = resource.id or last_part(resource.full_url)
    return f"{resource.type}/{name}" if name else resource.type or "a resource without type"
