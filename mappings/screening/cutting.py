"""Bundles cut up in one pass where all is as usual, else entry by entry: what is misshapen spoils no neighbour."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from mappings.sampling import estimate
from mappings.screening.bundle import AnyBundle, Bundle, BundleEntry, Resource, SearchEntry
from mappings.screening.glance import UNDECODABLE
from mappings.screening.types import named_type
from mappings.screening.unread import Undecoded

_NULL = Raw(b"null")
# A glance takes more memory than the smallest of resources, so that a body of these is counted before.
_LARGE = 2_000_000
_MANY = 40_000
# The type of a resource, and the letters of one who writes it so that nobody may find it.
_TYPED = (b'"resourceType"', b"\\u004", b"\\u005", b"\\u006", b"\\u007")


class _LooseEntry(msgspec.Struct, gc=False):
    resource: Raw = _NULL
    fullUrl: str | None = None
    search: SearchEntry | None = None


BUNDLE = msgspec.json.Decoder(Bundle[BundleEntry])
_LOOSE_BUNDLE = msgspec.json.Decoder(Bundle[Raw])
_ENTRY = msgspec.json.Decoder(BundleEntry)
_LOOSE_ENTRY = msgspec.json.Decoder(_LooseEntry)
_RESOURCE: msgspec.json.Decoder[Resource] = msgspec.json.Decoder(Resource)


def is_crowded(body: bytes | bytearray | Raw) -> bool:
    """Whether a body has so many resources that their glances would take many times its size."""
    return len(body) > _LARGE and estimate(body, *_TYPED) > _MANY


def cut_up(value: bytes | Raw) -> AnyBundle | None:
    """A value with what it holds as a Bundle; none where nothing of it can be told."""
    if not is_crowded(value):
        try:
            return BUNDLE.decode(value)
        except UNDECODABLE:
            pass
    try:
        return _LOOSE_BUNDLE.decode(value)
    except UNDECODABLE:
        return None


def entries_of(bundle: AnyBundle) -> Sequence[BundleEntry]:
    """The entries of a Bundle; one that is none has lost its resource."""
    held = bundle.entry or []
    if held and isinstance(held[0], Raw):
        return [_entry(raw) for raw in held]
    return held


def resource_in(raw: Raw) -> Resource:
    """The glance at a resource."""
    try:
        return _RESOURCE.decode(raw)
    except UNDECODABLE:
        return _undecoded(raw)


def _undecoded(raw: Raw) -> Undecoded:
    return Undecoded(named_type(raw), raw)


def _entry(raw: Raw) -> BundleEntry:
    try:
        return _ENTRY.decode(raw)
    except UNDECODABLE:
        pass
    try:
        held = _LOOSE_ENTRY.decode(raw)
    except UNDECODABLE:
        return BundleEntry(Undecoded("", _NULL))
    return BundleEntry(_undecoded(held.resource), held.fullUrl, held.search)  # all else of the entry can be decoded
