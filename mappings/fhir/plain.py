"""Plain resources: what has only the elements and spellings that nearly all have needs no model to be read.

A resource is plain where it decodes strictly: every element that is read has its R4 type, is written as FHIR wants it,
and has nothing beside it that is not listed here. Such a resource `fhir.resources` would accept, and the entry made of
it would be the same; tests hold both. Whatever is not plain is judged by `fhir.resources` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mappings.fhir.plain_shapes import SHAPES

_BLANKS = b" \t\r\n"
_BRACKETS = bytes.maketrans(b"[]", b"{}")
_DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(s) for kind, s in SHAPES.items()}


class NotPlain(Exception):
    """The resource has something that only a model can judge."""


def read_plain(raw: bytes, kind: str) -> Any:
    """The resource, with the elements that are read as attributes, as a model has them; raises NotPlain."""
    decoder = _DECODERS.get(kind)
    find = raw.translate(_BRACKETS, _BLANKS).find
    if decoder is None or find(b"null") >= 0 or find(b"{}") >= 0:
        raise NotPlain  # null is no FHIR, nor is anything empty; both were lost on the way
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise NotPlain from None
