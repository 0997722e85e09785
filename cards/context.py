"""What a card needs to know of the call that it answers, and how its identity is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

EXTENSION = "org.hoofbeats.card"


@dataclass(frozen=True, slots=True)
class CardContext:
    """Whose card it is, which call it answers, what could not be used, where our pages are, whether it is in R5."""

    service: str
    hook_instance: str
    patient_id: str
    problems: Sequence[str]
    base_url: str = ""
    is_r5: bool = False


def card_uuid(context: CardContext, what: str) -> str:
    """The identity of a card or suggestion: the same for the same call, another for any other."""
    return str(uuid5(NAMESPACE_URL, f"{EXTENSION}/{context.hook_instance}/{context.service}/{what}"))


def proof_of(card: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a card says as data of how it came about; nothing where it is none of ours."""
    extension = card.get("extension")
    proof = extension.get(EXTENSION) if isinstance(extension, dict) else None
    return proof if isinstance(proof, dict) else {}
