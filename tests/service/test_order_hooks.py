"""Orders are judged when picked and before they are signed: the selected ones only, as far as they can be read."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_answers import answer, cards_of, statements
from order_requests import RXNORM, SNOMED, drug, order_of, ordering, procedure
from stories import request_of


def test_an_ordered_analogue_in_insulinoma_with_a_negative_scan_is_critical(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_on_lanreotide_receptor_negative"), drug("7617"))

    cards = cards_of(client, request)

    assert cards[0]["indicator"] == "critical"
    assert cards[0]["summary"].startswith("Insulinoma with negative receptor scan: ")
    assert cards[0]["suggestions"][0]["actions"][0] == {
        "type": "delete",
        "description": cards[0]["suggestions"][0]["label"],
        "resourceId": "MedicationRequest/draft-1",
    }


def test_an_analogue_in_suspected_insulinoma_is_a_warning(client: FlaskClient) -> None:
    said = answer(client, ordering(request_of("insulinoma_suspected"), drug("7617")))

    assert "PNET-CI-02" in statements(said)
    assert {card["indicator"] for card in said["cards"]} == {"warning"}


def test_a_draft_that_is_not_selected_is_not_judged(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_suspected"), drug("7617"))
    request["context"]["selections"] = []

    assert cards_of(client, request) == []


def test_a_draft_that_is_not_selected_counts_as_planned(client: FlaskClient) -> None:
    request = ordering(request_of("duodenal_net_biopsied_and_nothing_else"), procedure("771569004"))
    before = cards_of(client, request)
    planned = {**procedure("450556004"), "id": "draft-2"}
    request["context"]["draftOrders"]["entry"].append({"resource": planned})

    after = cards_of(client, request)

    def labels(cards: list[dict[str, Any]]) -> set[str]:
        return {s["label"] for card in cards for s in card.get("suggestions", ())}

    assert "Request endoscopic ultrasound" in labels(before)
    assert "Request endoscopic ultrasound" not in labels(after)


def test_a_drug_that_is_not_selected_counts_as_planned(client: FlaskClient) -> None:
    request = ordering(request_of("ileal_net_carcinoid_syndrome"), procedure("51346007"))
    request["prefetch"]["medications"] = None
    before = answer(client, request)
    request["context"]["draftOrders"]["entry"].append({"resource": {**drug("7617"), "id": "draft-2"}})

    after = answer(client, request)

    assert "GEN-TX-04" in statements(before)
    assert "GEN-TX-04" not in statements(after)


def test_a_draft_that_forbids_a_drug_plans_nothing(client: FlaskClient) -> None:
    request = ordering(request_of("ileal_net_carcinoid_syndrome"), procedure("51346007"))
    request["prefetch"]["medications"] = None
    forbidden = {**drug("7617"), "id": "draft-2", "doNotPerform": True}
    request["context"]["draftOrders"]["entry"].append({"resource": forbidden})

    said = answer(client, request)

    assert "GEN-TX-04" in statements(said)


@pytest.mark.parametrize("kind", ["ProcedureRequest", "Procedure"])
def test_a_draft_of_another_type_counts_as_planned_too(client: FlaskClient, kind: str) -> None:
    request = ordering(request_of("duodenal_net_biopsied_and_nothing_else"), procedure("771569004"))
    planned = {**procedure("450556004"), "resourceType": kind, "id": "draft-2"}
    request["context"]["draftOrders"]["entry"].append({"resource": planned})

    labels = {s["label"] for card in cards_of(client, request) for s in card.get("suggestions", ())}

    assert "Request endoscopic ultrasound" not in labels


@pytest.mark.parametrize("priority", ["stat", "asap"])
def test_an_emergency_is_not_held_up(client: FlaskClient, priority: str) -> None:
    request = ordering(request_of("duodenal_net_biopsied_and_nothing_else"), procedure("116241004", priority=priority))

    assert cards_of(client, request) == []


def test_an_emergency_by_a_problem_of_the_chart_is_not_held_up(client: FlaskClient) -> None:
    planned = ordering(request_of("duodenal_net_biopsied_and_nothing_else"), procedure("116241004"))
    bleeding = {
        "resourceType": "Condition",
        "id": "bleeding",
        "subject": {"reference": f"Patient/{planned['context']['patientId']}"},
        "code": {"coding": [{"system": SNOMED, "code": "74474003"}]},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
    }
    planned["prefetch"]["conditions"]["entry"].append({"resource": bleeding, "search": {"mode": "match"}})
    urgent = copy.deepcopy(planned)
    urgent["context"]["draftOrders"]["entry"][0]["resource"]["reasonReference"] = [{"reference": "Condition/bleeding"}]

    assert cards_of(client, planned) != []
    assert cards_of(client, urgent) == []


def test_a_diagnostic_biopsy_is_not_held_up(client: FlaskClient) -> None:
    request = ordering(request_of("duodenal_net_biopsied_and_nothing_else"), procedure("1801001"))

    assert cards_of(client, request) == []


def test_a_marker_ordered_on_acid_suppression_is_noted_without_any_tumour(client: FlaskClient) -> None:
    request = ordering(request_of("no_net_cancer_of_caecum"), order_of("chromogranin-a"))
    taken = {
        "resourceType": "MedicationRequest",
        "id": "ppi-1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{request['context']['patientId']}"},
        "authoredOn": "2026-01-10",
        "medicationCodeableConcept": {"coding": [{"system": "http://www.whocc.no/atc", "code": "A02BC01"}]},
    }
    medications = request["prefetch"]["medications"]
    medications["entry"] = [*medications.get("entry", ()), {"resource": taken, "search": {"mode": "match"}}]
    medications["total"] = len(medications["entry"])

    assert statements(answer(client, request)) == {"EXT-04"}


def test_signing_shows_only_what_is_unsafe_or_premature(client: FlaskClient) -> None:
    request = ordering(request_of("pancreatic_net_7_mm_imaging_overdue"), order_of("ct-abdomen"))
    signing = copy.deepcopy(request)
    signing["hook"] = "order-sign"
    del signing["context"]["selections"]

    assert {card["indicator"] for card in cards_of(client, request)} == {"info"}
    assert cards_of(client, signing) == []


@pytest.mark.cds("E1")
@pytest.mark.parametrize(
    ("story", "order"),
    [
        ("insulinoma_suspected", drug("7617")),
        ("insulinoma_on_lanreotide_receptor_negative", drug("7617")),
        ("duodenal_net_biopsied_and_nothing_else", procedure("116241004")),
    ],
)
def test_cards_before_signing_have_the_topics_of_those_they_replace(
    client: FlaskClient, story: str, order: dict[str, Any]
) -> None:
    selecting = ordering(request_of(story), order)
    signing = copy.deepcopy(selecting) | {"hook": "order-sign"}

    selected = [c for c in cards_of(client, selecting) if c["indicator"] != "info"]
    signed = cards_of(client, signing)

    assert [c["source"]["topic"] for c in signed] == [c["source"]["topic"] for c in selected]
    assert len({c["source"]["topic"]["code"] for c in signed}) == len(signed) > 0
    assert {c["uuid"] for c in signed}.isdisjoint(c["uuid"] for c in selected)


def test_every_draft_is_judged_when_it_is_signed(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_suspected"), drug("7617"))
    request["hook"] = "order-sign"
    del request["context"]["selections"]

    assert "PNET-CI-02" in statements(answer(client, request))


def test_a_draft_that_the_standard_would_refuse_is_read_as_far_as_it_goes(client: FlaskClient) -> None:
    broken = {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": None,
        "subject": "Patient/1",
        "category": {"coding": [{"code": "outpatient"}]},
        "priority": ["routine"],
        "dosageInstruction": "once a month",
        "medicationCodeableConcept": {"coding": [{}, {"system": RXNORM, "code": "7617"}]},
    }

    said = answer(client, ordering(request_of("insulinoma_suspected"), broken))

    assert "PNET-CI-02" in statements(said)


def test_the_drug_of_a_draft_may_stand_in_the_chart(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_suspected"), drug("7617"))
    [entry] = request["context"]["draftOrders"]["entry"]
    coded = entry["resource"].pop("medicationCodeableConcept")
    entry["resource"]["medicationReference"] = {"reference": "https://ehr.example/fhir/Medication/octreotide"}
    held = {"resource": {"resourceType": "Medication", "id": "octreotide", "code": coded}}
    medications = request["prefetch"]["medications"]
    medications["entry"] = [*medications.get("entry", ()), {**held, "search": {"mode": "include"}}]

    assert "PNET-CI-02" in statements(answer(client, request))


def test_a_draft_without_a_code_gives_no_card_and_no_fault(client: FlaskClient) -> None:
    bare = {"resourceType": "ServiceRequest", "id": "draft-1", "code": {"coding": [{}]}, "reasonCode": []}

    assert cards_of(client, ordering(request_of("duodenal_net_biopsied_and_nothing_else"), bare)) == []


def test_selections_are_required_where_an_order_is_picked(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_suspected"), drug("7617"))
    del request["context"]["selections"]

    response = client.post("/cds-services/net-order-select", json=request)

    assert response.status_code == 400
    assert response.json["issue"][0]["diagnostics"] == "context.selections is missing"


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_each_of_two_selected_orders_has_a_card_with_its_own_suggestion(client: FlaskClient, hook: str) -> None:
    request = ordering(request_of("insulinoma_on_lanreotide_receptor_negative"), drug("7617"), drug("7617"))

    cards = cards_of(client, request | {"hook": hook})

    removed = [[action["resourceId"] for s in card["suggestions"] for action in s["actions"]] for card in cards]
    assert removed == [["MedicationRequest/draft-1"], ["MedicationRequest/draft-2"]]
    assert {card["source"]["topic"]["code"] for card in cards} == {"NETORDERANALOGUECRITICAL"}
    assert len({card["uuid"] for card in cards}) == 2


def orders(card: dict[str, Any]) -> set[str]:
    return {order["resource"] for order in card["extension"]["org.hoofbeats.card"]["orders"]}


def test_order_beside_a_critical_one_keeps_its_own_topic_and_severity(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_on_lanreotide_receptor_negative"), procedure("401004"), drug("7617"))

    first, *others = cards_of(client, request)

    assert (first["indicator"], orders(first)) == ("critical", {"MedicationRequest/draft-2"})
    assert {card["indicator"] for card in others} <= {"warning", "info"}
    assert [orders(card) for card in others] == [{"ServiceRequest/draft-1"}] * len(others)


@pytest.mark.parametrize("number", [3, 4, 7])
def test_every_order_that_a_guard_is_about_is_named_where_there_are_more_than_cards(
    client: FlaskClient, number: int
) -> None:
    request = ordering(request_of("insulinoma_suspected"), *[drug("7617")] * number)

    cards = cards_of(client, request)

    removed = {a["resourceId"] for card in cards for s in card["suggestions"] for a in s["actions"]}
    assert len(cards) == 3
    assert removed == {f"MedicationRequest/draft-{n}" for n in range(1, number + 1)}


def test_order_of_which_there_is_only_information_is_not_told_of_when_signing(client: FlaskClient) -> None:
    request = ordering(request_of("pancreatic_net_17_mm"), procedure("401004"), procedure("116241004"))

    selecting = cards_of(client, request)
    signing = cards_of(client, request | {"hook": "order-sign"})

    both = [{"ServiceRequest/draft-1"}, {"ServiceRequest/draft-2"}]
    assert [(card["indicator"], orders(card)) for card in selecting] == list(
        zip(["warning", "info"], both, strict=True)
    )
    assert [orders(card) for card in signing] == [{"ServiceRequest/draft-1"}]


def test_one_order_has_three_cards_at_most(client: FlaskClient) -> None:
    request = ordering(request_of("vipoma_localised_potassium_missing"), procedure("401004"))

    assert 0 < len(cards_of(client, request)) <= 3


def test_selections_that_name_no_draft_at_all_leave_every_draft_to_be_judged(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_suspected"), drug("7617"))
    request["context"]["selections"] = ["MedicationRequest/of-another-time"]

    assert "PNET-CI-02" in statements(answer(client, request))


def test_selection_of_an_order_that_is_not_read_leaves_the_others_alone(client: FlaskClient) -> None:
    request = ordering(request_of("insulinoma_suspected"), drug("7617"))
    meal = {"resourceType": "NutritionOrder", "id": "meal"}
    request["context"]["draftOrders"]["entry"].append({"resource": meal})
    request["context"]["selections"] = ["NutritionOrder/meal"]

    assert cards_of(client, request) == []


@pytest.mark.parametrize("drafts", [{}, {"resourceType": "List"}, {"entry": []}])
def test_draft_orders_have_to_be_a_bundle(client: FlaskClient, drafts: dict[str, Any]) -> None:
    request = ordering(request_of("insulinoma_suspected"), drug("7617"))
    request["context"]["draftOrders"] = drafts

    response = client.post("/cds-services/net-order-select", json=request)

    assert response.status_code == 400
    assert "context.draftOrders.resourceType" in response.json["issue"][0]["diagnostics"]
