"""Units: UCUM, the spellings that laboratories use instead, and conversion by dimension only, never between assays."""

from __future__ import annotations

import re
import tomllib
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

from mappings.amounts import Amount
from mappings.ucum import NotUcum, measure

_LONGEST = 30
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
_FACTORS = (Fraction("1e-15"), Fraction("1e15"))
# No laboratory measures to more digits; a third would have no end.
_DIGITS = Context(prec=12)
_PER_DAY = re.compile(r"/\(?(?:24\.?h(?:r|rs|ours?)?|day|d)\)?$", re.IGNORECASE)


def ucum(text: str) -> str | None:
    """The UCUM code that a unit as written means, or None where nobody can tell."""
    written = text.strip()
    if not written or len(written) > _LONGEST:
        return None
    plainer = written.replace("\u03bc", "u").replace("\u00b5", "u").replace(" ", "")
    spelt = _SPELLINGS.get(plainer.casefold()) or _SPELLINGS.get(written.replace(" ", "").casefold())
    if spelt is not None:
        return spelt
    plainer = _PER_DAY.sub("/d", plainer)
    try:
        measure(plainer)
    except NotUcum:
        return None
    return plainer


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


@cache
def molar_mass(value_set: str) -> Decimal | None:
    """Grams in a mole of what a value set measures; None where none is cited or the marker depends on its assay."""
    with (Path(__file__).parent / "molar_masses.toml").open("rb") as file:
        table = tomllib.load(file).get(value_set)
    return Decimal(table["grams_per_mole"]) if table is not None else None


def warm_up() -> None:
    """Reads the table of units, so that the first request does not wait for it."""
    measure("1")


@lru_cache(maxsize=256)
def _factor(source: str, target: str, scale: Decimal = Decimal(1)) -> Decimal | None:
    try:
        one, other = measure(source), measure(target)
    except NotUcum:
        return None
    if one.dimensions != other.dimensions:
        return None
    ratio = one.amount / other.amount * Fraction(scale)
    if not _FACTORS[0] <= ratio <= _FACTORS[1]:
        return None
    return _DIGITS.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
