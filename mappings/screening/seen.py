"""The entries of a Bundle as far as they can be decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from mappings.screening.bundle import UNDECODABLE, BundleEntry
from mappings.screening.glance import GLANCE, Glance
from mappings.screening.types import named_type

Pair = tuple[Glance | None, BundleEntry]
_resource = attrgetter("resource")


@dataclass(frozen=True, slots=True)
class Seen:
    """Entries, the resource of each, and the types that they name.

    A resource is none where it could not be decoded, or is of a type that nobody reads.
    """

    resources: Sequence[Glance | None]
    entries: Sequence[BundleEntry]
    types: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        kinds = set(map(type, self.resources))
        named = {kind.__name__ for kind in kinds if kind is not type(None)}
        if type(None) in kinds:
            named.update(named_type(entry.resource) for resource, entry in self.pairs() if resource is None)
        object.__setattr__(self, "types", frozenset(named))

    def pairs(self) -> Iterator[Pair]:
        """Each resource with its entry."""
        return zip(self.resources, self.entries, strict=True)

    def of_type(self, kind: str) -> list[Pair]:
        """Those that name a type."""
        return [pair for pair in self.pairs() if type_of(*pair) == kind] if kind in self.types else []

    def without(self, kind: str) -> Seen:
        """Those that do not name a type."""
        if kind not in self.types:
            return self
        others = [pair for pair in self.pairs() if type_of(*pair) != kind]
        return Seen([resource for resource, _ in others], [entry for _, entry in others])


def seen_in(entries: Sequence[BundleEntry]) -> Seen:
    """All of them in one go, and one by one only where one of them cannot be decoded."""
    try:
        return Seen(list(map(GLANCE.decode, map(_resource, entries))), entries)
    except UNDECODABLE:
        return Seen(list(map(_glance, entries)), entries)


def type_of(resource: Glance | None, entry: BundleEntry) -> str:
    """The resource type of an entry, or nothing where it names none."""
    return named_type(entry.resource) if resource is None else resource.__class__.__name__


def _glance(entry: BundleEntry) -> Glance | None:
    try:
        return GLANCE.decode(entry.resource)
    except UNDECODABLE:
        return None
