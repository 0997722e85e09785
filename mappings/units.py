"""Units: UCUM, the spellings that laboratories use instead, and conversion by dimension only, never between assays."""

from __future__ import annotations

import re
import threading
from collections.abc import Container, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mappings.amounts import Amount
from mappings.errors import DefinitionError, UnknownName, place_of
from mappings.sparing import sparing
from mappings.tables import positive, read_file, read_tables

_HERE = Path(__file__).parent
_MASSES = _HERE / "molar_masses.toml"
_LONGEST = 30
_BUILDING = threading.Lock()
# How laboratories write units that UCUM spells otherwise; compared without blanks and case where UCUM has no meaning.
_SPELLINGS = {
    "%": "%",
    "percent": "%",
    "mm": "mm",
    "millimeter": "mm",
    "millimetre": "mm",
    "cm": "cm",
    "centimeter": "cm",
    "centimetre": "cm",
    "in": "[in_i]",
    "inch": "[in_i]",
    "inches": "[in_i]",
    "ph": "[pH]",
    "[ph]": "[pH]",
    "uiu/ml": "u[IU]/mL",
    "µiu/ml": "u[IU]/mL",
    "miu/l": "m[IU]/L",
    "mu/l": "m[IU]/L",
    "uu/ml": "u[IU]/mL",
    "µu/ml": "u[IU]/mL",
    "meq/l": "meq/L",
    "mcg/l": "ug/L",
    "mcg/ml": "ug/mL",
    "/2mm2": "/(2.mm2)",
    "/2mm²": "/(2.mm2)",
    "per2mm2": "/(2.mm2)",
    "/2.mm2": "/(2.mm2)",
}
# A power of ten with more digits than any laboratory uses would keep the machine busy for minutes.
_HUGE_NUMBER = re.compile(r"\d{5}")
_FACTORS = (Decimal("1e-15"), Decimal("1e15"))
_PER_DAY = re.compile(r"/\(?(?:24\.?h(?:r|rs|ours?)?|day|d)\)?$", re.IGNORECASE)


def ucum(text: str) -> str | None:
    """The UCUM code that a unit as written means, or None where it is unknown or ambiguous."""
    if text in usual_units():
        return text
    written = text.strip()
    if not written or len(written) > _LONGEST or _HUGE_NUMBER.search(written):
        return None
    plainer = written.replace("\u03bc", "u").replace("\u00b5", "u").replace(" ", "")
    spelt = _SPELLINGS.get(plainer.casefold()) or _SPELLINGS.get(written.replace(" ", "").casefold())
    if spelt is not None:
        return spelt
    plainer = _PER_DAY.sub("/d", plainer)
    return plainer if plainer in usual_units() or _parsed(plainer) is not None else None


def converted(amount: Amount, unit: str, grams_per_mole: Decimal | None = None) -> Amount | None:
    """The amount in another UCUM unit, or None where the two do not measure the same thing.

    Mass and moles measure the same thing only where the molar mass of the substance is given.
    """
    if amount.unit == unit:
        return amount
    factor = _factor(amount.unit, unit)
    if factor is None and grams_per_mole:
        to_moles = _factor(f"{amount.unit}.mol/g", unit, 1 / grams_per_mole)
        factor = to_moles or _factor(f"{amount.unit}.g/mol", unit, grams_per_mole)
    return None if factor is None else amount.scaled(factor, unit)


def molar_mass(value_set: str) -> Decimal | None:
    """Grams in a mole of what a value set measures; None where none is cited or the marker depends on its assay."""
    return molar_masses().get(value_set)


@cache
def molar_masses(file: Path = _MASSES) -> Mapping[str, Decimal]:
    """Every cited molar mass by its value set, read once; raises DefinitionError naming file and key."""
    tables = read_tables(file, {"grams_per_mole": str, "seen": str}, {})
    return {
        name: positive(table["grams_per_mole"], f"{place_of(file)}: {name}: grams_per_mole")
        for name, table in tables.items()
    }


def check_units(value_sets: Container[str], masses: Path = _MASSES) -> None:
    """Raises DefinitionError where usual units or molar masses are wrong, or a mass is of no value set."""
    usual_units()
    for name in molar_masses(masses):
        if name not in value_sets:
            raise UnknownName(f"{place_of(masses)}: {name}: no value set called {name!r}")


def warm_up() -> None:
    """Builds the registry of units, so that no request waits for it."""
    _registry()


@cache
def usual_units(file: Path = _HERE / "usual_units.toml") -> Mapping[str, tuple[str, Decimal]]:
    """Of each usual unit what it measures, and how much of that, read once; raises DefinitionError."""
    usual: dict[str, tuple[str, Decimal]] = {}
    for kind, units in read_file(file).items():
        place = f"{place_of(file)}: {kind}"
        if not isinstance(units, dict):
            raise DefinitionError(f"{place}: expected a table")
        for code, amount in units.items():
            if code in usual:
                raise DefinitionError(f"{place}: {code}: also a unit of {usual[code][0]}")
            usual[code] = kind, positive(amount, f"{place}: {code}")
    return usual


def _registry() -> Any:
    """The registry of all units, built once: whoever needs it meanwhile waits for it."""
    with _BUILDING:
        return _built()


@cache
def _built() -> Any:
    with sparing("babel", "dask", "numpy", "scipy", "uncertainties"):  # for quantities in other languages and in arrays
        from ucumvert import PintUcumRegistry  # a second of work, for what is not usual

    return PintUcumRegistry()


@lru_cache(maxsize=256)
def _parsed(code: str) -> Any:
    registry = _registry()
    from lark.exceptions import LarkError
    from pint.errors import PintError

    try:
        parsed = registry.from_ucum(code)
    except (LarkError, PintError, ValueError, KeyError, TypeError, ArithmeticError):
        return None
    return parsed if hasattr(parsed, "dimensionality") else registry.from_ucum("1")  # an annotation alone means 1


@lru_cache(maxsize=256)
def _factor(source: str, target: str, scale: Decimal = Decimal(1)) -> Decimal | None:
    both_usual = source in usual_units() and target in usual_units()
    ratio = _usual_ratio(source, target) if both_usual else _ratio(source, target)
    factor = None if ratio is None else Decimal(f"{ratio * float(scale):.12g}")
    return factor if factor is not None and _FACTORS[0] <= factor <= _FACTORS[1] else None


def _usual_ratio(source: str, target: str) -> float | None:
    (kind, one), (other_kind, other) = usual_units()[source], usual_units()[target]
    return float(one / other) if kind == other_kind else None


def _ratio(source: str, target: str) -> float | None:
    one, other = _parsed(source), _parsed(target)
    if one is None or other is None:
        return None
    from pint.errors import PintError

    try:
        return float((one / other).to_base_units().magnitude) if one.dimensionality == other.dimensionality else None
    except (PintError, ArithmeticError, ValueError):
        return None
