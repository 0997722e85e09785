"""Value sets: which codes, and which phrases where no code is given, mean which clinical thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mappings.codes import CodeSystem, Coding, load_systems
from mappings.errors import DefinitionError, UnknownName, place_of
from mappings.tables import Keys, checked, read_tables, rows

_HERE = Path(__file__).parent
_NO_SETS: frozenset[str] = frozenset()
# Before the strength in a name such as `octreotide 20 mg`.
_STRENGTH = re.compile(r"[\s,(]+(?=\d)")
_HYPHENS = ("-", *map(chr, range(0x2010, 0x2016)))
_REQUIRED: Keys = {"meaning": str}
_ADDED: Keys = {"codes": list, "phrases": list, "preferred": str}
_OPTIONAL: Keys = {**_ADDED, "left_out": list}
_CODE: Keys = {"system": str, "code": str}
_TOLD: Keys = {"display": str, "seen": str, "single": bool}


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
class Additions:
    """What a site adds, as it stands in the file of that name: code systems, codes and phrases of value sets."""

    file: str
    systems: Mapping[str, object]
    value_sets: Mapping[str, object]


NOTHING_ADDED = Additions("", {}, {})


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A clinical thing, the codes that mean it, and the phrases that mean it where no code tells."""

    name: str
    area: str
    meaning: str
    members: tuple[Member, ...]
    phrases: tuple[str, ...]
    preferred: str | None
    left_out: tuple[LeftOut, ...]

    def of_one_source(self) -> Iterator[Member]:
        """The codes that were seen in one source only, unless a site's own file names them too."""
        confirmed = {(member.system, member.code) for member in self.members if not member.single}
        return (member for member in self.members if (member.system, member.code) not in confirmed)


class Terminology:
    """All value sets, ready to be asked what a code or a phrase means."""

    def __init__(self, systems: Mapping[str, CodeSystem], value_sets: Mapping[str, ValueSet]) -> None:
        self.systems = systems
        self.value_sets = value_sets
        self._canonical = {spelling: s.url for s in systems.values() for spelling in s.spellings()}
        by_code: dict[tuple[str, str], set[str]] = {}
        by_phrase: dict[str, set[str]] = {}
        single: dict[tuple[str, str], dict[str, str]] = {}
        for value_set in value_sets.values():
            for member in value_set.members:
                for spelling in systems[member.system].spellings():
                    by_code.setdefault((spelling, member.code), set()).add(value_set.name)
            for phrase in value_set.phrases:
                by_phrase.setdefault(normalised(phrase), set()).add(value_set.name)
            for member in value_set.of_one_source():
                words = _without_tag(member.display)
                single.setdefault((systems[member.system].url, member.code), {})[value_set.name] = words
        self._by_code = {key: frozenset(names) for key, names in by_code.items()}
        self._by_bare_code: dict[str, frozenset[str]] = {}
        for (_, code), names in self._by_code.items():
            self._by_bare_code[code] = self._by_bare_code.get(code, _NO_SETS) | names
        self._by_phrase = {key: frozenset(names) for key, names in by_phrase.items()}
        self._single = single

    def canonical(self, system: str) -> str:
        """The URL of a system however it is spelt; an unknown system is itself."""
        return self._canonical.get(system, system)

    def knows(self, system: str) -> bool:
        """Whether a system is one of ours, however it is spelt."""
        return system in self._canonical

    def may_be_ours(self, system: str | None, code: str | None) -> bool:
        """Whether a coding that has lost its code, or its system, may have been one of a value set."""
        if system and not code:
            return self.knows(system)
        return bool(code) and not system and code in self._by_bare_code

    def of_bare_code(self, code: str) -> frozenset[str]:
        """The names of the value sets that hold a code in any system: what one that lost its system may be of."""
        return self._by_bare_code.get(code, _NO_SETS)

    def of_code(self, system: str, code: str) -> frozenset[str]:
        """The names of the value sets that hold a code."""
        return self._by_code.get((system, code), _NO_SETS)

    def unconfirmed(self, coding: Coding, text: str) -> frozenset[str]:
        """The value sets in which a code stands by one source only, unless its own words say what that source says.

        The code is of a canonical system; its words are its display, or the text beside it.
        """
        sets = self._single.get((coding.system, coding.code))
        if sets is None:
            return _NO_SETS
        said = {_without_tag(words) for words in (coding.display, text) if words}
        return frozenset(name for name, words in sets.items() if words not in said)

    def of_text(self, text: str) -> frozenset[str]:
        """The names of the value sets that list the whole text as a phrase."""
        return self._by_phrase.get(normalised(text), _NO_SETS) if text else _NO_SETS

    def of_drug(self, names: Iterable[str]) -> frozenset[str]:
        """The names of the value sets that list the first name that any lists, with or without a strength after it."""
        for name in dict.fromkeys(names):
            stem = _STRENGTH.split(name, maxsplit=1)[0]
            if sets := self.of_text(name) or (self.of_text(stem) if stem != name else _NO_SETS):
                return sets
        return _NO_SETS

    def preferred(self, name: str) -> Coding:
        """The code in which we write what the value set means; raises UnknownName where it has none."""
        value_set = self.value_sets.get(name)
        if value_set is None or value_set.preferred is None:
            raise UnknownName(f"value set {name}: no preferred code")
        member = next(m for m in value_set.members if m.code == value_set.preferred)  # loading checks that it is there
        return self.coding(member)

    def coding(self, member: Member) -> Coding:
        """A code of a value set with the URL of its system."""
        return Coding(self.systems[member.system].url, member.code, member.display)


