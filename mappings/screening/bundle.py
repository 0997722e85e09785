"""Bundles cut up: their resources are left as bytes, which are no copies but parts of the request."""

from __future__ import annotations

import msgspec

NOTHING = msgspec.Raw()
UNDECODABLE = (msgspec.DecodeError, RecursionError)


class _Search(msgspec.Struct, gc=False):
    mode: str | None = None


class _Link(msgspec.Struct, gc=False):
    relation: str | None = None
    url: str | None = None


class BundleEntry(msgspec.Struct, gc=False):
    """One entry of a Bundle."""

    resource: msgspec.Raw = NOTHING
    fullUrl: str | None = None
    search: _Search | None = None


class Bundle(msgspec.Struct, gc=False):
    """A Bundle cut up: its resources are left as bytes, which are no copies but parts of the request."""

    resourceType: str | None = None
    entry: list[BundleEntry | None] | msgspec.UnsetType | None = msgspec.UNSET
    link: list[_Link | None] | None = None
    total: int | None = None
    type: str | None = None


class Value(Bundle, gc=False):
    """A value of a prefetch: a Bundle, or a Patient, of whom nothing is read but who it is and since when."""

    id: msgspec.Raw = NOTHING
    birthDate: msgspec.Raw = NOTHING

    def as_patient(self) -> bytes:
        """The Patient with what is read of it."""
        said = [b'"%s":%s' % (n, bytes(r)) for n, r in ((b"id", self.id), (b"birthDate", self.birthDate)) if r]
        return b"{%s}" % b",".join([b'"resourceType":"Patient"', *said])


class LooseBundle(msgspec.Struct, gc=False):
    """A Bundle of which a part may be no FHIR: its entries as they are, its total if it is one."""

    resourceType: str | None = None
    entry: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    link: list[_Link | None] | None = None
    total: msgspec.Raw = NOTHING
    type: str | None = None


BUNDLE = msgspec.json.Decoder(Bundle)
LOOSE_BUNDLE = msgspec.json.Decoder(LooseBundle)
ENTRY = msgspec.json.Decoder(BundleEntry)
