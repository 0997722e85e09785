"""Drafts read without judging their shape: clients send orders half filled in, and an order is guarded all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any


def read_loosely(resource: Mapping[str, Any]) -> SimpleNamespace:
    """The elements of an order that adapters read; one that is missing or misshapen is as if it were not there."""
    concept = read_concept(resource.get("medicationCodeableConcept"))
    reference = _reference(resource.get("medicationReference"))
    return SimpleNamespace(
        status=_text(resource.get("status")) or "draft",
        intent=_text(resource.get("intent")),
        doNotPerform=resource.get("doNotPerform") is True,
        code=read_concept(resource.get("code")),
        authoredOn=_text(resource.get("authoredOn")),
        occurrenceDateTime=_text(resource.get("occurrenceDateTime")),
        dosageInstruction=(),
        contained=[read_medication(part) for part in _each(resource.get("contained"))],
        medicationCodeableConcept=concept if concept is not None and (concept.coding or not reference) else None,
        medicationReference=reference,
        medication=read_concept(resource.get("medication")),
    )


def read_concept(stated: object) -> SimpleNamespace | None:
    """A CodeableConcept or R5 CodeableReference, its codings those that have a code; bare text is its text."""
    if isinstance(stated, str):
        return SimpleNamespace(coding=[], text=_text(stated), concept=None, reference=None)
    parts = list(_each(stated))
    if not parts:
        return None
    return SimpleNamespace(
        coding=[coding for part in parts for coding in _codings(part)],
        text=next((text for part in parts if (text := _text(part.get("text")))), ""),
        concept=next((concept for part in parts if (concept := read_concept(part.get("concept")))), None),
        reference=next((reference for part in parts if (reference := _reference(part.get("reference")))), None),
    )


def read_medication(resource: Mapping[str, Any]) -> SimpleNamespace:
    """What stands in for a Medication: its code and its ingredients."""
    parts = [
        SimpleNamespace(itemCodeableConcept=read_concept(part.get("itemCodeableConcept") or part.get("item")))
        for part in _each(resource.get("ingredient"))
    ]
    return SimpleNamespace(id=_text(resource.get("id")), code=read_concept(resource.get("code")), ingredient=parts)


def _codings(concept: Mapping[str, Any]) -> Iterator[SimpleNamespace]:
    for coding in _each(concept.get("coding")):
        code = coding.get("code")
        written = str(code) if isinstance(code, int) and not isinstance(code, bool) else _text(code)
        if written:
            yield SimpleNamespace(
                system=_text(coding.get("system")), code=written, display=_text(coding.get("display"))
            )


def _reference(stated: object) -> SimpleNamespace | None:
    target = stated.get("reference") if isinstance(stated, Mapping) else stated
    return SimpleNamespace(reference=_text(target)) if _text(target) else None


def _each(stated: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list, or the one that stands where the standard has a list."""
    for part in stated if isinstance(stated, list) else [stated]:
        if isinstance(part, Mapping):
            yield part


def _text(stated: object) -> str:
    return stated.strip() if isinstance(stated, str) else ""
