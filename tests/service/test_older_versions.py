"""A chart of STU3 or DSTU2 gets no card, and its client is told why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hook_answers import answer, unchecked
from hook_requests import ICD_10_CM, condition, context, request, search
from order_requests import RXNORM

from service.cli import main

DIAGNOSIS = {
    "resourceType": "Condition",
    "id": "c1",
    "verificationStatus": "confirmed",
    "code": {"coding": [{"system": ICD_10_CM, "code": "C7A.010"}]},
}
STU3 = {**DIAGNOSIS, "clinicalStatus": "active", "subject": {"reference": "Patient/p1"}}
DSTU2 = {**DIAGNOSIS, "clinicalStatus": "active", "patient": {"reference": "Patient/p1"}}
OCTREOTIDE = {"system": RXNORM, "code": "7617"}
OLD_ORDER = {"resourceType": "MedicationOrder", "id": "m1", "medicationCodeableConcept": {"coding": [OCTREOTIDE]}}


def asking(hook: str, *conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = {"patient": {"resourceType": "Patient", "id": "p1"}, "conditions": search(*conditions)}
    return request(found, hook=hook, context=context(**more))


def drafting(*conditions: dict[str, Any]) -> dict[str, Any]:
    drafts = {"resourceType": "Bundle", "entry": [{"resource": OLD_ORDER}]}
    return asking("order-select", *conditions, selections=["MedicationOrder/m1"], draftOrders=drafts)


def said_without_cards(client: FlaskClient, body: dict[str, Any]) -> list[str]:
    said = answer(client, body)
    assert said["cards"] == []
    return unchecked(said)


@pytest.mark.parametrize("condition", [STU3, DSTU2], ids=["STU3", "DSTU2"])
def test_an_older_problem_list_is_told_to_be_older(client: FlaskClient, condition: dict[str, Any]) -> None:
    [said] = said_without_cards(client, asking("patient-view", condition))

    assert "STU3 or DSTU2" in said


@pytest.mark.parametrize("conditions", [[], [DSTU2]], ids=["no problem", "an older problem"])
def test_an_older_draft_is_told_to_be_older(client: FlaskClient, conditions: list[dict[str, Any]]) -> None:
    [said] = said_without_cards(client, drafting(*conditions))

    assert "STU3 or DSTU2" in said


def test_nothing_of_an_older_chart_is_explained(client: FlaskClient) -> None:
    response = client.post("/explain", json=asking("patient-view", STU3))

    assert response.status_code == 412
    assert "STU3 or DSTU2" in response.json["issue"][0]["diagnostics"]


def test_the_command_explains_nothing_of_an_older_chart(tmp_path: Path) -> None:
    asked = tmp_path / "request.json"
    asked.write_text(json.dumps(asking("patient-view", STU3)))

    answer = CliRunner().invoke(main, ["explain", str(asked)])

    assert (answer.exit_code, "STU3 or DSTU2" in answer.stderr) == (1, True)


def test_an_older_draft_beside_a_chart_of_today_is_judged(client: FlaskClient) -> None:
    assert not any("STU3" in reason for reason in said_without_cards(client, drafting(condition())))
