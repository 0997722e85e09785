"""Codes with their systems: one name for each system however it is spelt, and check digits where there are some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import tomli
from stdnum import luhn, verhoeff

from mappings.errors import DefinitionError


class Coding(msgspec.Struct, frozen=True, gc=False):
    """A code, the canonical URL of its system, and the words it came with."""

    system: str
    code: str
    display: str = ""


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
    try:
        with path.open("rb") as file:
            tables = tomli.load(file)
    except (OSError, tomli.TOMLDecodeError) as error:
        raise DefinitionError(f"{path.name}: {error}") from None
    systems: dict[str, CodeSystem] = {}
    for slug, table in tables.items():
        try:
            system = CodeSystem(
                table["name"],
                table["url"],
                tuple(table.get("also", ())),
                table.get("check_digit"),
                table["version"],
                table["licence"],
            )
        except KeyError as missing:
            raise DefinitionError(f"{path.name}: {slug}: {missing.args[0]} is missing") from None
        if system.name in systems:
            raise DefinitionError(f"{path.name}: {slug}: a system called {system.name} is defined before")
        systems[system.name] = system
    return systems


def _verhoeff_is_right(code: str) -> bool:
    return 6 <= len(code) <= 18 and verhoeff.is_valid(code)


def _loinc_is_right(code: str) -> bool:
    number, dash, check = code.partition("-")
    return bool(dash) and number.isdigit() and len(check) == 1 and luhn.is_valid(number + check)
