"""The entries of a Bundle as far as they can be decoded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from mappings.screening.glance import GLANCE, UNDECODABLE, BundleEntry, Glance, resource_type
from mappings.screening.types import type_name


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An entry of a Bundle: where it could not be decoded, without a resource."""

    resource: Glance | None
    entry: BundleEntry

    @property
    def type(self) -> str:
        """Its resource type, or nothing where it names none."""
        resource = self.resource
        return type_name(resource.resourceType if resource is not None else resource_type(self.entry.resource))


def seen_in(entries: Sequence[BundleEntry]) -> list[Seen]:
    """All of them in one go, and one by one only where one of them cannot be decoded."""
    try:
        resources: Iterable[Glance | None] = list(map(GLANCE.decode, [entry.resource for entry in entries]))
    except UNDECODABLE:
        resources = map(_glance, entries)
    return list(map(Seen, resources, entries))


def types_of(held: Iterable[Seen]) -> set[str]:
    """The types that the resources name, and of each that could not be decoded the one that it may name."""
    named = {seen.resource.resourceType for seen in held if seen.resource is not None}
    return {*map(type_name, named), *(seen.type for seen in held if seen.resource is None)}


def _glance(entry: BundleEntry) -> Glance | None:
    try:
        return GLANCE.decode(entry.resource)
    except UNDECODABLE:
        return None
