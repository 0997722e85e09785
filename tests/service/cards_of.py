"""A small chart that gives a work-up card, and the posts that clients make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient

from service.services import PREFETCH_KEYS

SERVICE = "net-patient-view"
FEEDBACK = f"/cds-services/{SERVICE}/feedback"
_EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}


def diagnosis(patient: str) -> dict[str, Any]:
    """An active duodenal neuroendocrine tumour."""
    return {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C7A.010"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "recordedDate": "2026-09-01",
    }


def ki67(patient: str, percent: float) -> dict[str, Any]:
    """A Ki-67 index."""
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-09-10",
        "valueQuantity": {"value": percent, "code": "%", "unit": "%", "system": "http://unitsofmeasure.org"},
    }


def hook_request(hook_instance: str, patient: str = "p1", *observations: Mapping[str, Any]) -> dict[str, Any]:
    """The opening of a chart with a diagnosis and next to nothing done."""
    found = {"resourceType": "Bundle", "type": "searchset"}
    prefetch = dict.fromkeys(PREFETCH_KEYS.values(), _EMPTY) | {
        "patient": {"resourceType": "Patient", "id": patient},
        "conditions": found | {"entry": [{"resource": diagnosis(patient)}]},
        "observations": found | {"entry": [{"resource": resource} for resource in observations]},
    }
    return {
        "hook": "patient-view",
        "hookInstance": hook_instance,
        "context": {"userId": "Practitioner/1", "patientId": patient},
        "prefetch": prefetch,
    }


def cards_of(client: FlaskClient, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cards that a chart gets."""
    answer = client.post(f"/cds-services/{SERVICE}", json=request)
    assert answer.status_code == 200
    cards: list[dict[str, Any]] = answer.get_json()["cards"]
    return cards


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
