"""A small chart that gives a work-up card, and the feedback that clients send on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from hook_answers import cards_of
from hook_requests import VIEW, chart, condition, context, request, search

FEEDBACK = f"{VIEW}/feedback"


def opening(hook_instance: str, patient: str = "p1", *observations: Mapping[str, Any]) -> dict[str, Any]:
    """The opening of a chart with a diagnosis and next to nothing done."""
    own = {"resourceType": "Patient", "id": patient}
    diagnosis = condition(subject={"reference": f"Patient/{patient}"})
    prefetch = chart(patient=own, conditions=search(diagnosis), observations=search(*observations))
    return request(prefetch, hookInstance=hook_instance, context=context(patientId=patient))


def work_up_of(client: FlaskClient, request: Mapping[str, Any]) -> dict[str, Any]:
    """The work-up card that a chart gets."""
    return next(
        card for card in cards_of(client, request) if card["extension"]["org.hoofbeats.card"]["kind"] == "work-up"
    )


def overridden(card: Any, /, **changes: Any) -> dict[str, Any]:
    """An entry that says a card was overridden; a change to None leaves the element out."""
    entry = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-20T10:00:00Z"} | changes
    return {key: value for key, value in entry.items() if value is not None}


def accepted(card: str, *suggestions: str) -> dict[str, Any]:
    """An entry that says suggestions of a card were accepted."""
    return {
        "card": card,
        "outcome": "accepted",
        "outcomeTimestamp": "2026-11-20T10:00:00Z",
        "acceptedSuggestions": [{"id": suggestion} for suggestion in suggestions],
    }


def written_down(client: FlaskClient) -> None:
    """Waits until the service has written down its answers."""
    client.application.extensions["hoofbeats.journal"].flush()
