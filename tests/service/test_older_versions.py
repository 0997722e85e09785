"""A chart of STU3 or DSTU2 gets no card, and its client is told why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hook_answers import answer, unchecked

from service.cli import main

DIAGNOSIS = {
    "resourceType": "Condition",
    "id": "c1",
    "verificationStatus": "confirmed",
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C7A.010"}]},
}
STU3 = {**DIAGNOSIS, "clinicalStatus": "active", "subject": {"reference": "Patient/p1"}}
DSTU2 = {**DIAGNOSIS, "clinicalStatus": "active", "patient": {"reference": "Patient/p1"}}
R4 = {
    **DIAGNOSIS,
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "verificationStatus": {"coding": [{"code": "confirmed"}]},
    "subject": {"reference": "Patient/p1"},
}
OCTREOTIDE = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7617"}]}
OLD_ORDER = {"resourceType": "MedicationOrder", "id": "m1", "medicationCodeableConcept": OCTREOTIDE}


def request(hook: str, *conditions: dict[str, Any], **context: Any) -> dict[str, Any]:
    entry = [{"resource": condition} for condition in conditions]
    return {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": "p1", **context},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "p1"},
            "conditions": {"resourceType": "Bundle", "type": "searchset", "total": len(entry), "entry": entry},
        },
    }


def drafting(*conditions: dict[str, Any]) -> dict[str, Any]:
    drafts = {"resourceType": "Bundle", "entry": [{"resource": OLD_ORDER}]}
    return request("order-select", *conditions, selections=["MedicationOrder/m1"], draftOrders=drafts)


def said_without_cards(client: FlaskClient, body: dict[str, Any]) -> list[str]:
    said = answer(client, body)
    assert said["cards"] == []
    return unchecked(said)


@pytest.mark.parametrize("condition", [STU3, DSTU2], ids=["STU3", "DSTU2"])
def test_an_older_problem_list_is_told_to_be_older(client: FlaskClient, condition: dict[str, Any]) -> None:
    [said] = said_without_cards(client, request("patient-view", condition))

    assert "STU3 or DSTU2" in said


@pytest.mark.parametrize("conditions", [[], [DSTU2]], ids=["no problem", "an older problem"])
def test_an_older_draft_is_told_to_be_older(client: FlaskClient, conditions: list[dict[str, Any]]) -> None:
    [said] = said_without_cards(client, drafting(*conditions))

    assert "STU3 or DSTU2" in said


def test_nothing_of_an_older_chart_is_explained(client: FlaskClient) -> None:
    response = client.post("/explain", json=request("patient-view", STU3))

    assert response.status_code == 412
    assert "STU3 or DSTU2" in response.json["issue"][0]["diagnostics"]


def test_the_command_explains_nothing_of_an_older_chart(tmp_path: Path) -> None:
    asked = tmp_path / "request.json"
    asked.write_text(json.dumps(request("patient-view", STU3)))

    answer = CliRunner().invoke(main, ["explain", str(asked)])

    assert (answer.exit_code, "STU3 or DSTU2" in answer.stderr) == (1, True)


def test_an_older_draft_beside_a_chart_of_today_is_judged(client: FlaskClient) -> None:
    assert not any("STU3" in reason for reason in said_without_cards(client, drafting(R4)))
