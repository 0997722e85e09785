"""Proliferation as laboratories and pathologists write it."""

from __future__ import annotations

import pytest
from chart_builder import (
    Element,
    between,
    coding,
    finding,
    local,
    observation,
    order,
    percent,
    quantity,
    said,
    stated,
    value,
    without_date,
    words,
)

from mappings.findings import State


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (percent(8), "8 %"),
        (quantity(8, code="%"), "8 %"),
        (quantity(8, "percent"), "8 %"),
        (quantity(8, "%{cells}", code="%{cells}"), "8 %"),
        (quantity(0.08, code="1"), "8 %"),
        (percent(1, "<"), "<1 %"),
        (percent(20, ">"), ">20 %"),
        (percent(20, ">="), "≥20 %"),
        (between(3, 5, "%"), "3–5 %"),
        (said("3-5 %"), "3–5 %"),
        ({"valueCodeableConcept": words("<1 %")}, "<1 %"),
    ],
)
def test_ki67_is_read_however_it_is_written(amount: Element, expected: str) -> None:
    found = value("ki67_index", observation("ki67_index", amount))

    assert found == expected


@pytest.mark.parametrize(
    "amount",
    [
        quantity(8),
        quantity(8, "mm"),
        quantity(8, "pos. cells"),
        quantity(15, code="1"),
        percent(120),
        percent(-3),
        between(5, 3, "%"),
        between(50, 150, "%"),
        said("approximately 2 %"),
        said("low"),
        {"valueCodeableConcept": local(text="3-5 %")},
        {"valueInteger": 8},
    ],
)
def test_ki67_that_nobody_can_tell_is_unknown_and_named(amount: Element) -> None:
    found = finding("ki67_index", observation("ki67_index", amount))

    assert found.state is State.UNKNOWN
    assert found.conflicts


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (quantity(8, "mm"), "8 mm"),
        (quantity(8, "pos. cells"), "8 pos. cells"),
        (quantity(15, code="1"), "15"),
        (percent(120), "120 %"),
        (said("low"), "low"),
        (stated(local("LOW")), "LOW"),
        (stated(local("LOW", text="low")), "low"),
        (stated({"coding": [{"system": "urn:oid:2.999.20.1"}]}), "no value"),
    ],
)
def test_ki67_that_could_not_be_read_is_named_as_it_was_written(amount: Element, written: str) -> None:
    found = finding("ki67_index", observation("ki67_index", amount))

    assert [conflict.partition(": ")[2] for conflict in found.conflicts] == [f"{written} could not be read"]


@pytest.mark.parametrize(("amount", "by_text"), [(percent(8), False), (said("8 %"), False)])
def test_ki67_shows_its_words_and_is_a_number_even_where_it_was_written_as_text(amount: Element, by_text: bool) -> None:
    found = finding("ki67_index", observation("ki67_index", amount))

    assert [(evidence.text, evidence.by_text) for evidence in found.evidence] == [("8 %", by_text)]


def test_result_without_a_value_is_no_result() -> None:
    found = finding("ki67_index", observation("ki67_index", None, dataAbsentReason=words("not performed")))

    assert found.state is State.ABSENT


def test_latest_ki67_counts() -> None:
    earlier = observation("ki67_index", percent(25), on="2024-03-01")
    later = observation("ki67_index", percent(8), on="2026-03-01")

    found = value("ki67_index", earlier, later)

    assert found == "8 %"


def test_latest_ki67_that_cannot_be_read_is_not_replaced_by_an_older_one() -> None:
    earlier = observation("ki67_index", percent(2), on="2024-03-01")
    later = observation("ki67_index", said("raised"), on="2026-03-01")

    found = finding("ki67_index", earlier, later)

    assert found.state is State.UNKNOWN


def test_two_ki67_of_one_day_that_overlap_give_the_narrower() -> None:
    found = value("ki67_index", observation("ki67_index", percent(3, "<")), observation("ki67_index", percent(2)))

    assert found == "2 %"


