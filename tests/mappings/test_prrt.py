"""Radionuclide therapy: planned by an order or a plan, given by a procedure, a dose or a request that was completed."""

from __future__ import annotations

import pytest
from chart_builder import (
    Resource,
    care_plan,
    drug,
    drug_given,
    drug_statement,
    finding,
    order,
    procedure,
    value,
    words,
)
from finding_examples import NET

from mappings.findings import State


@pytest.mark.parametrize(
    "plan",
    [
        drug("lutetium_prrt", status="draft"),
        drug("lutetium_prrt", status="active", start="2026-12-01"),
        order("prrt_procedure"),
        order("lutetium_prrt", status="draft"),
        care_plan("prrt_procedure"),
    ],
)
def test_prrt_is_planned_by_drug_order_and_plan(plan: Resource) -> None:
    found = value("prrt_planned", NET, plan)

    assert found == "yes"


@pytest.mark.parametrize(
    "other",
    [
        drug("lutetium_prrt", status="completed"),
        drug("lutetium_prrt", status="cancelled"),
        drug_given("lutetium_prrt", status="in-progress"),
        order("prrt_procedure", status="revoked"),
        care_plan("prrt_procedure", status="completed"),
        procedure("prrt_procedure"),
        drug("cytotoxics"),
        order("ct_abdomen"),
    ],
)
def test_prrt_that_is_over_or_off_is_not_planned(other: Resource) -> None:
    found = value("prrt_planned", NET, other)

    assert found == "no"


@pytest.mark.parametrize(
    "given",
    [
        procedure("prrt_procedure"),
        drug("lutetium_prrt", status="completed"),
        drug_given("lutetium_prrt"),
        drug_given("lutetium_prrt", status="in-progress"),
        drug_statement("lutetium_prrt", status="stopped"),
    ],
)
def test_prrt_was_given_by_procedure_dose_and_completed_request(given: Resource) -> None:
    found = value("prrt_given", NET, given)

    assert found == "yes"


@pytest.mark.parametrize(
    "other",
    [
        drug("lutetium_prrt", status="active"),
        drug("lutetium_prrt", status="draft"),
        drug("lutetium_prrt", status="cancelled"),
        drug("lutetium_prrt", status="entered-in-error"),
        drug("lutetium_prrt", status="completed", start="2026-11-21"),
        drug("cytotoxics", status="completed"),
        order("prrt_procedure"),
        procedure("prrt_procedure", status="not-done"),
        procedure("prrt_procedure", status="entered-in-error"),
    ],
)
def test_prrt_that_is_planned_or_called_off_was_not_given(other: Resource) -> None:
    found = value("prrt_given", NET, other)

    assert found == "no"


@pytest.mark.parametrize(
    "unsettled",
    [
        drug("lutetium_prrt", status="stopped"),
        drug("lutetium_prrt", status="unknown"),
        drug_given("lutetium_prrt", status="on-hold"),
        drug_given("lutetium_prrt", status="unknown"),
        drug_given(words("white tablet")),
        drug(words("white tablet"), status="completed"),
    ],
)
def test_whether_prrt_was_given_is_unknown_where_a_dose_or_the_drug_is_unsettled(unsettled: Resource) -> None:
    found = finding("prrt_given", NET, unsettled)

    assert found.state is State.UNKNOWN


def test_an_active_request_for_an_unknown_drug_does_not_unsettle_whether_prrt_was_given() -> None:
    found = value("prrt_given", NET, drug(words("white tablet")))

    assert found == "no"
