"""UCUM: the table is UCUM's own, its grammar is read whole, and amounts are those of another implementation."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import ucumvert
from ucum_essence import essence

from mappings.ucum import NotUcum, measure

_TABLE = Path("mappings/ucum.toml")
_EXAMPLES = Path(ucumvert.__file__).parent / "vendor" / "ucum_examples.tsv"
_BASE = {
    "[length]": "m",
    "[time]": "s",
    "[mass]": "kg",
    "[current]": "A",
    "[temperature]": "K",
    "[luminosity]": "cd",
    "[substance]": "mol",
}
# What pint defines otherwise than UCUM: a mercury column and water at 60 °F by other constants, the low power field as
# one. Angles and units of an assay are plain numbers there, and what has no zero cannot be multiplied.
_OTHERWISE = ("[LPF]", "m[Hg]", "[in_i'H2O]", "deg", "Cel", "dB", "[pH]")


def examples() -> list[str]:
    """The common codes that UCUM lists; one of them is not in its table."""
    rows = _EXAMPLES.read_text().splitlines()[1:]
    return [code for code in (row.split("\t")[1] for row in rows) if code != "Torr"]


def is_as_in_library(code: str, registry: Any) -> bool:
    found = registry.from_ucum(code)
    found = found if hasattr(found, "dimensionality") else registry.from_ucum("1")
    base = found.to_base_units()
    powers = [f"{_BASE[name]}{power:.0f}" for name, power in base.dimensionality.items()]
    theirs, ours = measure(".".join(powers) or "1"), measure(code)
    known = tuple((unit, power) for unit, power in ours.dimensions if unit != "rad" and unit[0] != "[")
    return known == theirs.dimensions and float(ours.amount / theirs.amount) == pytest.approx(base.magnitude, rel=1e-6)


def test_table_is_that_of_ucum() -> None:
    found = tomllib.loads(_TABLE.read_text())

    assert found == essence(), "PYTHONPATH=tests/mappings .venv/bin/python -m ucum_essence > mappings/ucum.toml"


def test_every_definition_can_be_read() -> None:
    table = essence()

    amounts = [measure(code).amount for code in [*table["metric"], *table["plain"]]]

    assert all(amount > 0 for amount in amounts)


def test_common_codes_of_ucum_are_read() -> None:
    amounts = [measure(code).amount for code in examples()]

    assert len(amounts) > 800
    assert all(amount > 0 for amount in amounts)


def test_common_codes_measure_what_the_library_says() -> None:
    registry = ucumvert.PintUcumRegistry()
    codes = [code for code in examples() if not any(unit in code for unit in _OTHERWISE)]

    wrong = [code for code in codes if not is_as_in_library(code, registry)]

    assert len(codes) > 800
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("m[g]", "10*-3.[g]"),  # thousandths of the acceleration of free fall, not of a gram
        ("hbar", "100.bar"),
        ("g%", "g/dl"),
        ("[cft_i]", "[ft_i]3"),
        ("[IU]", "[iU]"),
        ("/[HPF]{x}", "1"),
        ("{a}", "1"),
        ("(8.h){shift}", "8.h"),
        ("/24.h", "/(24.h)"),
        ("dar", "10*-1.ar"),
        ("kg.m/s2", "N"),
        ("m/s/s", "m/s2"),
        ("10*3", "10^3"),
    ],
)
def test_two_codes_measure_the_same(code: str, same: str) -> None:
    assert measure(code) == measure(same)


@pytest.mark.parametrize(
    ("code", "other"), [("[IU]", "1"), ("[IU]", "[arb'U]"), ("mol", "1"), ("Cel", "K"), ("[pH]", "mol/L"), ("rad", "1")]
)
def test_what_has_no_common_scale_is_not_compared(code: str, other: str) -> None:
    assert measure(code).dimensions != measure(other).dimensions


@pytest.mark.parametrize(
    "code",
    [
        "",
        "/",
        "m/",
        "m.",
        "(m",
        "m)",
        "{",
        "{a}{b}{c}",
        "m0",
        "m02",
        "0",
        "m100",
        "2-3",
        "3+1",
        "kmin",
        "mmm",
        "ng /mL",
    ],
)
def test_what_ucum_does_not_allow_is_no_code(code: str) -> None:
    with pytest.raises(NotUcum):
        measure(code)
