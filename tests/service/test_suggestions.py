"""Accepting a suggestion and asking again removes the gap, for every suggestion that any patient's cards make."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import load_settings

PATIENTS = Path(__file__).parents[2] / "fixtures" / "patients"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
# Orders as an EHR drafts them: a procedure, test or drug that some guard looks at.
PROCEDURES = {
    "mucosal-resection": (SNOMED, "771569004"),
    "pancreatoduodenectomy": (SNOMED, "116241004"),
    "transduodenal-excision": (SNOMED, "709192002"),
    "distal-pancreatectomy": (SNOMED, "401004"),
    "gastrectomy": (SNOMED, "53442002"),
    "ileectomy": (SNOMED, "51346007"),
    "receptor-scintigraphy": ("http://loinc.org", "81547-2"),
    "ct-abdomen": ("http://loinc.org", "36813-4"),
    "chromogranin-a": ("http://loinc.org", "9811-1"),
}
DRUGS = {"octreotide": "7617", "lutetium": "1999687", "carboplatin": "40048", "capecitabine": "194000"}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"})).test_client()


def cards(client: FlaskClient, request: dict[str, Any], service: str) -> list[dict[str, Any]]:
    response = client.post(f"/cds-services/{service}", json=request)
    assert response.status_code == 200, response.json
    return list(response.json["cards"])


def requests_of_all_patients() -> Iterator[tuple[str, dict[str, Any], str]]:
    for folder in sorted(PATIENTS.iterdir()):
        request = json.loads((folder / "request.json").read_text())
        yield folder.name, request, "net-patient-view"
        for name, draft in drafts(request["context"]["patientId"]):
            yield f"{folder.name}: {name}", ordering(request, draft), "net-order-select"


def drafts(patient: str) -> Iterator[tuple[str, dict[str, Any]]]:
    subject = {"reference": f"Patient/{patient}"}
    for name, (system, code) in PROCEDURES.items():
        coding = {"coding": [{"system": system, "code": code}]}
        yield name, draft("ServiceRequest", {"code": coding, "subject": subject})
    for name, code in DRUGS.items():
        coding = {"coding": [{"system": RXNORM, "code": code}]}
        yield name, draft("MedicationRequest", {"medicationCodeableConcept": coding, "subject": subject})


def draft(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": kind, "id": "draft-1", "status": "draft", "intent": "order", **content}


def ordering(request: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(request)
    changed["hook"] = "order-select"
    changed["context"]["selections"] = [f"{order['resourceType']}/{order['id']}"]
    changed["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": order}]}
    return changed


def accepted(request: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    """The request as it would be after the EHR did what the action says."""
    changed = copy.deepcopy(request)
    context = changed["context"]
    if action["type"] == "create":
        orders = changed["prefetch"].setdefault("orders", {"resourceType": "Bundle", "type": "searchset"})
        orders.setdefault("entry", []).append({"resource": {**action["resource"], "id": "accepted-1"}})
        orders["total"] = len(orders["entry"])
    if action["type"] == "delete":
        context["selections"] = [s for s in context["selections"] if s != action["resourceId"]]
        context["draftOrders"]["entry"] = []
    if action["type"] == "update":
        context["draftOrders"]["entry"] = [{"resource": action["resource"]}]
    return changed


def suggestions(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for card in found:
        yield from card.get("suggestions", ())


@pytest.fixture(scope="module")
def all_suggestions(client: FlaskClient) -> list[tuple[str, dict[str, Any], str, dict[str, Any]]]:
    return [
        (name, request, service, suggestion)
        for name, request, service in requests_of_all_patients()
        for suggestion in suggestions(cards(client, request, service))
    ]


def test_every_kind_of_suggestion_is_made_somewhere(all_suggestions: list[Any]) -> None:
    types = {suggestion["actions"][0]["type"] for _, _, _, suggestion in all_suggestions}

    assert types == {"create", "delete", "update"}


def test_a_suggestion_has_one_action_and_is_not_chosen_beforehand(all_suggestions: list[Any]) -> None:
    odd = [s for _, _, _, s in all_suggestions if len(s["actions"]) != 1 or s.get("isRecommended")]

    assert odd == []


def test_what_is_created_is_a_valid_service_request_for_the_patient(all_suggestions: list[Any]) -> None:
    created = [
        (request["context"]["patientId"], suggestion["actions"][0]["resource"])
        for _, request, _, suggestion in all_suggestions
        if suggestion["actions"][0]["type"] == "create"
    ]

    for patient, resource in created:
        assert ServiceRequest.model_validate(resource).subject.reference == f"Patient/{patient}"


def test_accepting_a_suggestion_and_asking_again_removes_it(client: FlaskClient, all_suggestions: list[Any]) -> None:
    distinct = {(s["label"], s["actions"][0]["type"]): (n, r, v, s) for n, r, v, s in all_suggestions}

    still_there = []
    for name, request, service, suggestion in distinct.values():
        after = cards(client, accepted(request, suggestion["actions"][0]), service)
        if suggestion["uuid"] in {s["uuid"] for s in suggestions(after)}:
            still_there.append((name, suggestion["label"]))

    assert still_there == []


def test_no_suggestion_creates_a_treatment(all_suggestions: list[Any]) -> None:
    treatments = {code for _, code in list(PROCEDURES.values())[:6]} | set(DRUGS.values())
    created = [
        coding["code"]
        for _, _, _, suggestion in all_suggestions
        if suggestion["actions"][0]["type"] == "create"
        for coding in suggestion["actions"][0]["resource"]["code"]["coding"]
    ]

    assert treatments.isdisjoint(created)
