"""From screened resources to entries: what could not be used of them, and what is in doubt, is kept and named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.entries import Concept, Entry, Observation, of_unknown_status, unconfirmed_in
from mappings.fhir.adapt import Adapter
from mappings.fhir.models import FhirVersion, UnreadableResource, read_resource, validate
from mappings.fhir.statuses import strange_status
from mappings.references import last_part, names_of
from mappings.screening.page import FOREIGN, LACKING, UNREADABLE, Screened
from mappings.screening.relevance import unnamed_in
from mappings.screening.unreadable import value_sets_of
from mappings.search import Search
from mappings.statuses import FINAL
from mappings.value_sets import Terminology


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


_OF_ONE_SOURCE = "its code was seen in one source only; the site's own file can confirm it"
_WITHOUT_VALUE = "it, or a part of it, has no value or no name, and does not say why"
_STATUS_NOT_KNOWN = "its status is stated as not known"


class EntryMaker:
    """Makes the entries of one record, and keeps what came of it.

    `unusable` is what could not be used so far, `doubts` what nobody can rely on; a resource that could not be read
    leaves its search incomplete. An observation that says of what it is leaves it complete: it is a doubt about its own
    value sets and no others.
    """

    def __init__(
        self,
        medications: Sequence[Screened],
        searches: Mapping[str, Search],
        terminology: Terminology,
        version: FhirVersion,
    ) -> None:
        self.searches = dict(searches)
        self.unusable: list[Unusable] = []
        self.doubts: list[Doubt] = []
        self._medications = medications
        self._terminology = terminology
        self._version = version
        self._adapter: Adapter | None = None

    def entry(self, resource: Screened) -> Entry | None:
        """The entry of a resource, its doubts added to the others; none where it cannot be read."""
        try:
            read = read_resource(resource.raw, resource.type, self._version)
            if element := self._lost_in(read, resource.type):
                raise UnreadableResource(element)
        except UnreadableResource as error:
            self._unreadable(resource, f"{error} is not as FHIR {self._version.value} has it")
            return None
        adapter = self._adapter or self._new_adapter()
        entry = adapter.entry(resource.type, read, _name(resource))
        self.doubts.extend(_doubts_of(entry, any_unconfirmed=adapter.concepts.any_unconfirmed))
        return entry

    def observation(self, resource: Screened) -> Observation | None:
        """The entry of an Observation; none where it cannot be read."""
        entry = self.entry(resource)
        return entry if isinstance(entry, Observation) else None

    def leave_out(self, resource: Screened) -> None:
        """Names a resource of which screening kept nothing."""
        if resource.fate is UNREADABLE:
            self._unreadable(resource, "its structure is not FHIR")
        elif resource.fate is LACKING:
            self._unreadable(resource, "has no subject or status, though others of its list have")
        elif resource.fate is FOREIGN:
            self.unusable.append(Unusable(_name(resource), "belongs to another patient and was left out"))

    def _lost_in(self, read: Any, kind: str) -> str:
        """The element of a resource that its models accept and that says nothing."""
        strange = strange_status(read, kind)
        return unnamed_in(read, self._terminology) if kind == "Condition" and not strange else strange

    def _new_adapter(self) -> Adapter:
        medications: dict[str, Concept] = {}
        self._adapter = Adapter(self._terminology, medications)
        for resource in self._medications:
            try:
                model = validate(resource.raw, self._version)
            except UnreadableResource as error:
                self.unusable.append(Unusable(_name(resource), f"{error} is not as FHIR {self._version.value} has it"))
                continue
            names = names_of(resource.type, resource.id, resource.full_url)
            medications |= dict.fromkeys(names, self._adapter.concepts.substance(model))
        return self._adapter

    def _unreadable(self, resource: Screened, reason: str) -> None:
        self.unusable.append(Unusable(_name(resource), reason))
        about = resource.value_sets or value_sets_of(resource.raw, self._terminology)
        self.doubts.append(Doubt(_name(resource), about, reason))
        if resource.type == "Observation" and resource.sets_are_sure:
            return
        for kind in [resource.type] if resource.type else list(self.searches):
            self.searches[kind] = Search(False, f"{_name(resource)} could not be read")


def _doubts_of(entry: Entry, *, any_unconfirmed: bool) -> Iterator[Doubt]:
    """What is in doubt of an entry; that a code was seen in one source only where any code was."""
    if entry.__class__ is Observation and entry.status in FINAL and (lost := entry.unexplained()):
        yield Doubt(entry.reference, lost, _WITHOUT_VALUE)
    if open_ := of_unknown_status(entry):
        yield Doubt(entry.reference, open_, _STATUS_NOT_KNOWN)
    if any_unconfirmed and (doubted := unconfirmed_in(entry)):
        yield Doubt(entry.reference, doubted, _OF_ONE_SOURCE)


def _name(resource: Screened) -> str:
    """`Condition/123`, by its address where it has no id, or the type alone where it has neither."""
    name = resource.id or last_part(resource.full_url)
    return f"{resource.type}/{name}" if name else resource.type or "a resource without type"
