"""Value sets: which codes, and which phrases where no code is given, mean which clinical thing."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.codes import CodeSystem, Coding, load_systems
from mappings.errors import DefinitionError, UnknownName

_HERE = Path(__file__).parent
_NO_SETS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """A code in a value set, where it was seen, and whether only one source was seen."""

    system: str
    code: str
    display: str
    seen: str
    single: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A code that looks as if it belonged, and why it does not."""

    system: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A clinical thing, the codes that mean it and the phrases that mean it where no code is given."""

    name: str
    area: str
    meaning: str
    members: tuple[Member, ...]
    phrases: tuple[str, ...]
    preferred: str | None
    left_out: tuple[LeftOut, ...]


class Terminology:
    """All value sets, ready to be asked what a code or a phrase means."""

    def __init__(self, systems: Mapping[str, CodeSystem], value_sets: Mapping[str, ValueSet]) -> None:
        self.systems = systems
        self.value_sets = value_sets
        self._canonical = {spelling: s.url for s in systems.values() for spelling in s.spellings()}
        by_code: dict[tuple[str, str], set[str]] = {}
        by_phrase: dict[str, set[str]] = {}
        for value_set in value_sets.values():
            for member in value_set.members:
                for spelling in systems[member.system].spellings():
                    by_code.setdefault((spelling, member.code), set()).add(value_set.name)
            for phrase in value_set.phrases:
                by_phrase.setdefault(normalised(phrase), set()).add(value_set.name)
        self._by_code = {key: frozenset(names) for key, names in by_code.items()}
        self._by_phrase = {key: frozenset(names) for key, names in by_phrase.items()}

    def canonical(self, system: str) -> str:
        """The URL of a system however it is spelt; an unknown system is itself."""
        return self._canonical.get(system, system)

    def of_code(self, system: str, code: str) -> frozenset[str]:
        """The names of the value sets that hold a code."""
        return self._by_code.get((system, code), _NO_SETS)

    def of_text(self, text: str) -> frozenset[str]:
        """The names of the value sets that list the whole text as a phrase."""
        return self._by_phrase.get(normalised(text), _NO_SETS)

    def preferred(self, name: str) -> Coding:
        """The code in which we write what the value set means; raises UnknownName where it has none."""
        value_set = self.value_sets.get(name)
        if value_set is None or value_set.preferred is None:
            raise UnknownName(f"value set {name}: no preferred code")
        for member in value_set.members:
            if member.code == value_set.preferred:
                return Coding(self.systems[member.system].url, member.code, member.display)
        raise UnknownName(f"value set {name}: preferred code {value_set.preferred} is not among its codes")


def load_terminology(overlays: Iterable[Path] = ()) -> Terminology:
    """The shipped value sets with a site's own codes added; raises DefinitionError naming file, set and code."""
    systems = dict(load_systems(_HERE / "systems.toml"))
    value_sets: dict[str, ValueSet] = {}
    for path in sorted((_HERE / "value_sets").glob("*.toml")):
        for name, table in _tables(path).items():
            if name in value_sets:
                raise DefinitionError(f"{path.name}: {name}: also defined in {value_sets[name].area}.toml")
            value_sets[name] = _value_set(name, table, path, systems)
    for path in overlays:
        _add_overlay(path, systems, value_sets)
    return Terminology(systems, value_sets)


def normalised(text: str) -> str:
    """Text as phrases are compared: NFKC, case folded, hyphens and blanks as one blank."""
    return re.sub(r"[\s\-\u2010-\u2015]+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _tables(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{path.name}: {error}") from None


def _value_set(name: str, table: Mapping[str, Any], path: Path, systems: Mapping[str, CodeSystem]) -> ValueSet:
    unknown = set(table) - {"meaning", "codes", "phrases", "preferred", "left_out"}
    if unknown or "meaning" not in table:
        raise DefinitionError(
            f"{path.name}: {name}: {f'unknown key {min(unknown)}' if unknown else 'meaning is missing'}"
        )
    members = tuple(_member(row, f"{path.name}: {name}", systems) for row in table.get("codes", ()))
    codes = {(member.system, member.code) for member in members}
    if len(codes) != len(members):
        raise DefinitionError(f"{path.name}: {name}: a code stands twice")
    preferred = table.get("preferred")
    if preferred is not None and preferred not in {member.code for member in members}:
        raise DefinitionError(f"{path.name}: {name}: preferred code {preferred} is not among its codes")
    left_out = tuple(LeftOut(row["system"], row["code"], row["reason"]) for row in table.get("left_out", ()))
    return ValueSet(name, path.stem, table["meaning"], members, tuple(table.get("phrases", ())), preferred, left_out)


def _member(row: Mapping[str, Any], place: str, systems: Mapping[str, CodeSystem]) -> Member:
    system, code = row.get("system"), row.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        raise DefinitionError(f"{place}: a code needs system and code as text")
    if system not in systems:
        raise UnknownName(f"{place}: {code}: no system called {system!r}")
    if not systems[system].accepts(code):
        raise DefinitionError(f"{place}: {system} {code}: the check digit is wrong")
    return Member(system, code, row.get("display", ""), row.get("seen", ""), bool(row.get("single", False)))


def _add_overlay(path: Path, systems: dict[str, CodeSystem], value_sets: dict[str, ValueSet]) -> None:
    tables = _tables(path)
    for name, url in tables.get("systems", {}).items():
        systems[name] = CodeSystem(name, url, (), None, "local", "local")
    for name, table in tables.get("value_sets", {}).items():
        if name not in value_sets:
            raise UnknownName(f"{path.name}: value_sets.{name}: no value set called {name!r}")
        shipped = value_sets[name]
        added = tuple(_member(row, f"{path.name}: {name}", systems) for row in table.get("codes", ()))
        value_sets[name] = ValueSet(
            name,
            shipped.area,
            shipped.meaning,
            shipped.members + added,
            shipped.phrases + tuple(table.get("phrases", ())),
            table.get("preferred", shipped.preferred),
            shipped.left_out,
        )
