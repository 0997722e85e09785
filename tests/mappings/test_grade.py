"""The WHO grade at and beside its limits, from both indices, and against what the pathologist states."""

from __future__ import annotations

from pathlib import Path

import pytest
from chart_builder import (
    VOCABULARY,
    Element,
    Resource,
    between,
    condition,
    finding,
    observation,
    percent,
    quantity,
    said,
    stated,
    value,
    with_status,
    without_date,
    words,
)
from finding_examples import NET

from mappings.errors import DefinitionError
from mappings.findings import State
from mappings.readers.grade import check_limits
from mappings.screening.types import READ_TYPES


def ki67(amount: Element, **elements: str) -> Element:
    return observation("ki67_index", amount, **elements)


def mitoses(number: object, comparator: str = "", **elements: str) -> Element:
    return observation("mitotic_count", quantity(number, comparator=comparator, code="/(2.mm2)"), **elements)


def grade(number: int, **elements: str) -> Element:
    return observation("histologic_grade", stated(f"grade_g{number}"), **elements)


WELL = observation("differentiation", stated("well_differentiated"))
POOR = observation("differentiation", stated("poorly_differentiated"))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (percent(0), "G1"),
        (percent(2), "G1"),
        (percent(2.9), "G1"),
        (percent(3), "G2"),
        (percent(3.1), "G2"),
        (percent(19.9), "G2"),
        (percent(20), "G2"),
        (percent(20.1), "G3-NET"),
        (percent(21), "G3-NET"),
        (percent(100), "G3-NET"),
    ],
)
def test_ki67_decides_at_and_beside_3_and_20_percent(amount: Element, expected: str) -> None:
    found = value("grade", ki67(amount), WELL)

    assert found == expected


@pytest.mark.parametrize(
    ("number", "comparator", "expected"),
    [
        (1, "<", "G1"),
        (2, "<=", "G1"),
        (3, "<", "G1"),
        (3, "<=", "indeterminate"),
        (5, "<", "indeterminate"),
        (20, "<", "indeterminate"),
        (2, ">", "indeterminate"),
        (3, ">=", "indeterminate"),
        (20, ">=", "indeterminate"),
        (20, ">", "G3-NET"),
        (55, ">", "G3-NET"),
    ],
)
def test_ki67_with_a_comparator_decides_only_within_one_band(number: int, comparator: str, expected: str) -> None:
    found = value("grade", ki67(percent(number, comparator)), WELL)

    assert found == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1, 2, "G1"),
        (2, 3, "indeterminate"),
        (3, 5, "G2"),
        (3, 20, "G2"),
        (15, 25, "indeterminate"),
        (20, 25, "indeterminate"),
        (21, 30, "G3-NET"),
    ],
)
def test_range_of_ki67_decides_only_within_one_band(low: int, high: int, expected: str) -> None:
    found = value("grade", ki67(between(low, high, "%")), WELL)

    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<1 %", "G1"),
        ("< 2%", "G1"),
        ("less than 3 %", "G1"),
        ("3-5 %", "G2"),
        ("3 % - 5 %", "G2"),
        ("3 to 5 percent", "G2"),
        ("2,5 %", "G1"),
        ("up to 20%", "indeterminate"),
        ("2-3 %", "indeterminate"),
        (">20 %", "G3-NET"),
        ("more than 50 %", "G3-NET"),
    ],
)
def test_ki67_in_words_decides_as_its_number_would(text: str, expected: str) -> None:
    found = value("grade", ki67(said(text)), WELL)

    assert found == expected


@pytest.mark.parametrize("text", ["approximately 2 %", "~2 %", "low", "2", "2 % (hot spot)", "1-2-3 %", "high (>20 %)"])
def test_grade_is_unknown_where_the_words_of_ki67_leave_something_over(text: str) -> None:
    found = finding("grade", ki67(said(text)), WELL)

    assert found.state is State.UNKNOWN
    assert found.conflicts


@pytest.mark.parametrize(("count", "expected"), [(0, "G1"), (1, "G1"), (2, "G2"), (20, "G2"), (21, "G3-NET")])
def test_mitoses_decide_at_and_beside_2_and_20_where_ki67_is_lower(count: int, expected: str) -> None:
    found = value("grade", ki67(percent(1)), mitoses(count), WELL)

    assert found == expected


