"""Syndromes, insulinoma, gastrinoma and function: what is confirmed, suspected, denied or open."""

from __future__ import annotations

import pytest
from chart_builder import (
    Resource,
    condition,
    drug,
    finding,
    findings_of,
    flag,
    marker,
    observation,
    said,
    stated,
    value,
    words,
)
from finding_examples import NET

from mappings.findings import State
from mappings.screening.types import READ_TYPES

SUSPECTED = ["provisional", "differential", "unconfirmed"]


def function(word: str, on: str = "2026-05-04") -> Resource:
    return observation("tumour_function", stated(f"function_{word}"), on=on)


def gastrin(letter: str, on: str = "2026-05-04") -> Resource:
    return observation("gastrin", said("see interpretation"), interpretation=flag(letter), on=on)


def test_several_syndromes_are_all_named() -> None:
    found = value("functional_syndromes", condition("carcinoid_syndrome"), condition("gastrinoma"))

    assert found == {"carcinoid-syndrome", "gastrinoma"}


@pytest.mark.parametrize("verification", SUSPECTED)
def test_suspected_syndrome_is_suspected_and_not_confirmed(verification: str) -> None:
    found = findings_of(condition("vipoma", verification=verification))

    assert found["functional_syndromes"].value == frozenset()
    assert found["suspected_syndromes"].value == frozenset({"vipoma"})


def test_insulinoma_in_remission_is_suspected_still() -> None:
    found = findings_of(condition("insulinoma", clinical="remission"))

    assert found["functional_syndromes"].value == frozenset()
    assert found["suspected_syndromes"].value == frozenset({"insulinoma"})
    assert found["insulinoma"].value == "suspected"


@pytest.mark.parametrize("clinical", ["remission", "resolved", "inactive"])
def test_syndrome_that_is_gone_does_not_count(clinical: str) -> None:
    found = value("suspected_syndromes", condition("carcinoid_syndrome", clinical=clinical))

    assert found == frozenset()


def test_syndromes_are_incomplete_after_an_incomplete_search() -> None:
    found = finding("functional_syndromes", condition("carcinoid_syndrome"), complete=False)

    assert found.value == frozenset({"carcinoid-syndrome"})
    assert not found.complete


def test_hormone_tumour_by_its_morphology_is_read() -> None:
    found = value("functional_syndromes", condition("nen_of_pancreas", morphology="glucagonoma"))

    assert found == {"glucagonoma"}


@pytest.mark.parametrize("verification", SUSPECTED)
def test_suspected_insulinoma_is_suspected(verification: str) -> None:
    found = value("insulinoma", condition("insulinoma", verification=verification))

    assert found == "suspected"


def test_confirmed_insulinoma_counts_beside_a_refuted_one() -> None:
    found = value("insulinoma", condition("insulinoma"), condition("insulinoma", verification="refuted"))

    assert found == "yes"


def test_insulinoma_counts_after_an_incomplete_search() -> None:
    found = value("insulinoma", condition("insulinoma"), complete=False)

    assert found == "yes"


def test_insulinoma_is_not_denied_where_a_problem_could_not_be_read() -> None:
    broken = {**condition("chronic_kidney_disease"), "clinicalStatus": "active"}

    found = finding("insulinoma", broken)

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("verification", ["confirmed", *SUSPECTED])
def test_excess_insulin_without_its_cause_leaves_insulinoma_open(verification: str) -> None:
    found = finding("insulinoma", condition("hyperinsulinism", verification=verification), NET)

    assert found.state is not State.ABSENT
    assert found.value != "no"


def test_functioning_tumour_whose_hormone_nobody_names_leaves_insulinoma_open() -> None:
    found = finding("insulinoma", NET, function("functioning"))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("organ", ["pancreas", "duodenum"])
def test_functioning_tumour_of_an_organ_that_makes_insulin_leaves_insulinoma_open(organ: str) -> None:
    found = finding("insulinoma", condition(f"nen_of_{organ}"), function("functioning"))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("organ", ["stomach", "jejunum_ileum", "appendix", "colon", "rectum"])
def test_functioning_tumour_of_an_organ_that_makes_no_insulin_is_no_insulinoma(organ: str) -> None:
    found = value("insulinoma", condition(f"nen_of_{organ}"), function("functioning"))

    assert found == "no"


def test_functioning_tumour_with_another_hormone_is_no_insulinoma() -> None:
    found = value("insulinoma", function("functioning"), condition("gastrinoma"))

    assert found == "no"


def test_gastrinoma_is_excluded_where_the_tumour_is_stated_to_be_nonfunctioning() -> None:
    found = value("gastrinoma", NET, function("nonfunctioning"))

    assert found == "no"


def test_gastrinoma_is_excluded_by_a_normal_gastrin() -> None:
    found = value("gastrinoma", NET, marker("gastrin", 60, 100))

    assert found == "no"


def test_gastrinoma_is_not_excluded_by_the_silence_of_the_problem_list() -> None:
    found = finding("gastrinoma", NET)

    assert found.state is State.ABSENT


def test_gastrinoma_is_not_confirmed_by_a_raised_gastrin() -> None:
    found = finding("gastrinoma", NET, marker("gastrin", 1200, 100))

    assert found.state is State.UNKNOWN


