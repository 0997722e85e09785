"""Accepting a suggestion and asking again removes the gap, for every suggestion that any patient's cards make."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.servicerequest import ServiceRequest
from flask.testing import FlaskClient

from cards.knowledge import shipped_knowledge
from fixtures.cohort.r5 import as_r5
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
# Who orders what at once, and what of the chart is searched and empty: together every suggestion that a guard makes.
ORDERED: list[tuple[str, str, tuple[str, ...]]] = [
    ("duodenal_net_biopsied_and_nothing_else", "mucosal-resection", ()),
    ("duodenal_net_biopsied_and_nothing_else", "pancreatoduodenectomy", ()),
    ("duodenal_net_biopsied_and_nothing_else", "lutetium", ()),
    ("duodenal_net_biopsied_and_nothing_else", "receptor-scintigraphy", ()),
    ("duodenal_net_9_mm_complete_work_up", "transduodenal-excision", ("reports",)),
    ("ileal_net_carcinoid_syndrome", "ileectomy", ("imagingStudies",)),
    ("ileal_net_resected_few_liver_metastases", "capecitabine", ("procedures",)),
    ("pancreatic_net_17_mm", "distal-pancreatectomy", ()),
    ("pancreatic_net_7_mm_imaging_overdue", "ct-abdomen", ()),
    ("insulinoma_suspected", "octreotide", ()),
    ("insulinoma_on_lanreotide_receptor_negative", "octreotide", ()),
    ("insulinoma_on_lanreotide_receptor_negative", "lutetium", ()),
    ("pancreatic_net_g3_liver_metastases", "carboplatin", ("procedures",)),
    ("gastric_net_type_unknown", "gastrectomy", ()),
    ("duodenal_net_biopsied_and_nothing_else", "mucosal-resection + pancreatoduodenectomy", ()),
    ("duodenal_net_biopsied_and_nothing_else", "lutetium + lutetium + capecitabine + carboplatin", ()),
    ("ileal_net_resected_few_liver_metastases", "capecitabine + ileectomy", ("procedures",)),
    ("pancreatic_net_17_mm", "distal-pancreatectomy + pancreatoduodenectomy", ()),
    ("pancreatic_net_7_mm_imaging_overdue", "ct-abdomen + receptor-scintigraphy", ()),
    ("insulinoma_on_lanreotide_receptor_negative", "octreotide + octreotide + lutetium", ()),
]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"})).test_client()


def cards(client: FlaskClient, request: dict[str, Any], service: str) -> list[dict[str, Any]]:
    response = client.post(f"/cds-services/{service}", json=request)
    assert response.status_code == 200, response.json
    return list(response.json["cards"])


def requests_of_all_patients() -> Iterator[tuple[str, dict[str, Any], str]]:
    for folder in sorted(PATIENTS.iterdir()):
        yield folder.name, chart(folder.name), "net-patient-view"
    for story, name, lost in ORDERED:
        request = chart(story)
        request["prefetch"].update(dict.fromkeys(lost))
        orders = [order_of(one) for one in name.split(" + ")]
        yield f"{story}: {name}", ordering(request, *orders), "net-order-select"


def chart(story: str) -> dict[str, Any]:
    return dict(json.loads((PATIENTS / story / "request.json").read_text()))


def order_of(name: str) -> dict[str, Any]:
    if name in PROCEDURES:
        system, code = PROCEDURES[name]
        return draft("ServiceRequest", {"code": {"coding": [{"system": system, "code": code}]}})
    coding = {"system": RXNORM, "code": DRUGS[name]}
    return draft("MedicationRequest", {"medicationCodeableConcept": {"coding": [coding]}})


def draft(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": kind, "id": "draft-1", "status": "draft", "intent": "order", **content}


def ordering(request: dict[str, Any], *orders: dict[str, Any]) -> dict[str, Any]:
    """The request of somebody who has selected some orders; the second is draft-2."""
    first, *others = orders
    drafts = [first, *({**order, "id": f"draft-{number}"} for number, order in enumerate(others, 2))]
    changed = copy.deepcopy(request)
    changed["hook"] = "order-select"
    changed["context"]["selections"] = [name_of(order) for order in drafts]
    changed["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": o} for o in drafts]}
    return changed


def name_of(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def saved(request: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    """The request as it would be after the EHR did what the action says and saved what was created."""
    changed = copy.deepcopy(request)
    context = changed["context"]
    if action["type"] == "create":
        key = {"ServiceRequest": "orders", "MedicationRequest": "medications"}[action["resource"]["resourceType"]]
        held = changed["prefetch"].get(key) or {"resourceType": "Bundle", "type": "searchset"}
        held["entry"] = [*held.get("entry", ()), {"resource": {**action["resource"], "id": "accepted-1"}}]
        held["total"] = len(held["entry"])
        changed["prefetch"][key] = held
    if action["type"] == "delete":
        context["selections"] = [s for s in context["selections"] if s != action["resourceId"]]
        held = context["draftOrders"]["entry"]
        context["draftOrders"]["entry"] = [e for e in held if name_of(e["resource"]) != action["resourceId"]]
    if action["type"] == "update":
        for entry in context["draftOrders"]["entry"]:
            if name_of(entry["resource"]) == name_of(action["resource"]):
                entry["resource"] = action["resource"]
    return changed


def drafted(request: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    """The request as it would be where the EHR puts what was created beside the other drafts."""
    changed = copy.deepcopy(request)
    changed["context"]["draftOrders"]["entry"].append({"resource": {**action["resource"], "id": "accepted-1"}})
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


def test_what_is_created_is_for_the_patient(all_suggestions: list[Any]) -> None:
    strangers = [
        suggestion["label"]
        for _, request, _, suggestion in all_suggestions
        for action in suggestion["actions"]
        if action["type"] == "create"
        and action["resource"]["subject"]["reference"] != f"Patient/{request['context']['patientId']}"
    ]

    assert strangers == []


def test_reasons_of_what_is_created_are_in_the_chart(all_suggestions: list[Any]) -> None:
    unresolved = [
        (name, reason["reference"])
        for name, request, _, suggestion in all_suggestions
        for reason in suggestion["actions"][0].get("resource", {}).get("reasonReference", ())
        if reason["reference"].partition("/")[2] not in json.dumps(request["prefetch"])
    ]

    assert unresolved == []


def test_every_test_that_a_guard_asks_for_is_suggested_to_some_patient(all_suggestions: list[Any]) -> None:
    knowledge = shipped_knowledge()
    asked = {knowledge.items[key] for rule in knowledge.rules if rule.card == "order-guard" for key in rule.items}
    suggested = {s["label"] for _, _, service, s in all_suggestions if service == "net-order-select"}

    assert {item.key for item in asked if f"Request {item.name}" not in suggested} == set()


def test_accepting_a_suggestion_and_asking_again_removes_it(client: FlaskClient, all_suggestions: list[Any]) -> None:
    distinct = {
        (v, s["label"], s["actions"][0]["type"], len(drafts_of(r)) > 1): (n, r, v, s) for n, r, v, s in all_suggestions
    }

    still_there = []
    for name, request, service, suggestion in distinct.values():
        [action] = suggestion["actions"]
        beside = action["type"] == "create" and service == "net-order-select"
        for accept in (saved, drafted) if beside else (saved,):
            after = cards(client, accept(request, action), service)
            if suggestion["uuid"] in {s["uuid"] for s in suggestions(after)}:
                still_there.append((name, suggestion["label"], accept.__name__))

    assert still_there == []


def drafts_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    return list(request["context"].get("draftOrders", {}).get("entry", ()))


def resources_of(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [action["resource"] for s in suggestions(found) for action in s["actions"] if "resource" in action]


def in_r5(request: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(request)
    for entry in (entry for found in changed["prefetch"].values() if found for entry in found.get("entry", ())):
        entry["resource"] = as_r5(entry["resource"])
    return changed


@pytest.mark.parametrize(
    ("story", "order", "lost"),
    [
        ("duodenal_net_9_mm_complete_work_up", order_of("transduodenal-excision"), ["reports"]),
        ("duodenal_net_biopsied_and_nothing_else", as_r5(order_of("pancreatoduodenectomy")), []),
    ],
    ids=["by the chart", "by the draft"],
)
def test_client_that_speaks_r5_gets_requests_in_r5_and_the_gap_closes(
    client: FlaskClient, story: str, order: dict[str, Any], lost: list[str]
) -> None:
    request = in_r5(ordering(chart(story), order))
    request["prefetch"].update(dict.fromkeys(lost))
    offered = resources_of(cards(client, request, "net-order-select"))

    for resource in offered:
        after = cards(client, drafted(request, {"resource": resource}), "net-order-select")

        assert ServiceRequest.model_validate(resource).status == "draft"
        assert resource["code"] not in [left["code"] for left in resources_of(after)]
    assert offered != []


def test_nothing_is_suggested_twice_in_one_answer(client: FlaskClient) -> None:
    twice = []
    for name, request, service in requests_of_all_patients():
        labels = [(s["label"], s["uuid"]) for s in suggestions(cards(client, request, service))]
        twice += [(name, label) for label in labels if labels.count(label) > 1]

    assert twice == []


def test_step_that_was_missing_for_two_orders_is_asked_for_by_neither_once_it_is_accepted(client: FlaskClient) -> None:
    orders = [order_of(name) for name in ("mucosal-resection", "pancreatoduodenectomy")]
    request = ordering(chart("duodenal_net_biopsied_and_nothing_else"), *orders)
    [offered] = [s for s in suggestions(cards(client, request, "net-order-select")) if "Ki-67" in s["label"]]

    for accept in (saved, drafted):
        after = cards(client, accept(request, offered["actions"][0]), "net-order-select")
        missing = {key for card in after for key in card["extension"]["org.hoofbeats.card"].get("missing", ())}
        assert "tumour_board" in missing
        assert "ki67_assessment" not in missing
        assert offered["label"] not in {s["label"] for s in suggestions(after)}


def test_removing_one_of_two_orders_leaves_the_card_of_the_other(client: FlaskClient) -> None:
    order = order_of("octreotide")
    request = ordering(chart("insulinoma_suspected"), order, order)
    first, second = cards(client, request, "net-order-select")

    [left] = cards(client, saved(request, first["suggestions"][0]["actions"][0]), "net-order-select")

    assert left["uuid"] == second["uuid"]
    assert left["suggestions"] == second["suggestions"]


def test_possible_splenectomy_is_held_up_no_longer_once_every_vaccination_is_ordered(client: FlaskClient) -> None:
    request = ordering(chart("pancreatic_net_17_mm"), order_of("distal-pancreatectomy"))
    for number in range(3):
        offered = [s for s in suggestions(cards(client, request, "net-order-select")) if "vaccination" in s["label"]]
        assert len(offered) == 3 - number
        request = drafted(request, offered[0]["actions"][0])
        request["context"]["draftOrders"]["entry"][-1]["resource"]["id"] = f"accepted-{number}"

    said = [card["extension"]["org.hoofbeats.card"] for card in cards(client, request, "net-order-select")]

    assert "PNET-CI-03" not in {statement for card in said for statement in card["statements"]}