def load_terminology(additions: Additions = NOTHING_ADDED, folder: Path = _HERE / "value_sets") -> Terminology:
    """The shipped value sets with a site's own codes added; raises DefinitionError naming file, set and code."""
    systems = dict(load_systems(_HERE / "systems.toml"))
    value_sets: dict[str, ValueSet] = {}
    for path in sorted(folder.glob("*.toml")):
        for name, table in read_tables(path, _REQUIRED, _OPTIONAL).items():
            if name in value_sets:
                raise DefinitionError(f"{place_of(path)}: {name}: also defined in {value_sets[name].area}.toml")
            value_sets[name] = _value_set(name, table, path, systems)
    _add(additions, systems, value_sets)
    return Terminology(systems, value_sets)


def normalised(text: str) -> str:
    """Text as phrases are compared: NFKC, case folded, hyphens and blanks as one blank."""
    plain = unicodedata.normalize("NFKC", text)
    for hyphen in _HYPHENS:  # quicker than to translate them all at once
        plain = plain.replace(hyphen, " ")
    return " ".join(plain.split()).casefold()


def _without_tag(display: str) -> str:
    """The words of a display as they are compared, without the kind of thing that SNOMED CT puts in brackets."""
    return re.sub(
        r" \((?:disorder|procedure|finding|body structure|situation|morphologic abnormality)\)$",
        "",
        normalised(display),
    )


def _value_set(name: str, table: Mapping[str, Any], path: Path, systems: Mapping[str, CodeSystem]) -> ValueSet:
    place = f"{place_of(path)}: {name}"
    members = _members(table, place, systems)
    if len({(member.system, member.code) for member in members}) != len(members):
        raise DefinitionError(f"{place}: a code stands twice")
    preferred = _preferred(table.get("preferred"), members, place)
    left_out = tuple(LeftOut(**row) for row in rows(table, "left_out", place, {**_CODE, "reason": str}, {}))
    return ValueSet(name, path.stem, table["meaning"], members, _phrases(table, place), preferred, left_out)


def _members(table: Mapping[str, Any], place: str, systems: Mapping[str, CodeSystem]) -> tuple[Member, ...]:
    return tuple(_member(row, place, systems) for row in rows(table, "codes", place, _CODE, _TOLD))


def _member(row: Mapping[str, Any], place: str, systems: Mapping[str, CodeSystem]) -> Member:
    system, code = row["system"], row["code"]
    if system not in systems:
        raise UnknownName(f"{place}: {code}: no system called {system!r}")
    if not systems[system].accepts(code):
        raise DefinitionError(f"{place}: {system} {code}: the check digit is wrong")
    return Member(system, code, row.get("display", ""), row.get("seen", ""), row.get("single", False))


def _phrases(table: Mapping[str, Any], place: str) -> tuple[str, ...]:
    phrases = table.get("phrases", [])
    if not all(isinstance(p, str) and normalised(p) for p in phrases):
        raise DefinitionError(f"{place}: phrases must be a list of texts")
    return tuple(phrases)


def _preferred(code: str | None, members: Iterable[Member], place: str) -> str | None:
    if code is not None and code not in {member.code for member in members}:
        raise DefinitionError(f"{place}: preferred code {code} is not among its codes")
    return code


def _add(additions: Additions, systems: dict[str, CodeSystem], value_sets: dict[str, ValueSet]) -> None:
    for name, url in additions.systems.items():
        systems[name] = _local_system(name, url, systems, f"{additions.file}: systems.{name}")
    for name, table in additions.value_sets.items():
        place = f"{additions.file}: value_sets.{name}"
        if name not in value_sets:
            raise UnknownName(f"{place}: no value set called {name!r}")
        value_sets[name] = _widened(value_sets[name], table, place, systems)


def _local_system(name: str, url: object, systems: Mapping[str, CodeSystem], place: str) -> CodeSystem:
    if not isinstance(url, str):
        raise DefinitionError(f"{place}: expected the URL of the system")
    if name in systems or any(url in system.spellings() for system in systems.values()):
        raise DefinitionError(f"{place}: the system is defined before")
    return CodeSystem(name, url, (), None, "local", "local")


def _widened(shipped: ValueSet, table: object, place: str, systems: Mapping[str, CodeSystem]) -> ValueSet:
    held = checked(table, place, {}, _ADDED)
    members = shipped.members + _members(held, place, systems)
    phrases = shipped.phrases + _phrases(held, place)
    preferred = _preferred(held.get("preferred", shipped.preferred), members, place)
    return replace(shipped, members=members, phrases=phrases, preferred=preferred)
