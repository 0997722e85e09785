"""Units: the spellings of laboratories, conversion by dimension, and what nobody can tell."""

from __future__ import annotations

from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.amounts import Amount
from mappings.units import converted, ucum, warm_up


def two(unit: str) -> Amount:
    return Amount.exactly(Decimal(2), unit)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("%", "%"),
        ("percent", "%"),
        ("Percent", "%"),
        ("mm", "mm"),
        ("MM", "mm"),
        ("cm", "cm"),
        ("centimetre", "cm"),
        ("inch", "[in_i]"),
        ("in", "[in_i]"),
        ("[in_i]", "[in_i]"),
        (" mm ", "mm"),
        ("pH", "[pH]"),
        ("µg/L", "ug/L"),
        ("μg/L", "ug/L"),
        ("mcg/L", "ug/L"),
        ("ng/mL", "ng/mL"),
        ("uIU/mL", "u[IU]/mL"),
        ("µIU/mL", "u[IU]/mL"),
        ("mIU/L", "m[IU]/L"),
        ("mEq/L", "meq/L"),
        ("mg/24h", "mg/d"),
        ("mg/24 hr", "mg/d"),
        ("mg/(24.h)", "mg/d"),
        ("mg/day", "mg/d"),
        ("mg/dL", "mg/dL"),
        ("/2mm2", "/(2.mm2)"),
        ("/2 mm²", "/(2.mm2)"),
        ("per 2 mm2", "/(2.mm2)"),
    ],
)
def test_spelling_of_a_unit_is_understood(written: str, code: str) -> None:
    found = ucum(written)

    assert found == code


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "units",
        "pos. cells",
        "x 8 mm",
        "*8 mm",
        "mm mm mm",
        "cells/HPF",
        "mm" * 20,
        "[",
        "((((((((((",
        "1/0",
        "'; DROP TABLE findings; --",
        "<script>alert(1)</script>",
        "__import__('os')",
        "{",
        "\x00",
        "10*99999999",
        "10^99999999",
        "m99999",
    ],
)
def test_unit_that_nobody_can_tell_is_none(written: str) -> None:
    found = ucum(written)

    assert found is None


@pytest.mark.parametrize("written", ["10*999999999999", "10^9999999999", "10*999999", "((10*9999999))"])
def test_unit_cannot_keep_the_machine_busy(written: str) -> None:
    warm_up()
    before = process_time()

    converted(two(ucum(written) or "?"), "%")

    assert process_time() - before < 0.5


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("mm", "mm", "2"),
        ("cm", "mm", "20"),
        ("m", "mm", "2000"),
        ("[in_i]", "mm", "50.8"),
        ("1", "%", "200"),
        ("{ratio}", "%", "200"),
        ("%{cells}", "%", "2"),
        ("/mm2", "/(2.mm2)", "4"),
        ("ng/mL", "ug/L", "2"),
        ("pg/mL", "ng/L", "2"),
        ("ug/dL", "ug/L", "20"),
        ("u[IU]/mL", "m[IU]/L", "2"),
        ("meq/L", "mmol/L", "2"),
    ],
)
def test_amount_is_converted_within_one_dimension(source: str, target: str, expected: str) -> None:
    found = converted(two(source), target)

    assert found is not None
    assert (found.low, found.unit) == (Decimal(expected), target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("%", "mm"),
        ("mm2", "mm"),
        ("nmol/L", "ug/L"),
        ("pmol/L", "ng/L"),
        ("mg/d", "ug/L"),
        ("/[HPF]", "/(2.mm2)"),
        ("10*99", "%"),
        ("m99", "mm"),
        ("Cel", "K"),
        ("dB", "%"),
        ("no unit", "mm"),
    ],
)
def test_amount_is_not_converted_into_another_dimension(source: str, target: str) -> None:
    found = converted(two(source), target)

    assert found is None


def test_conversion_keeps_open_and_excluded_ends() -> None:
    found = converted(Amount(Decimal(1), None, "cm", low_included=False), "mm")

    assert str(found) == ">10 mm"


@given(st.one_of(st.text(max_size=40), st.text("%/[]{}().*^-0123456789mcglLdhU", max_size=12)))
def test_no_unit_makes_reading_or_converting_raise(written: str) -> None:
    code = ucum(written)

    found = converted(two(code or written), "mm")

    assert found is None or found.unit == "mm"
