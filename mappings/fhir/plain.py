"""Plain resources: what has only the elements and spellings that nearly all have needs no model to be read.

A resource is plain where it decodes strictly: every element that is read has its R4 type, is written as FHIR wants it,
and has nothing beside it that is not listed here. Such a resource `fhir.resources` would accept, and the entry made of
it would be the same; tests hold both. Whatever is not plain is judged by `fhir.resources` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mappings.fhir.plain_shapes import REPEATED, SHAPES

_BLANKS = b" \t\r\n"
_DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(s) for kind, s in SHAPES.items()}
_REPEATED: Mapping[str, msgspec.json.Decoder[Any]] = {name: msgspec.json.Decoder(s) for name, s in REPEATED.items()}


class NotPlain(Exception):
    """The resource has something that only a model can judge."""


class Parts:
    """The elements that the observations of one record repeat, each decoded once; never shared between records."""

    def __init__(self) -> None:
        self._decoded: dict[tuple[str, bytes], Any] = {}

    def put_into(self, observation: Any) -> None:
        """Puts what was left raw in its place; raises msgspec.DecodeError where it is not plain."""
        for name, decoder in _REPEATED.items():
            written = bytes(getattr(observation, name))
            key = (name, written)
            if key not in self._decoded:
                self._decoded[key] = decoder.decode(written) if written else None
            setattr(observation, name, self._decoded[key])


def read_plain(raw: bytes, kind: str, parts: Parts) -> Any:
    """The resource, with the elements that are read as attributes, as a model has them; raises NotPlain."""
    decoder = _DECODERS.get(kind)
    packed = raw.translate(None, _BLANKS)
    if decoder is None or b"null" in packed or b"{}" in packed or b"[]" in packed:
        raise NotPlain  # null is no FHIR, nor is anything empty; both were lost on the way
    try:
        resource = decoder.decode(raw)
        if kind == "Observation":
            parts.put_into(resource)
    except (msgspec.DecodeError, RecursionError):
        raise NotPlain from None
    return resource
