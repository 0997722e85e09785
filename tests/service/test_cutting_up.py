"""A request is cut up in one pass where it is as usual, and part by part where it is not: the answer is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from hook_answers import kinds
from hook_requests import VIEW, chart, condition, context, request, search
from stories import PATIENTS

import service.hook_request
from mappings.fhir.models import ELEMENTS_READ
from mappings.screening.bundle import Bundle, Value
from service.hook_request import read_request

STORIES = sorted(PATIENTS.glob("*/bundle*.json"))
SELF = "https://ehr.example/fhir/Condition"


class _Refuses:
    """A decoder to which no request is usual."""

    def decode(self, body: bytes) -> Any:
        raise msgspec.ValidationError(f"{len(body)} bytes of something else")


def by_types(story: Path) -> dict[str, Any]:
    """A chart as a client sends it, whatever the dialect: a value for each type."""
    held: dict[str, list[Any]] = {}
    for entry in json.loads(story.read_text())["entry"]:
        held.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    [patient] = held.pop("Patient")
    return {"patient": patient, **{kind: search(*resources) for kind, resources in held.items()}}


@pytest.mark.parametrize("story", STORIES[::5], ids=lambda story: f"{story.parent.name}/{story.name}")
def test_a_chart_gets_the_same_answer_in_one_pass_entry_by_entry_and_part_by_part(
    client: FlaskClient, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefetch = by_types(story)
    body = request(prefetch, context=context(patientId=prefetch["patient"]["id"]))
    in_one_pass = client.post(VIEW, json=body)

    monkeypatch.setattr(service.hook_request, "_ENVELOPE", _Refuses())
    entry_by_entry = client.post(VIEW, json=body)
    monkeypatch.setattr(service.hook_request, "_LOOSE_ENVELOPE", _Refuses())
    part_by_part = client.post(VIEW, json=body)

    assert in_one_pass.status_code == 200
    assert entry_by_entry.json == in_one_pass.json
    assert part_by_part.json == in_one_pass.json


def test_bundles_and_the_patient_are_cut_up_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(service.hook_request, "_BODY")

    asked = read_request(json.dumps(request({**chart(), "carePlans": None})).encode(), "patient-view")

    assert asked.prefetch is not None
    assert isinstance(asked.prefetch["conditions"], Bundle)
    assert asked.prefetch["patient"] == b'{"resourceType":"Patient","id":"p1"}'
    assert asked.prefetch["carePlans"] == b"null"


@pytest.mark.parametrize(
    "unusual",
    [
        condition(id="c2", code={"text": "single"}),
        {"resourceType": "Bundle", "link": "none"},
        {"resourceType": "Bundle", "entry": {}},
        {"resourceType": "Patient", "link": 1},
        {"resourceType": 1},
        {},
        [],
        1,
    ],
)
def test_a_value_that_is_not_as_usual_changes_nothing_for_the_others(client: FlaskClient, unusual: Any) -> None:
    usual = client.post(VIEW, json=request(chart()))

    answer = client.post(VIEW, json=request(chart(more=unusual)))

    assert answer.status_code == 200
    assert kinds(answer.json) == kinds(usual.json)


def test_of_a_patient_no_more_is_kept_than_is_read() -> None:
    assert set(Value.__struct_fields__) - set(Bundle.__struct_fields__) == {"id", *ELEMENTS_READ["Patient"]}


@pytest.mark.parametrize("url", [SELF, f"{SELF}?patient=p1", f"{SELF}/_search"])
def test_a_further_search_for_problems_is_known_by_its_link(client: FlaskClient, url: str) -> None:
    incomplete = search(condition("K21.9"), total=3)
    whole = search(link=[{"relation": "self", "url": url}])

    alone = client.post(VIEW, json=request(chart(conditions=incomplete)))
    both = client.post(VIEW, json=request(chart(conditions=incomplete, more=whole)))

    assert "extension" in alone.json
    assert both.json == {"cards": []}


@pytest.mark.parametrize("first", ["resourceType", "id"])
@pytest.mark.parametrize("beside", [[], [{"resourceType": "Observation", "id": 5}]], ids=["alone", "no FHIR beside it"])
def test_a_problem_among_other_resources_is_found_wherever_its_type_stands(
    client: FlaskClient, first: str, beside: list[Any]
) -> None:
    problem = condition()
    ordered = {first: problem[first], **{key: value for key, value in problem.items() if key != first}}

    answer = client.post(
        VIEW, json=request(chart(conditions=search(condition("K21.9")), more=search(ordered, *beside)))
    )

    assert answer.json["cards"]
