"""Accepting a suggestion closes the gap that made it: for every suggestion that any rule can make."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from chart_builder import findings_of
from fhir.resources import get_fhir_model_class
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.servicerequest import ServiceRequest
from stated import CONTEXT, KNOWLEDGE, cards_of, findings, stated_by

from cards.context import CardContext
from cards.rules import Rule
from mappings.drafts import Draft, read_drafts
from mappings.fhir.models import FhirVersion

_TREATMENTS = {"definitive-treatment", "surgery", "somatostatin-analogue", "prrt", "cytotoxic", "targeted"}
_MODELS = {"ServiceRequest": ServiceRequest, "MedicationRequest": MedicationRequest}
_CREATES = [(r, key) for r in KNOWLEDGE.rules for key in r.items if KNOWLEDGE.items[key].order is not None]
_CHANGES = [(r, name) for r in KNOWLEDGE.rules if r.draft for name in sorted(r.typical["selected_orders"].value)]
# Of each class that a rule removes or replaces, an order as an EHR drafts it.
_DRAFTS = {
    "somatostatin-analogue": ("MedicationRequest", "somatostatin_analogues", "RxNorm"),
    "prrt": ("MedicationRequest", "lutetium_prrt", "RxNorm"),
    "receptor-scintigraphy": ("ServiceRequest", "sstr_scintigraphy", "LOINC"),
    "ct-abdomen": ("ServiceRequest", "ct_abdomen", "LOINC"),
}


def _id(part: object) -> str:
    return part.id if isinstance(part, Rule) else str(part)


def suggestions(rule: Rule, *drafts: Draft, context: CardContext = CONTEXT, **changes: object) -> list[dict[str, Any]]:
    """What the card of one rule suggests for its typical patient with changes, of whom some orders are drafted."""
    cards = cards_of(findings(**stated_by(rule, **changes)), rule, context=context, drafts=drafts)
    return [suggestion for card in cards for suggestion in card.get("suggestions", ())]


def created(rule: Rule, key: str, context: CardContext = CONTEXT) -> tuple[dict[str, Any], Mapping[str, object]]:
    """The action by which a rule suggests an item that is missing, and the patient of its cases to whom it does."""
    label = f"Request {KNOWLEDGE.items[key].name}"
    patients = [{}, *(case.findings for case in rule.cases)]
    return next(
        (action, patient)
        for patient in patients
        for suggestion in suggestions(rule, context=context, **{**patient, key: "absent"})
        if suggestion["label"] == label
        for action in suggestion["actions"]
    )


@pytest.mark.cds("T7", "A3")
@pytest.mark.parametrize(("rule", "key"), _CREATES, ids=_id)
def test_accepted_request_is_valid_and_closes_the_gap_that_it_was_suggested_for(rule: Rule, key: str) -> None:
    action, patient = created(rule, key)
    accepted = {**action["resource"], "id": "accepted"}

    again = findings_of(accepted)[key].value

    assert (action["type"], accepted["status"]) == ("create", "draft")
    assert _MODELS[accepted["resourceType"]].model_validate(accepted).subject.reference == "Patient/p1"
    assert again == "ordered"
    assert drafted(accepted)[0].classes.isdisjoint(_TREATMENTS)
    assert KNOWLEDGE.items[key].name not in str([s["label"] for s in suggestions(rule, **{**patient, key: again})])


@pytest.mark.parametrize(("rule", "key"), _CREATES, ids=_id)
def test_accepted_request_in_r5_is_valid_and_closes_the_gap_there(rule: Rule, key: str) -> None:
    action, _ = created(rule, key, replace(CONTEXT, is_r5=True))
    accepted = {**action["resource"], "id": "accepted"}

    again = findings_of(accepted, version=FhirVersion.R5)[key].value

    assert get_fhir_model_class(accepted["resourceType"]).model_validate(accepted).subject.reference == "Patient/p1"
    assert again == "ordered"


def in_draft(order_class: str) -> dict[str, Any]:
    """A draft of a class."""
    kind, value_set, system = _DRAFTS[order_class]
    member = next(m for m in KNOWLEDGE.terminology.value_sets[value_set].members if m.system == system)
    concept = {"coding": [{"system": KNOWLEDGE.terminology.systems[system].url, "code": member.code}]}
    element = "code" if kind == "ServiceRequest" else "medicationCodeableConcept"
    return {"resourceType": kind, "id": "d1", element: concept}


def drafted(*resources: Mapping[str, Any]) -> tuple[Draft, ...]:
    """Drafts as they are read."""
    return read_drafts({"entry": [{"resource": resource} for resource in resources]}, None, KNOWLEDGE.terminology)


@pytest.mark.parametrize(("rule", "order_class"), _CHANGES, ids=_id)
def test_accepted_change_of_the_draft_leaves_nothing_to_warn_of(rule: Rule, order_class: str) -> None:
    [suggestion] = suggestions(rule, *drafted(in_draft(order_class)))
    [action] = suggestion["actions"]

    left = drafted(action["resource"]) if action["type"] == "update" else drafted()

    assert action["type"] == {"remove": "delete", "replace": "update"}[rule.draft]
    assert action.get("resourceId", "/d1").endswith("/d1")
    assert cards_of(findings(**stated_by(rule, selected_orders=[c for d in left for c in d.classes])), rule) == []


def test_replacement_is_valid_fhir_and_no_treatment() -> None:
    replacing = [(rule, name) for rule, name in _CHANGES if rule.draft == "replace"]

    for rule, order_class in replacing:
        [suggestion] = suggestions(rule, *drafted(in_draft(order_class)))
        assert ServiceRequest.model_validate(suggestion["actions"][0]["resource"]).id == "d1"
        assert drafted(suggestion["actions"][0]["resource"])[0].classes.isdisjoint(_TREATMENTS)
