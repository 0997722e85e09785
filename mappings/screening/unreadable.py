"""What an unreadable resource may be of, by whatever of its codes is left."""

from __future__ import annotations

from typing import Any, TypeGuard

import msgspec

from mappings.screening.glance import UNDECODABLE
from mappings.value_sets import Terminology


class _Loose(msgspec.Struct, gc=False):
    """The elements with codes of a resource of which nothing may be as FHIR has it."""

    code: Any = None
    component: Any = None
    extension: Any = None


_LOOSE = msgspec.json.Decoder(_Loose)


def value_sets_of(raw: bytes | msgspec.Raw, terminology: Terminology) -> frozenset[str]:
    """The value sets that an unreadable resource may be of, by its code, components and morphology; none where nobody
    can tell. A code that lost its system may be of any."""
    try:
        held = _LOOSE.decode(raw)
    except UNDECODABLE:
        return frozenset()
    beside = [part.get("code") for part in _objects(held.component)]
    beside += [extension.get("valueCodeableConcept") for extension in _objects(held.extension)]
    return frozenset().union(*(_of_loose(concept, terminology) for concept in (held.code, *beside)))


def _of_loose(concept: Any, terminology: Terminology) -> frozenset[str]:
    """Those of what should be a concept: by its codes, in any system where it names none; else by its text."""
    if not isinstance(concept, dict):
        return frozenset()
    if isinstance(concept.get("concept"), dict):
        concept = concept["concept"]
    codings = [(c.get("system"), c["code"].strip()) for c in _objects(concept.get("coding")) if _is_text(c.get("code"))]
    if codings:
        return frozenset().union(
            *(terminology.of_code(s, c) if _is_text(s) else terminology.of_bare_code(c) for s, c in codings)
        )
    text = concept.get("text")
    return terminology.of_text(text) if _is_text(text) else frozenset()


def _objects(elements: object) -> list[dict[str, Any]]:
    return [element for element in elements if isinstance(element, dict)] if isinstance(elements, list) else []


def _is_text(element: object) -> TypeGuard[str]:
    return isinstance(element, str) and bool(element)
