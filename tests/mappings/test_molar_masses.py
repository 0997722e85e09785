"""Mass and moles are one thing only where the molar mass of the marker is cited."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mappings.amounts import Amount
from mappings.errors import DefinitionError
from mappings.units import check_units, converted, molar_mass
from mappings.value_sets import load_terminology


@pytest.mark.parametrize(
    ("value_set", "source", "target", "factor"),
    [
        ("hiaa_urine", "mg/d", "umol/d", Decimal("5.23")),
        ("hiaa_plasma", "ng/mL", "nmol/L", Decimal("5.23")),
        ("gastrin", "pg/mL", "pmol/L", Decimal("0.481")),
        ("gastrin", "pmol/L", "ng/L", Decimal("2.08")),
    ],
)
def test_mass_and_moles_convert_by_the_cited_mass(value_set: str, source: str, target: str, factor: Decimal) -> None:
    amount = converted(Amount.exactly(Decimal(1), source), target, molar_mass(value_set))

    assert amount is not None
    assert amount.low is not None
    assert abs(amount.low - factor) < Decimal("0.001")


def test_a_marker_that_depends_on_its_assay_is_never_converted() -> None:
    amount = converted(Amount.exactly(Decimal(1), "ug/L"), "nmol/L", molar_mass("chromogranin_a"))

    assert amount is None


def test_a_daily_amount_is_never_compared_with_a_concentration() -> None:
    amount = converted(Amount.exactly(Decimal(1), "mg/d"), "umol/L", molar_mass("hiaa_urine"))

    assert amount is None


@pytest.mark.parametrize("value_set", ["gastrin", "hiaa_urine", "hiaa_plasma"])
def test_a_molar_mass_belongs_to_a_value_set(value_set: str) -> None:
    assert value_set in load_terminology().value_sets
    assert molar_mass(value_set) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[gastrin]\nseen = "x"', "molar_masses.toml: gastrin: grams_per_mole is missing"),
        (
            '[gastrin]\nseen = "x"\ngrams_per_mole = "2O80"',
            "molar_masses.toml: gastrin: grams_per_mole: expected a number above 0 as text, not '2O80'",
        ),
        (
            '[gastrine]\nseen = "x"\ngrams_per_mole = "2080"',
            "molar_masses.toml: gastrine: no value set called 'gastrine'",
        ),
    ],
)
def test_a_wrong_molar_mass_is_told_by_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "molar_masses.toml"
    path.write_text(text)

    with pytest.raises(DefinitionError, match=message):
        check_units(load_terminology().value_sets, path)