def test_raised_gastrin_after_the_tumour_was_called_nonfunctioning_leaves_gastrinoma_open() -> None:
    found = finding("gastrinoma", NET, function("nonfunctioning", "2024-05-04"), gastrin("H", "2026-05-04"))

    assert found.state is State.UNKNOWN


def test_tumour_called_nonfunctioning_after_a_raised_gastrin_is_no_gastrinoma() -> None:
    found = value("gastrinoma", NET, function("nonfunctioning", "2026-05-04"), gastrin("H", "2024-05-04"))

    assert found == "no"


@pytest.mark.parametrize("suspicion", ["zollinger_ellison_syndrome", "hypergastrinaemia"])
def test_suspicion_leaves_gastrinoma_open_whatever_the_gastrin(suspicion: str) -> None:
    found = finding("gastrinoma", NET, condition(suspicion), gastrin("N"))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("verification", SUSPECTED)
def test_suspected_gastrinoma_is_open(verification: str) -> None:
    found = finding("gastrinoma", condition("gastrinoma", verification=verification), function("nonfunctioning"))

    assert found.state is State.UNKNOWN


def test_refuted_gastrinoma_does_not_keep_it_open() -> None:
    found = value("gastrinoma", condition("gastrinoma", verification="refuted"), gastrin("N"))

    assert found == "no"


def test_zollinger_ellison_syndrome_suspects_a_gastrinoma() -> None:
    found = findings_of(condition("zollinger_ellison_syndrome"))

    assert found["suspected_syndromes"].value == frozenset({"gastrinoma"})
    assert found["functional_syndromes"].value == frozenset()


def test_confirmed_syndrome_means_a_functioning_tumour() -> None:
    found = value("tumour_function", NET, condition("carcinoid_syndrome"))

    assert found == "functioning"


def test_suspected_syndrome_says_nothing_of_function() -> None:
    found = finding("tumour_function", NET, condition("carcinoid_syndrome", verification="provisional"))

    assert found.state is State.ABSENT


def test_syndrome_after_the_tumour_was_called_nonfunctioning_overrides_it() -> None:
    syndrome = condition("carcinoid_syndrome", on="2026-05-04")

    found = value("tumour_function", NET, function("nonfunctioning", "2024-05-04"), syndrome)

    assert found == "functioning"


@pytest.mark.parametrize("day", ["2026-05-04", "2026-06-01", "2026"])
def test_tumour_called_nonfunctioning_beside_a_syndrome_is_a_contradiction(day: str) -> None:
    syndrome = condition("carcinoid_syndrome", on="2026-05-04")

    found = finding("tumour_function", NET, function("nonfunctioning", day), syndrome)

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


def test_latest_statement_of_function_counts_beside_a_syndrome() -> None:
    earlier, later = function("nonfunctioning", "2024-05-04"), function("functioning", "2026-05-04")

    found = value("tumour_function", earlier, later, condition("carcinoid_syndrome", on="2023-05-04"))

    assert found == "functioning"


def test_statement_and_syndrome_both_are_evidence_of_function() -> None:
    found = finding("tumour_function", function("functioning"), condition("carcinoid_syndrome"))

    assert [evidence.text for evidence in found.evidence] == ["functioning", "35868009"]


@pytest.mark.parametrize(
    "diagnosis",
    [
        condition("nonfunctioning_neoplasm"),
        condition("nen_of_pancreas", morphology="nonfunctioning_neoplasm"),
        condition(words("Non-functioning pancreatic neuroendocrine tumour")),
    ],
    ids=["code", "morphology", "words"],
)
def test_diagnosis_that_calls_the_tumour_nonfunctioning_states_it(diagnosis: Resource) -> None:
    assert value("tumour_function", diagnosis) == "nonfunctioning"


@pytest.mark.parametrize("verification", ["provisional", "differential", "refuted", "entered-in-error"])
def test_diagnosis_that_is_not_confirmed_says_nothing_of_function(verification: str) -> None:
    found = finding("tumour_function", NET, condition("nonfunctioning_neoplasm", verification=verification))

    assert found.state is State.ABSENT


def test_statement_after_the_diagnosis_counts() -> None:
    diagnosis = condition("nonfunctioning_neoplasm", on="2024-05-04")

    assert value("tumour_function", diagnosis, function("functioning", "2026-05-04")) == "functioning"


def test_statement_on_the_day_of_the_diagnosis_that_differs_is_a_contradiction() -> None:
    diagnosis = condition("nonfunctioning_neoplasm", on="2026-05-04")

    found = finding("tumour_function", diagnosis, function("functioning", "2026-05-04"))

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


def test_syndrome_after_a_diagnosis_that_calls_the_tumour_nonfunctioning_overrides_it() -> None:
    diagnosis = condition("nonfunctioning_neoplasm", on="2024-05-04")

    assert value("tumour_function", diagnosis, condition("carcinoid_syndrome", on="2026-05-04")) == "functioning"


def test_analogue_alone_says_nothing_of_function() -> None:
    found = finding("tumour_function", NET, drug("somatostatin_analogues"))

    assert found.state is State.ABSENT


def test_gastrinoma_is_unknown_after_an_incomplete_problem_list() -> None:
    found = finding("gastrinoma", complete=READ_TYPES - {"Condition"})

    assert found.state is State.UNKNOWN
