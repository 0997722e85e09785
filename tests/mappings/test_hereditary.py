"""MEN1, family history and germline tests."""

from __future__ import annotations

import pytest
from chart_builder import coding, condition, finding, observation, order, relative, said, value, words

from mappings.findings import State


@pytest.mark.parametrize("clinical", ["active", "inactive"])
def test_refuted_men1_is_excluded(clinical: str) -> None:
    found = value("men1", condition("men1", clinical=clinical, verification="refuted"))

    assert found == "excluded"


@pytest.mark.parametrize("verification", ["provisional", "differential", "unconfirmed"])
def test_suspected_men1_is_neither_confirmed_nor_excluded(verification: str) -> None:
    found = finding("men1", condition("men1", verification=verification))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("clinical", ["inactive", "resolved", "remission"])
def test_confirmed_men1_that_is_listed_as_gone_stays_confirmed_since_it_does_not_go_away(clinical: str) -> None:
    assert value("men1", condition("men1", clinical=clinical)) == "confirmed"


@pytest.mark.parametrize("clinical", ["inactive", "resolved", "remission"])
@pytest.mark.parametrize("verification", ["", "provisional", "unconfirmed"])
def test_men1_that_is_gone_and_was_not_confirmed_is_unknown(clinical: str, verification: str) -> None:
    found = finding("men1", condition("men1", clinical=clinical, verification=verification))

    assert found.state is State.UNKNOWN


def test_suspected_men1_beside_a_refuted_one_is_not_excluded() -> None:
    suspected = condition("men1", verification="provisional")

    found = finding("men1", suspected, condition("men1", verification="refuted"))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("system", "other"),
    [("SNOMED CT", "715907003"), ("ICD-10-CM", "Z15.81"), ("ICD-10-CM", "Z83.41"), ("SNOMED CT", "46659004")],
    ids=["MEN4", "susceptibility to MEN", "family history of MEN", "von Hippel-Lindau syndrome"],
)
def test_other_entries_are_no_men1(system: str, other: str) -> None:
    found = finding("men1", condition(coding(system, other)))

    assert found.state is State.ABSENT


def test_relative_whose_year_alone_is_known_is_a_family_history() -> None:
    found = finding("family_history", relative(on="2019"))

    assert found.value == "done"
    assert str(found.date) == "2019"


@pytest.mark.parametrize("status", ["partial", "health-unknown"])
def test_family_history_that_was_begun_is_neither_done_nor_absent(status: str) -> None:
    found = finding("family_history", relative(status=status))

    assert found.state is State.UNKNOWN
    assert found.evidence


def test_one_relative_whose_history_is_complete_is_enough() -> None:
    found = value("family_history", relative(), relative(status="health-unknown", on="2026-02-01"))

    assert found == "done"


def test_family_history_entered_in_error_was_not_taken() -> None:
    found = value("family_history", relative(status="entered-in-error"))

    assert found == "absent"


def test_family_history_in_the_problem_list_is_no_history_taken() -> None:
    found = value("family_history", condition(coding("ICD-10-CM", "Z83.41")))

    assert found == "absent"


def test_germline_test_without_a_result_is_not_done() -> None:
    empty = observation("germline_test", dataAbsentReason=words("specimen lost"))

    found = value("germline_test", empty, order("germline_test"))

    assert found == "ordered"


def test_germline_test_with_a_result_is_done() -> None:
    found = value("germline_test", observation("germline_test", said("no pathogenic variant")))

    assert found == "done"