@pytest.mark.parametrize(
    ("index", "count", "expected"), [(1, 5, "G2"), (8, 1, "G2"), (25, 5, "G3-NET"), (8, 25, "G3-NET")]
)
def test_the_higher_index_decides(index: int, count: int, expected: str) -> None:
    found = value("grade", ki67(percent(index)), mitoses(count), WELL)

    assert found == expected


def test_an_interval_below_the_higher_index_does_not_matter() -> None:
    found = value("grade", ki67(percent(3, "<=")), mitoses(5))

    assert found == "G2"


def test_mitoses_alone_do_not_make_a_tumour_low_grade() -> None:
    found = finding("grade", mitoses(1))

    assert found.state is State.ABSENT


def test_mitoses_leave_the_grade_open_where_ki67_was_not_searched() -> None:
    found = finding("grade", mitoses(1), complete=False)

    assert found.state is State.UNKNOWN
    assert found.reason == "mitoses alone do not settle the grade"


def test_mitoses_alone_make_a_tumour_high_grade() -> None:
    found = value("grade", mitoses(25), WELL)

    assert found == "G3-NET"


def test_mitoses_beside_a_ki67_that_cannot_be_read_do_not_make_a_tumour_low_grade() -> None:
    found = finding("grade", ki67(said("low")), mitoses(1))

    assert found.state is State.UNKNOWN
    assert found.conflicts


def test_stated_grade_counts_beside_mitoses_alone() -> None:
    found = value("grade", mitoses(1), grade(2))

    assert found == "G2"


def test_stated_grade_below_the_mitoses_is_discordant() -> None:
    found = value("grade", mitoses(5), grade(1))

    assert found == "discordant"


def test_mitoses_per_ten_high_power_fields_are_not_converted() -> None:
    found = value("grade", ki67(percent(1)), observation("mitotic_count_per_10_hpf", quantity(25, code="1")))

    assert found == "G1"


@pytest.mark.parametrize("number", [1, 2])
def test_stated_grade_counts_where_no_index_is_on_record(number: int) -> None:
    found = value("grade", grade(number))

    assert found == f"G{number}"


def test_stated_g3_without_differentiation_is_left_unspecified() -> None:
    found = value("grade", grade(3))

    assert found == "G3-unspecified"


def test_stated_grade_counts_where_ki67_cannot_be_read() -> None:
    found = value("grade", ki67(said("low")), grade(1))

    assert found == "G1"


def test_stated_grade_in_words_is_read_and_marked_as_text() -> None:
    found = finding("grade", observation("histologic_grade", {"valueCodeableConcept": words("NET G2")}))

    assert found.value == "G2"
    assert found.evidence[0].by_text


def test_stated_grade_that_is_not_understood_is_unknown_and_named() -> None:
    found = finding("grade", observation("histologic_grade", said("intermediate")))

    assert found.state is State.UNKNOWN
    assert "intermediate" in found.conflicts[0]


def test_stated_grade_that_is_not_understood_does_not_hide_ki67() -> None:
    found = value("grade", ki67(percent(8)), observation("histologic_grade", said("intermediate")))

    assert found == "G2"


@pytest.mark.parametrize(("index", "number"), [(1, 2), (8, 1), (25, 2), (1, 3)])
def test_stated_grade_that_contradicts_ki67_is_discordant(index: int, number: int) -> None:
    found = value("grade", ki67(percent(index)), grade(number))

    assert found == "discordant"


def test_stated_grade_inside_an_interval_leaves_the_grade_indeterminate() -> None:
    found = value("grade", ki67(between(2, 3, "%")), grade(1))

    assert found == "indeterminate"


def test_stated_grade_of_an_older_sample_does_not_count_against_a_newer_ki67() -> None:
    found = value("grade", ki67(percent(12), on="2026-05-04"), grade(1, on="2020-03-01"))

    assert found == "G2"


def test_stated_grade_without_a_day_counts_against_ki67() -> None:
    found = value("grade", ki67(percent(12)), without_date(grade(1)))

    assert found == "discordant"


def test_stated_grade_that_is_as_old_as_the_mitoses_does_not_count_against_a_newer_ki67() -> None:
    found = value("grade", ki67(percent(12), on="2026-05-04"), mitoses(1, on="2020-03-01"), grade(1, on="2020-03-01"))

    assert found == "G2"


