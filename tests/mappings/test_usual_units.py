"""Usual units: what is known of them before the library is loaded is what the library says."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import ucumvert

from mappings import units
from mappings.amounts import Amount
from mappings.errors import DefinitionError
from mappings.units import converted, ucum

USUAL = [code for table in tomllib.loads(Path("mappings/usual_units.toml").read_text()).values() for code in table]


@pytest.fixture(scope="module")
def library() -> Any:
    return ucumvert.PintUcumRegistry()


def by_library(source: str, target: str, library: Any) -> Decimal | None:
    one, other = library.from_ucum(source), library.from_ucum(target)
    if one.dimensionality != other.dimensionality:
        return None
    return Decimal(f"{float((one / other).to_base_units().magnitude):.12g}")


def by_us(source: str, target: str) -> Decimal | None:
    found = converted(Amount.exactly(Decimal(1), source), target)
    return None if found is None else found.low


def test_every_pair_of_usual_units_converts_as_the_library_says(library: Any) -> None:
    pairs = list(permutations(USUAL, 2))

    wrong = [pair for pair in pairs if by_us(*pair) != by_library(*pair, library)]

    assert wrong == []


@pytest.mark.parametrize("code", USUAL)
def test_a_usual_unit_is_written_as_ucum_writes_it(code: str) -> None:
    assert ucum(code) == code


@pytest.mark.parametrize("code", USUAL)
def test_a_usual_unit_is_no_spelling_of_another(code: str) -> None:
    assert ucum(f" {code} ") == code  # not recognised at first sight, as one without blanks is


def test_usual_units_need_no_library() -> None:
    asks = (
        "from mappings.units import converted, ucum; from mappings.amounts import Amount; from decimal import Decimal"
    )
    does = "print(ucum('ng/mL'), converted(Amount.exactly(Decimal(2), 'cm'), 'mm'), 'pint' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", f"import sys; {asks}; {does}"], capture_output=True, text=True)  # noqa: S603

    assert told.stdout.split() == ["ng/mL", "20", "mm", "False"]


def test_the_registry_is_built_once_for_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []
    registry = units._registry()

    def build() -> Any:
        time.sleep(0.05)
        built.append(registry)
        return registry

    monkeypatch.setattr(ucumvert, "PintUcumRegistry", build)
    units._built.cache_clear()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: units._registry(), range(8)))

    assert built == [registry]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[length]\nmm = "one"', "usual_units.toml: length: mm: expected a number above 0 as text, not 'one'"),
        ('[length]\nmm = "1"\n[width]\nmm = "1"', "usual_units.toml: width: mm: also a unit of length"),
        ('mm = "1"', "usual_units.toml: mm: expected a table"),
    ],
)
def test_a_wrong_usual_unit_is_told_by_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "usual_units.toml"
    path.write_text(text)

    with pytest.raises(DefinitionError, match=message):
        units.usual_units(path)
