"""Accepting a suggestion and asking again removes the gap, for every suggestion that any patient's cards make."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.servicerequest import ServiceRequest
from flask.testing import FlaskClient
from hook_answers import answer, cards_of, missing, statements
from order_requests import name_of, order_of, ordering
from stories import STORIES, request_of

from cards.knowledge import shipped_knowledge
from fixtures.cohort.r5 import as_r5

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


def requests_of_all_patients() -> Iterator[tuple[str, dict[str, Any]]]:
    for story in STORIES:
        yield story, request_of(story)
    for story, name, lost in ORDERED:
        request = request_of(story)
        request["prefetch"].update(dict.fromkeys(lost))
        orders = [order_of(one) for one in name.split(" + ")]
        yield f"{story}: {name}", ordering(request, *orders)


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
def all_suggestions(client: FlaskClient) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    return [
        (name, request, suggestion)
        for name, request in requests_of_all_patients()
        for suggestion in suggestions(cards_of(client, request))
    ]


def test_every_kind_of_suggestion_is_made_somewhere(all_suggestions: list[Any]) -> None:
    types = {suggestion["actions"][0]["type"] for _, _, suggestion in all_suggestions}

    assert types == {"create", "delete", "update"}


def test_a_suggestion_has_one_action_and_is_not_chosen_beforehand(all_suggestions: list[Any]) -> None:
    odd = [s for _, _, s in all_suggestions if len(s["actions"]) != 1 or s.get("isRecommended")]

    assert odd == []


def test_what_is_created_is_for_the_patient(all_suggestions: list[Any]) -> None:
    strangers = [
        suggestion["label"]
        for _, request, suggestion in all_suggestions
        for action in suggestion["actions"]
        if action["type"] == "create"
        and action["resource"]["subject"]["reference"] != f"Patient/{request['context']['patientId']}"
    ]

    assert strangers == []


def test_reasons_of_what_is_created_are_in_the_chart(all_suggestions: list[Any]) -> None:
    unresolved = [
        (name, reason["reference"])
        for name, request, suggestion in all_suggestions
        for reason in suggestion["actions"][0].get("resource", {}).get("reasonReference", ())
        if reason["reference"].partition("/")[2] not in json.dumps(request["prefetch"])
    ]

    assert unresolved == []


def test_every_test_that_a_guard_asks_for_is_suggested_to_some_patient(all_suggestions: list[Any]) -> None:
    knowledge = shipped_knowledge()
    asked = {knowledge.items[key] for rule in knowledge.rules if rule.card == "order-guard" for key in rule.items}
    suggested = {s["label"] for _, request, s in all_suggestions if request["hook"] == "order-select"}

    assert {item.key for item in asked if f"Request {item.name}" not in suggested} == set()


def test_accepting_a_suggestion_and_asking_again_removes_it(client: FlaskClient, all_suggestions: list[Any]) -> None:
    distinct = {
        (r["hook"], s["label"], s["actions"][0]["type"], len(drafts_of(r)) > 1): (n, r, s)
        for n, r, s in all_suggestions
    }

    still_there = []
    for name, request, suggestion in distinct.values():
        [action] = suggestion["actions"]
        beside = action["type"] == "create" and request["hook"] == "order-select"
        for accept in (saved, drafted) if beside else (saved,):
            after = cards_of(client, accept(request, action))
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
    request = in_r5(ordering(request_of(story), order))
    request["prefetch"].update(dict.fromkeys(lost))
    offered = resources_of(cards_of(client, request))

    for resource in offered:
        after = cards_of(client, drafted(request, {"resource": resource}))

        assert ServiceRequest.model_validate(resource).status == "draft"
        assert resource["code"] not in [left["code"] for left in resources_of(after)]
    assert offered != []


def test_nothing_is_suggested_twice_in_one_answer(client: FlaskClient) -> None:
    twice = []
    for name, request in requests_of_all_patients():
        labels = [(s["label"], s["uuid"]) for s in suggestions(cards_of(client, request))]
        twice += [(name, label) for label in labels if labels.count(label) > 1]

    assert twice == []


def test_step_that_was_missing_for_two_orders_is_asked_for_by_neither_once_it_is_accepted(client: FlaskClient) -> None:
    orders = [order_of(name) for name in ("mucosal-resection", "pancreatoduodenectomy")]
    request = ordering(request_of("duodenal_net_biopsied_and_nothing_else"), *orders)
    [offered] = [s for s in suggestions(cards_of(client, request)) if "Ki-67" in s["label"]]

    for accept in (saved, drafted):
        after = answer(client, accept(request, offered["actions"][0]))
        assert "tumour_board" in missing(after)
        assert "ki67_assessment" not in missing(after)
        assert offered["label"] not in {s["label"] for s in suggestions(after["cards"])}


def test_removing_one_of_two_orders_leaves_the_card_of_the_other(client: FlaskClient) -> None:
    order = order_of("octreotide")
    request = ordering(request_of("insulinoma_suspected"), order, order)
    first, second = cards_of(client, request)

    [left] = cards_of(client, saved(request, first["suggestions"][0]["actions"][0]))

    assert left["uuid"] == second["uuid"]
    assert left["suggestions"] == second["suggestions"]


def test_possible_splenectomy_is_held_up_no_longer_once_every_vaccination_is_ordered(client: FlaskClient) -> None:
    request = ordering(request_of("pancreatic_net_17_mm"), order_of("distal-pancreatectomy"))
    for number in range(3):
        offered = [s for s in suggestions(cards_of(client, request)) if "vaccination" in s["label"]]
        assert len(offered) == 3 - number
        request = drafted(request, offered[0]["actions"][0])
        request["context"]["draftOrders"]["entry"][-1]["resource"]["id"] = f"accepted-{number}"

    said = answer(client, request)

    assert "PNET-CI-03" not in statements(said)
