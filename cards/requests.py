"""Requests in the shape of R5, for clients whose charts or drafts are written so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_r5(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request of R4 as R5 has it: what is ordered, and why, is a concept or a reference."""
    return dict(_element(name, value) for name, value in request.items())


def _element(name: str, value: Any) -> tuple[str, Any]:
    match name:
        case "code":
            return name, {"concept": value}
        case "medicationCodeableConcept":
            return "medication", {"concept": value}
        case "reasonReference":
            return "reason", [{"reference": reason} for reason in value]
        case _:
            return name, value
