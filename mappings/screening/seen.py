"""The entries of a Bundle as far as they can be decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from mappings.screening.bundle import UNDECODABLE, BundleEntry
from mappings.screening.glance import GLANCE, Glance
from mappings.screening.types import named_type

_resource = attrgetter("resource")


@dataclass(frozen=True, slots=True)
class Undecoded:
    """A resource that could not be decoded, or is of a type that nobody reads: the type that it names, if any."""

    type: str


Resource = Glance | Undecoded
Pair = tuple[Resource, BundleEntry]


@dataclass(frozen=True, slots=True)
class Seen:
    """Entries, the resource of each, and the types that they name."""

    resources: Sequence[Resource]
    entries: Sequence[BundleEntry]
    types: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        kinds = set(map(type, self.resources))
        named = {kind.__name__ for kind in kinds if kind is not Undecoded}
        if Undecoded in kinds:
            named.update(resource.type for resource in self.resources if isinstance(resource, Undecoded))
        object.__setattr__(self, "types", frozenset(named))

    def pairs(self) -> Iterator[Pair]:
        """Each resource with its entry."""
        return zip(self.resources, self.entries, strict=True)

    def of_type(self, kind: str) -> list[Pair]:
        """Those that name a type."""
        return [pair for pair in self.pairs() if type_of(pair[0]) == kind] if kind in self.types else []

    def without(self, kind: str) -> Seen:
        """Those that do not name a type."""
        if kind not in self.types:
            return self
        others = [pair for pair in self.pairs() if type_of(pair[0]) != kind]
        return Seen([resource for resource, _ in others], [entry for _, entry in others])


def seen_in(entries: Sequence[BundleEntry]) -> Seen:
    """All of them in one go, and one by one only where one of them cannot be decoded."""
    try:
        return Seen(list(map(GLANCE.decode, map(_resource, entries))), entries)
    except UNDECODABLE:
        return Seen(list(map(_glance, entries)), entries)


def type_of(resource: Resource) -> str:
    """The type of a resource, or nothing where it names none."""
    return resource.type if isinstance(resource, Undecoded) else resource.__class__.__name__


def _glance(entry: BundleEntry) -> Resource:
    try:
        return GLANCE.decode(entry.resource)
    except UNDECODABLE:
        return Undecoded(named_type(entry.resource))
