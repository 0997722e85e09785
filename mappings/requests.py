"""Requests as clients save them: a new draft, and a draft with another code, in the shape of R4 or R5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.codes import Coding

# The element that says what is ordered.
_CODES = {"ServiceRequest": "code", "MedicationRequest": "medicationCodeableConcept"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for: the type that orders it in R4, its code and words, and the category of the request."""

    kind: str
    code: Coding
    words: str
    category: str


def ordering(kind: str, code: Coding, words: str) -> dict[str, Any]:
    """A draft as R4 has it that says only what is ordered: not for whom, nor why."""
    concept = _concept(code, words)
    return {"resourceType": kind, "status": "draft", "intent": "order", _CODES[kind]: concept}


def new_request(wanted: Wanted, patient_id: str, reason: str) -> dict[str, Any]:
    """A draft for a patient as R4 has it; `reason` is the reference of a problem, or empty."""
    drafted = ordering(wanted.kind, wanted.code, wanted.words)
    request = {**drafted, "category": [{"text": wanted.category}], "subject": _subject(patient_id)}
    return {**request, "reasonReference": [{"reference": reason}]} if reason else request


def as_r5(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request of R4 as R5 has it: what is ordered, and why, is a concept or a reference."""
    return dict(_element_of_r5(name, value) for name, value in request.items())


def with_code(request: Mapping[str, Any], order: Coding, patient_id: str) -> dict[str, Any]:
    """A ServiceRequest that orders something else, in the version that it is written in, with what FHIR demands."""
    code, stated = _concept(order, order.display), request.get("code")
    in_concept = isinstance(stated, dict) and "concept" in stated
    return {**_completed(request, patient_id), "code": {"concept": code} if in_concept else code}


def _concept(order: Coding, words: str) -> dict[str, Any]:
    return {"coding": [order.as_json()], "text": words}


def _subject(patient_id: str) -> dict[str, str]:
    return {"reference": f"Patient/{patient_id}"}


def _completed(request: Mapping[str, Any], patient_id: str) -> dict[str, Any]:
    if request["resourceType"] != "ServiceRequest":
        return dict(request)
    demanded = {"status": "draft", "intent": "order", "subject": _subject(patient_id)}
    return {**request, **{key: value for key, value in demanded.items() if not request.get(key)}}


def _element_of_r5(name: str, value: Any) -> tuple[str, Any]:
    match name:
        case "code":
            return name, {"concept": value}
        case "medicationCodeableConcept":
            return "medication", {"concept": value}
        case "reasonReference":
            return "reason", [{"reference": reason} for reason in value]
        case _:
            return name, value
