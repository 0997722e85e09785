"""Codes with their systems: one name for each system however it is spelt, and check digits where there are some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from stdnum import luhn, verhoeff

from mappings.errors import DefinitionError, place_of
from mappings.tables import read_tables

_REQUIRED = {"name": str, "url": str, "version": str, "licence": str}
_OPTIONAL = {"also": list, "check_digit": str}
_CHECK_DIGITS = ("verhoeff", "loinc")


class Coding(msgspec.Struct, frozen=True, gc=False):
    """A code, the canonical URL of its system, and the words it came with."""

    system: str
    code: str
    display: str = ""

    def as_json(self) -> dict[str, str]:
        """It as FHIR writes it, without what is empty."""
        shown = {"system": self.system, "code": self.code, "display": self.display}
        return {key: value for key, value in shown.items() if value}


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A code system: our name for it, its URL, the other ways real data writes that URL, and how a code is checked."""

    name: str
    url: str
    also: tuple[str, ...]
    check_digit: str | None
    version: str
    licence: str

    def spellings(self) -> Iterator[str]:
        """Every URL or OID that means this system."""
        yield self.url
        yield from self.also

    def accepts(self, code: str) -> bool:
        """Whether the check digit of the code is right; true where the system has none."""
        match self.check_digit:
            case "verhoeff":
                return _verhoeff_is_right(code)
            case "loinc":
                return _loinc_is_right(code)
            case _:
                return True


def load_systems(path: Path) -> Mapping[str, CodeSystem]:
    """The systems of a TOML file by their names; raises DefinitionError naming file and system."""
    systems: dict[str, CodeSystem] = {}
    for slug, table in read_tables(path, _REQUIRED, _OPTIONAL).items():
        place, check_digit = f"{place_of(path)}: {slug}", table.get("check_digit")
        if check_digit is not None and check_digit not in _CHECK_DIGITS:
            raise DefinitionError(f"{place}: check_digit: expected {' or '.join(_CHECK_DIGITS)}, not {check_digit!r}")
        if table["name"] in systems:
            raise DefinitionError(f"{place}: a system called {table['name']} is defined before")
        also = tuple(table.get("also", ()))
        systems[table["name"]] = CodeSystem(**{**table, "also": also, "check_digit": check_digit})
    return systems


def _verhoeff_is_right(code: str) -> bool:
    return 6 <= len(code) <= 18 and verhoeff.is_valid(code)


def _loinc_is_right(code: str) -> bool:
    number, dash, check = code.partition("-")
    return bool(dash) and number.isdigit() and len(check) == 1 and luhn.is_valid(number + check)