def test_ki67_without_a_day_may_be_the_latest_and_contradicts() -> None:
    dated = observation("ki67_index", percent(2))
    undated = without_date(observation("ki67_index", percent(25)))

    found = finding("ki67_index", dated, undated)

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


def test_ki67_of_a_year_may_be_later_than_one_of_a_day_of_that_year() -> None:
    day = observation("ki67_index", percent(2), on="2026-05-04")
    year = observation("ki67_index", percent(25), on="2026")

    found = finding("ki67_index", day, year)

    assert found.state is State.UNKNOWN


def test_ki67_of_an_earlier_year_does_not_contradict() -> None:
    day = observation("ki67_index", percent(2), on="2026-05-04")
    year = observation("ki67_index", percent(25), on="2025")

    found = value("ki67_index", day, year)

    assert found == "2 %"


def test_ki67_as_a_component_is_read() -> None:
    part = {"code": observation("ki67_index")["code"], **percent(8)}

    found = value("ki67_index", observation(coding("LOINC", "33731-1"), component=[part]))

    assert found == "8 %"


def test_assessment_is_done_by_an_older_usable_index() -> None:
    earlier = observation("ki67_index", percent(2), on="2024-03-01")
    later = observation("ki67_index", said("raised"), on="2026-03-01")

    found = value("ki67_assessment", earlier, later)

    assert found == "done"


def test_assessment_is_done_by_two_indices_that_disagree() -> None:
    found = value("ki67_assessment", observation("ki67_index", percent(2)), observation("ki67_index", percent(25)))

    assert found == "done"


def test_assessment_is_unknown_where_ki67_is_only_called_low() -> None:
    found = finding("ki67_assessment", observation("ki67_index", said("low")))

    assert found.state is State.UNKNOWN
    assert found.conflicts


def test_assessment_is_ordered_by_an_open_request() -> None:
    found = value("ki67_assessment", order("ki67_index"))

    assert found == "ordered"


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (5, "/(2.mm2)", "5 /(2.mm2)"),
        (5, "/2 mm2", "5 /(2.mm2)"),
        (5, "per 2 mm2", "5 /(2.mm2)"),
        (2.5, "/mm2", "5 /(2.mm2)"),
        (5, "{mitoses}/(2.mm2)", "5 /(2.mm2)"),
    ],
)
def test_mitoses_per_area_are_read(number: object, unit: str, expected: str) -> None:
    found = value("mitotic_count", observation("mitotic_count", quantity(number, unit)))

    assert found == expected


@pytest.mark.parametrize("unit", ["", "/[HPF]", "/10 HPF", "1"])
def test_mitoses_without_an_area_are_unknown(unit: str) -> None:
    found = finding("mitotic_count", observation("mitotic_count", quantity(5, unit)))

    assert found.state is State.UNKNOWN


def test_mitoses_per_ten_high_power_fields_leave_the_count_unknown() -> None:
    found = finding("mitotic_count", observation("mitotic_count_per_10_hpf", quantity(5, code="1")))

    assert found.state is State.UNKNOWN
    assert "per ten high-power fields" in found.conflicts[0]


def test_mitoses_per_area_count_beside_those_per_ten_fields() -> None:
    per_area = observation("mitotic_count", quantity(5, code="/(2.mm2)"))
    per_fields = observation("mitotic_count_per_10_hpf", quantity(9, code="1"))

    found = value("mitotic_count", per_area, per_fields)

    assert found == "5 /(2.mm2)"


@pytest.mark.parametrize("text", ["moderately differentiated", "see comment"])
def test_differentiation_that_is_not_understood_is_unknown(text: str) -> None:
    found = finding("differentiation", observation("differentiation", said(text)))

    assert found.state is State.UNKNOWN
    assert text in found.conflicts[0]


def test_a_stain_that_was_stated_in_words_is_done() -> None:
    found = value("synaptophysin_immunostain", observation("synaptophysin_immunostain", stated(words("Positive"))))

    assert found == "done"
