"""Numbers with comparators, ranges and words become amounts, or nothing where anything is left over."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.amounts import Amount
from mappings.quantities import from_quantity, from_range, from_text


@pytest.mark.parametrize(
    ("comparator", "words"),
    [(None, "8 %"), ("", "8 %"), ("<", "<8 %"), ("<=", "0–8 %"), (">", ">8 %"), (">=", "≥8 %")],
)
def test_comparator_opens_one_end(comparator: str | None, words: str) -> None:
    found = from_quantity(Decimal(8), comparator, "%")

    assert str(found) == words


@pytest.mark.parametrize("comparator", ["ad", "sufficient", "~", "=", "≤"])
def test_comparator_nobody_knows_is_no_amount(comparator: str) -> None:
    found = from_quantity(Decimal(8), comparator, "%")

    assert found is None


@pytest.mark.parametrize(
    "number", ["-1", "NaN", "sNaN", "Infinity", "-Infinity", "1E+999999999", "1E-999999999", "1E16"]
)
def test_number_that_nothing_measures_is_no_amount(number: str) -> None:
    found = from_quantity(Decimal(number), None, "%")

    assert found is None


@pytest.mark.parametrize(("number", "unit"), [(None, "%"), (Decimal(8), None)])
def test_quantity_without_number_or_unit_is_no_amount(number: Decimal | None, unit: str | None) -> None:
    found = from_quantity(number, None, unit)

    assert found is None


def test_less_than_nothing_is_no_amount() -> None:
    found = from_quantity(Decimal(0), "<", "%")

    assert found is None


@pytest.mark.parametrize(
    ("low", "high", "words"), [("3", "5", "3–5 %"), ("3", None, "≥3 %"), (None, "5", "0–5 %"), ("5", "5", "5 %")]
)
def test_range_may_be_open(low: str | None, high: str | None, words: str) -> None:
    ends = [None if end is None else Decimal(end) for end in (low, high)]

    found = from_range(ends[0], ends[1], "%")

    assert str(found) == words


@pytest.mark.parametrize(("low", "high"), [(None, None), ("5", "3"), ("-1", "3"), ("3", "NaN"), ("3", "1E+99")])
def test_range_that_is_none_is_no_amount(low: str | None, high: str | None) -> None:
    ends = [None if end is None else Decimal(end) for end in (low, high)]

    found = from_range(ends[0], ends[1], "%")

    assert found is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("8 %", "8 %"),
        ("8%", "8 %"),
        ("  8 percent ", "8 %"),
        ("8.5 %", "8.5 %"),
        ("8,5 %", "8.5 %"),
        ("0,125 %", "0.125 %"),
        ("<1 %", "<1 %"),
        ("< 1%", "<1 %"),
        ("less than 3 %", "<3 %"),
        ("under 3 %", "<3 %"),
        ("<=3 %", "0–3 %"),
        ("≤ 3 %", "0–3 %"),
        ("up to 20%", "0–20 %"),
        ("at most 20 %", "0–20 %"),
        (">20 %", ">20 %"),
        ("More than 20 %", ">20 %"),
        ("≥20 %", "≥20 %"),
        ("at least 20 %", "≥20 %"),
        ("3-5 %", "3–5 %"),
        ("3 – 5 %", "3–5 %"),
        ("3% to 5%", "3–5 %"),
        ("12 mm", "12 mm"),
        ("1.2cm", "1.2 cm"),
        ("1-2 cm", "1–2 cm"),
    ],
)
def test_text_that_is_an_amount_is_read(text: str, words: str) -> None:
    found = from_text(text)

    assert str(found) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "8",
        "low",
        "approximately 2 %",
        "~2 %",
        "ca. 2 %",
        "2 % (hot spot)",
        "Ki-67 2 %",
        "2 % or 3 %",
        "2 %, 8 %",
        "5-3 %",
        "1-2-3 %",
        "-5 %",
        "8 % ?",
        "8 percentage points",
        "12 x 8 mm",
        "3 mm - 5 mm",
        "1,200 ng/mL",
        "1.200 ng/mL",
        "<1,200 ng/mL",
        "1e3 %",
        "½ %",
        "eight percent",
        "8 %\n9 %",
        "9" * 70 + " %",
        "9" * 30 + " %",
    ],
)
def test_text_with_anything_left_over_is_no_amount(text: str) -> None:
    found = from_text(text)

    assert found is None


@given(st.one_of(st.text(), st.from_regex(r"[<>=~≤≥]{0,2} ?\d{1,5}([.,]\d{1,4})? ?(-|to)? ?\d{0,3} ?[%a-z/]{0,6}")))
def test_reading_a_text_never_raises(text: str) -> None:
    found = from_text(text)

    assert found is None or isinstance(found, Amount)


@given(st.decimals(0, 1000, places=2), st.sampled_from(["", "<", "up to ", ">", "at least "]))
def test_text_says_the_same_as_the_quantity(number: Decimal, words: str) -> None:
    comparator = {"": None, "<": "<", "up to ": "<=", ">": ">", "at least ": ">="}[words]

    found = from_text(f"{words}{number} %")

    assert found == from_quantity(number, comparator, "%")
