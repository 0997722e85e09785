"""What a card suggests is a draft of a test or a referral, valid FHIR, and never a treatment."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from fhir.resources import get_fhir_model_class
from fhir.resources.R4B.servicerequest import ServiceRequest
from json_reading import empties
from msgspec import structs
from stated import CONTEXT, KNOWLEDGE, cards_of, findings, longest, rule

from cards.context import CardContext
from cards.items import Item
from cards.rules import Rule
from mappings.drafts import Draft
from mappings.entries import Concept, Medication, Order
from mappings.findings import Evidence, given

_ORDERABLE = [item for item in KNOWLEDGE.items.values() if item.order is not None]
_TREATMENTS = (
    "endoscopic_resection",
    "duodenal_surgery",
    "pancreatic_surgery",
    "pancreatoduodenectomy",
    "gastric_surgery",
    "small_bowel_surgery",
    "appendicectomy",
    "colon_surgery",
    "rectal_surgery",
    "liver_resection",
    "liver_directed_therapy",
    "lutetium_prrt",
    "prrt_procedure",
    "somatostatin_analogues",
    "cytotoxics",
    "platinum",
    "targeted_therapies",
    "proton_pump_inhibitors",
    "diazoxide",
)


def card_for(*items: str, context: CardContext = CONTEXT) -> dict[str, Any]:
    """A work-up card that finds these items missing."""
    held = longest()
    proof = (Evidence("Observation/1", "code"), Evidence("Condition/net", "code"))
    active = structs.replace(held["diagnosis_status"], evidence=proof)
    [card] = cards_of(given({**held, "diagnosis_status": active}), rule(card="work-up", items=items), context=context)
    return card


def request_for(item: Item) -> dict[str, Any]:
    """The resource that a card suggests to create for a missing item."""
    [suggestion] = card_for(item.key)["suggestions"]
    [action] = suggestion["actions"]
    resource: dict[str, Any] = action["resource"]
    return resource


@pytest.mark.parametrize("item", _ORDERABLE, ids=lambda item: item.key)
def test_suggested_request_holds_nothing_that_is_empty(item: Item) -> None:
    assert list(empties(request_for(item))) == []


@pytest.mark.parametrize("item", _ORDERABLE, ids=lambda item: item.key)
def test_suggested_request_is_no_treatment(item: Item) -> None:
    request = request_for(item)
    [coding] = (request.get("code") or request["medicationCodeableConcept"])["coding"]

    sets = KNOWLEDGE.terminology.of_code(coding["system"], coding["code"])

    assert sets.isdisjoint(_TREATMENTS)


@pytest.mark.parametrize("name", _TREATMENTS)
def test_treatment_is_a_value_set_of_ours(name: str) -> None:
    assert name in KNOWLEDGE.terminology.value_sets


def test_suggested_request_is_for_the_patient_of_the_call() -> None:
    request = request_for(KNOWLEDGE.items["sstr_imaging"])

    assert request["subject"] == {"reference": "Patient/p1"}


def test_suggested_request_gives_the_diagnosis_as_its_reason() -> None:
    request = request_for(KNOWLEDGE.items["sstr_imaging"])

    assert request["reasonReference"] == [{"reference": "Condition/net"}]


def test_suggested_request_in_r5_has_its_reason_where_r5_has_it() -> None:
    suggestions = card_for("sstr_imaging", "hib_vaccination", context=replace(CONTEXT, is_r5=True))["suggestions"]

    assert len(suggestions) == 2
    for suggestion in suggestions:
        resource = suggestion["actions"][0]["resource"]
        assert resource["reason"] == [{"reference": {"reference": "Condition/net"}}]
        assert get_fhir_model_class(resource["resourceType"]).model_validate(resource).status == "draft"


def test_suggested_request_without_a_known_condition_gives_no_reason() -> None:
    held = findings(diagnosis_status="active", sstr_imaging="absent")
    [card] = cards_of(held, rule(card="work-up", items=("sstr_imaging",)))

    assert "reasonReference" not in card["suggestions"][0]["actions"][0]["resource"]


@pytest.mark.cds("G1", "A1", "A2")
def test_suggestion_is_one_labelled_action_that_creates() -> None:
    [suggestion] = card_for("sstr_imaging")["suggestions"]

    assert suggestion["label"] == "Request somatostatin-receptor imaging"
    assert [(a["type"], a["description"]) for a in suggestion["actions"]] == [
        ("create", "Request somatostatin-receptor imaging (draft)")
    ]


def test_each_item_that_can_be_ordered_is_a_suggestion_of_its_own() -> None:
    suggestions = card_for("sstr_imaging", "family_history", "histopathology")["suggestions"]

    assert [s["label"] for s in suggestions] == ["Request histopathology", "Request somatostatin-receptor imaging"]


@pytest.mark.cds("C9", "C10")
def test_card_with_suggestions_lets_any_number_be_chosen() -> None:
    assert card_for("sstr_imaging")["selectionBehavior"] == "any"


@pytest.mark.cds("C8")
def test_card_without_suggestions_has_neither_suggestions_nor_selection() -> None:
    card = card_for("family_history")

    assert {"suggestions", "selectionBehavior"}.isdisjoint(card)


@pytest.mark.cds("G2")
def test_suggestion_has_a_uuid_of_its_call_and_item() -> None:
    first, second = card_for("sstr_imaging", "histopathology")["suggestions"]
    [again, _] = card_for("sstr_imaging", "histopathology")["suggestions"]

    assert UUID(first["uuid"]) == UUID(again["uuid"]) != UUID(second["uuid"])


def test_management_card_suggests_nothing() -> None:
    [card] = cards_of(longest(), rule(card="management"), context=CONTEXT)

    assert "suggestions" not in card


_REMOVES = rule("removes", card="order-guard", group="order-analogue-insulinoma", draft="remove")
_REPLACES = rule("replaces", card="order-guard", group="order-imaging", draft="replace", replacement="sstr_pet")
_SELECTED = {"all": [{"finding": "selected_orders", "includes": ["receptor-scintigraphy"]}]}


def draft(**changes: Any) -> Draft:
    """A selected scintigraphy."""
    resource = {"resourceType": "ServiceRequest", "id": "d1", "status": "draft", "note": [{"text": "kept"}]}
    held = {
        "reference": "ServiceRequest/d1",
        "classes": frozenset({"receptor-scintigraphy"}),
        "words": "Octreotide scan",
        "selected": True,
        "entry": Order("ServiceRequest/d1", "draft", Concept(), None),
        "resource": resource,
    }
    return Draft(**{**held, **changes})


def suggested(guard: Rule, *drafts: Draft) -> list[dict[str, Any]]:
    """The suggestions of the cards of an order guard."""
    held = findings(diagnosis_status="active", selected_orders=["receptor-scintigraphy"])
    looks = replace(guard, when=rule(when=_SELECTED).when)
    cards = cards_of(held, looks, drafts=drafts)
    return [suggestion for card in cards for suggestion in card.get("suggestions", ())]


@pytest.mark.cds("A1", "A5", "A6")
def test_draft_is_removed_by_its_reference() -> None:
    [suggestion] = suggested(_REMOVES, draft())

    label = "Remove this order: Octreotide scan"
    assert (suggestion["label"], suggestion["actions"]) == (
        label,
        [{"type": "delete", "description": label, "resourceId": "ServiceRequest/d1"}],
    )


@pytest.mark.parametrize("words", ["", "\u200b\u202e", " \n"])
def test_draft_without_visible_words_is_removed_without_naming_it(words: str) -> None:
    [suggestion] = suggested(_REMOVES, draft(words=words))

    assert suggestion["label"] == "Remove this order"


@pytest.mark.parametrize("words", ["n" * 61, "n" * 200])
def test_draft_with_a_long_name_is_removed_under_a_label_that_is_cut(words: str) -> None:
    [suggestion] = suggested(_REMOVES, draft(words=words))

    assert (len(suggestion["label"]), suggestion["label"][-1]) == (79, "…")


def test_draft_is_replaced_under_a_label_that_is_cut_and_described_whole() -> None:
    [suggestion] = suggested(_REPLACES, draft())

    described = suggestion["actions"][0]["description"]
    assert described == f"Order this instead: {KNOWLEDGE.terminology.preferred('sstr_pet').display}"
    assert len(suggestion["label"]) < 80
    assert described.startswith(suggestion["label"].removesuffix("…"))


@pytest.mark.cds("A1", "A4")
def test_draft_is_replaced_whole_with_another_code() -> None:
    [suggestion] = suggested(_REPLACES, draft())

    [action] = suggestion["actions"]
    assert action["type"] == "update"
    assert draft().resource.items() <= action["resource"].items()
    assert action["resource"]["code"]["coding"][0]["code"] == KNOWLEDGE.terminology.preferred("sstr_pet").code


@pytest.mark.cds("A4")
def test_draft_of_r5_is_replaced_with_its_code_where_r5_has_it() -> None:
    [suggestion] = suggested(_REPLACES, draft(resource={**draft().resource, "code": {"concept": {"text": "scan"}}}))

    assert list(suggestion["actions"][0]["resource"]["code"]) == ["concept"]


@pytest.mark.cds("T7", "A4")
@pytest.mark.parametrize("lacking", ["status", "intent", "subject"])
def test_draft_is_replaced_by_valid_fhir_where_the_client_left_something_out(lacking: str) -> None:
    whole = {**draft().resource, "intent": "plan", "subject": {"reference": "Patient/p1"}}
    resource = {**whole, lacking: None}

    [suggestion] = suggested(_REPLACES, draft(resource=resource))

    assert ServiceRequest.model_validate(suggestion["actions"][0]["resource"]).id == "d1"


def test_tracer_that_was_ordered_as_a_drug_is_removed_and_not_made_a_study() -> None:
    drug = Medication("MedicationRequest/d1", "MedicationRequest", "draft", Concept(), None, None)
    resource = {"resourceType": "MedicationRequest", "id": "d1"}

    [suggestion] = suggested(_REPLACES, draft(reference="MedicationRequest/d1", entry=drug, resource=resource))

    assert [(a["type"], a["resourceId"]) for a in suggestion["actions"]] == [("delete", "MedicationRequest/d1")]


@pytest.mark.parametrize(
    "changes",
    [{"selected": False}, {"classes": frozenset({"biopsy"})}, {"resource": {"id": None}}, {"resource": {"id": 5}}],
    ids=["not selected", "of another class", "without an id", "with a number for an id"],
)
def test_draft_that_the_rule_is_not_about_or_that_nobody_can_name_is_let_alone(changes: dict[str, Any]) -> None:
    assert suggested(_REMOVES, draft(**changes)) == []


def test_each_of_two_drafts_gets_a_suggestion_of_its_own() -> None:
    other = draft(reference="ServiceRequest/d2", resource={**draft().resource, "id": "d2"})

    suggestions = suggested(_REMOVES, draft(), other)

    assert [s["actions"][0]["resourceId"] for s in suggestions] == ["ServiceRequest/d1", "ServiceRequest/d2"]
    assert len({s["uuid"] for s in suggestions}) == 2


@pytest.mark.parametrize("guard", [_REMOVES, _REPLACES], ids=["remove", "replace"])
def test_suggestion_for_a_draft_holds_nothing_that_is_empty(guard: Rule) -> None:
    assert list(empties(suggested(guard, draft()))) == []
