"""Requests: what asks for something to be done, and what forbids it, proposes it or has been given up."""

from __future__ import annotations

from typing import Any

import pytest
from chart_builder import Resource, care_plan, condition, drug, order, value

from mappings.fhir.models import FhirVersion

NET = condition("nen_of_duodenum", id="net")
NO_REQUESTS = [{"doNotPerform": True}, {"intent": "proposal"}, {"intent": "option"}]
REQUESTS = [
    {},
    {"doNotPerform": False},
    {"intent": "plan"},
    {"intent": "order"},
    {"intent": "original-order"},
    {"intent": "filler-order"},
]


def name_of(elements: dict[str, Any]) -> str:
    return ", ".join(f"{name} {said}" for name, said in elements.items()) or "as usual"


def planned(**detail: Any) -> Resource:
    """A plan of radionuclide therapy, its activity changed."""
    plan = care_plan("prrt_procedure")
    plan["activity"][0]["detail"].update(detail)
    return plan


@pytest.mark.parametrize("elements", NO_REQUESTS, ids=name_of)
def test_request_that_forbids_or_only_proposes_is_no_order(elements: dict[str, Any]) -> None:
    found = value("sstr_imaging", NET, {**order("sstr_pet"), **elements})

    assert found == "absent"


@pytest.mark.parametrize("elements", REQUESTS, ids=name_of)
def test_request_of_any_other_intent_is_an_order(elements: dict[str, Any]) -> None:
    found = value("sstr_imaging", NET, {**order("sstr_pet"), **elements})

    assert found == "ordered"


@pytest.mark.parametrize("elements", NO_REQUESTS, ids=name_of)
def test_drug_that_is_forbidden_or_only_proposed_is_not_taken(elements: dict[str, Any]) -> None:
    found = value("active_medications", NET, {**drug("octreotide"), **elements})

    assert found == frozenset()


@pytest.mark.parametrize("elements", REQUESTS, ids=name_of)
def test_drug_of_any_other_intent_is_taken(elements: dict[str, Any]) -> None:
    found = value("active_medications", NET, {**drug("octreotide"), **elements})

    assert found == frozenset({"somatostatin-analogue"})


def test_drug_that_is_forbidden_is_no_treatment_begun() -> None:
    found = value("systemic_therapy_started", NET, {**drug("octreotide"), "doNotPerform": True})

    assert found == "no"


def test_drug_that_is_forbidden_in_r5_is_not_taken() -> None:
    forbidden = {**drug(None, reference="#m1"), "doNotPerform": True}
    del forbidden["medicationReference"]
    held = drug("octreotide")["medicationCodeableConcept"]

    found = value("active_medications", NET, {**forbidden, "medication": {"concept": held}}, version=FhirVersion.R5)

    assert found == frozenset()


@pytest.mark.parametrize("status", ["cancelled", "stopped", "entered-in-error"])
def test_activity_that_was_given_up_is_not_planned(status: str) -> None:
    found = value("prrt_planned", NET, planned(status=status))

    assert found == "no"


@pytest.mark.parametrize("status", ["not-started", "scheduled", "in-progress", "on-hold", "unknown"])
def test_activity_that_may_come_is_planned(status: str) -> None:
    found = value("prrt_planned", NET, planned(status=status))

    assert found == "yes"


def test_activity_that_a_plan_forbids_is_not_planned() -> None:
    found = value("prrt_planned", NET, planned(doNotPerform=True))

    assert found == "no"


@pytest.mark.parametrize("intent", ["proposal", "option"])
def test_plan_that_is_only_proposed_plans_nothing(intent: str) -> None:
    found = value("prrt_planned", NET, {**care_plan("prrt_procedure"), "intent": intent})

    assert found == "no"