@pytest.mark.parametrize(("index", "number"), [(1, 1), (8, 2)])
def test_stated_grade_that_agrees_with_ki67_changes_nothing(index: int, number: int) -> None:
    found = value("grade", ki67(percent(index)), grade(number))

    assert found == f"G{number}"


def test_stated_grade_of_a_newer_sample_contradicts_an_older_ki67() -> None:
    found = value("grade", ki67(percent(1), on="2020-03-01"), grade(3, on="2026-05-04"))

    assert found == "discordant"


def test_grade_is_unknown_where_two_ki67_of_one_day_disagree() -> None:
    found = finding("grade", ki67(percent(2)), ki67(percent(25)), grade(1))

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


@pytest.mark.parametrize("amount", [percent(2), percent(8), percent(20)])
def test_poor_differentiation_with_a_low_index_is_discordant(amount: Element) -> None:
    found = value("grade", ki67(amount), POOR)

    assert found == "discordant"


def test_poor_differentiation_with_a_high_index_is_a_carcinoma() -> None:
    found = value("grade", ki67(percent(70)), POOR)

    assert found == "NEC"


def test_high_index_without_differentiation_is_left_unspecified() -> None:
    found = value("grade", ki67(percent(70)))

    assert found == "G3-unspecified"


def test_high_index_with_contradictory_differentiation_is_left_unspecified() -> None:
    found = value("grade", ki67(percent(70)), POOR, condition("well_differentiated_neoplasm"))

    assert found == "G3-unspecified"


@pytest.mark.parametrize("resources", [(NET, POOR), (condition("neuroendocrine_carcinoma"),)])
def test_poor_differentiation_without_an_index_is_no_grade(resources: tuple[Resource, ...]) -> None:
    found = finding("grade", *resources)

    assert found.state is State.ABSENT


@pytest.mark.parametrize("status", ["preliminary", "registered", "cancelled", "entered-in-error"])
def test_poor_differentiation_beside_an_index_that_is_not_final_is_no_grade(status: str) -> None:
    found = finding("grade", NET, POOR, with_status(ki67(percent(80)), status))

    assert found.state is not State.KNOWN


def test_poor_differentiation_after_an_incomplete_search_for_an_index_is_unknown() -> None:
    found = finding("grade", POOR, complete=READ_TYPES - {"Observation"})

    assert found.state is State.UNKNOWN


def test_poor_differentiation_with_an_index_that_cannot_be_read_is_unknown() -> None:
    found = finding("grade", POOR, ki67(said("high")))

    assert found.state is State.UNKNOWN
    assert found.conflicts


def test_grade_of_a_well_differentiated_tumour_without_an_index_is_absent() -> None:
    found = finding("grade", NET, WELL)

    assert found.state is State.ABSENT


def test_ki67_of_more_than_100_percent_is_not_believed() -> None:
    found = finding("grade", ki67(quantity(15, code="1")))

    assert found.state is State.UNKNOWN


def test_evidence_names_index_and_differentiation() -> None:
    found = finding("grade", ki67(percent(25)), WELL)

    assert [evidence.text for evidence in found.evidence] == ["25 %", "well-differentiated"]


_KI67 = '[ki67_index]\nunit = "%"\ng2_from = "3"\ng3_above = "20"\n'
_MITOSES = '[mitotic_count]\nunit = "/(2.mm2)"\ng2_from = "2"\ng3_above = "20"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_KI67, "grading.toml: expected the tables ki67_index and mitotic_count"),
        (_MITOSES + _KI67.replace("g3_above", "g3_from"), "grading.toml: ki67_index: g3_above is missing"),
        (_MITOSES + _KI67.replace('"20"', "20"), "grading.toml: ki67_index: g3_above: expected text"),
        (_MITOSES + _KI67.replace("20", "2O"), "grading.toml: ki67_index: g3_above: expected a number above 0"),
        (_MITOSES + _KI67.replace("20", "2"), "grading.toml: ki67_index: g3_above: expected no less than g2_from"),
        (_MITOSES + _KI67.replace("%", "1"), "grading.toml: ki67_index: unit: the index is in %, not 1"),
    ],
)
def test_a_wrong_limit_of_grades_is_told_by_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "grading.toml"
    path.write_text(text)

    with pytest.raises(DefinitionError, match=message):
        check_limits(VOCABULARY, path)
