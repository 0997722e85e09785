"""The entries of a Bundle by the types that their resources name."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import force_setattr

from mappings.screening.bundle import BundleEntry, Resource
from mappings.screening.unread import Undecoded


class Seen(msgspec.Struct, frozen=True, gc=False):
    """Entries, and the types that their resources name."""

    entries: Sequence[BundleEntry]
    types: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        kinds = {entry.resource.__class__ for entry in self.entries}
        named = {kind.__name__ for kind in kinds if kind is not Undecoded}
        if Undecoded in kinds:
            named.update(entry.resource.type for entry in self.entries if isinstance(entry.resource, Undecoded))
        force_setattr(self, "types", frozenset(named))

    def of_type(self, kind: str) -> list[BundleEntry]:
        """Those that name a type."""
        return [entry for entry in self.entries if type_of(entry.resource) == kind] if kind in self.types else []

    def without(self, kind: str) -> Seen:
        """Those that do not name a type."""
        if kind not in self.types:
            return self
        return Seen([entry for entry in self.entries if type_of(entry.resource) != kind])


def type_of(resource: Resource) -> str:
    """The type of a resource, or nothing where it names none."""
    return resource.type if isinstance(resource, Undecoded) else resource.__class__.__name__
