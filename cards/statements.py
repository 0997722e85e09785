"""Guideline statements in our own words, the sources they come from, and where the sources disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cards.criteria import Group, parse_group, truth_of
from mappings.errors import DefinitionError, place_of
from mappings.findings import Finding
from mappings.tables import Keys, checked, read_file, read_tables, rows
from mappings.truth import FALSE
from mappings.vocabulary import Vocabulary

_HERE = Path(__file__).parent
_REQUIRED: Keys = dict.fromkeys(("statement", "kind", "source", "locator", "strength", "verdict", "role"), str)
_OPTIONAL: Keys = {
    **dict.fromkeys(("guidance", "limits", "tightened"), str),
    **dict.fromkeys(("references", "conflicts", "hooks"), list),
}
_OF_SOURCE: Keys = {**dict.fromkeys(("kind", "updated", "url", "note", "says"), str), "precedence": int}
_OF_CONFLICT: Keys = {"topic": str, "presentation": str, "note": str, "statements": list, "sides": list}
_OF_SIDE: Keys = {"says": str, "statements": list, "where": str}
_CHOICES = {
    "verdict": ("agrees", "outdated", "disputed", "unverifiable", "extension"),
    "role": ("recommendation", "finding", "background"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A document that statements come from, or a reference that they were checked against.

    `says` is what a reference says, for pages: no card shows it, so it is no part of what a clinician approves.
    """

    id: str
    title: str
    kind: str = ""
    updated: str = ""
    url: str = ""
    precedence: int = 9
    note: str = ""
    says: str = field(default="", repr=False)

    def __str__(self) -> str:
        details = ", ".join(
            text for text in (self.kind, f"updated {self.updated}" if self.updated else "undated") if text
        )
        return f"{self.title} ({details})"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source says, where, how strongly, and how current guidance sees it.

    `was_checked` says of the verdict whether a reference stands behind it that anybody can look up.
    """

    id: str
    text: str
    kind: str
    source: Source
    locator: str
    strength: str
    verdict: str
    role: str
    guidance: str = ""
    references: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    limits: str = ""
    tightened: str = ""
    hooks: tuple[str, ...] = ()
    was_checked: bool = field(default=True, repr=False)

    @property
    def is_extension(self) -> bool:
        """Whether no source document says it."""
        return self.verdict == "extension"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a conflict: what it says, in which statements, where it stands."""

    says: str
    statements: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement between or within sources, and the sentence that a card shows about it.

    `when` says for whom it matters: everybody if it is not given. `statements` are those whose card carries the note.
    """

    id: str
    topic: str
    presentation: str
    note: str
    statements: frozenset[str]
    sides: tuple[Side, ...] = ()
    when: Group | None = None

    def matters(self, findings: Mapping[str, Finding]) -> bool:
        """Whether the sources can differ about this patient: unless what is known rules it out."""
        return self.when is None or truth_of(self.when, findings) is not FALSE

    def sides_of(self, statements: Iterable[str]) -> frozenset[int]:
        """The sides on which statements stand, by number; -1 for one that stands on none."""
        sides = [{n for n, side in enumerate(self.sides) if name in side.statements} or {-1} for name in statements]
        return frozenset[int]().union(*sides)


def load_sources() -> Mapping[str, Source]:
    """Every source by its id; raises DefinitionError naming source and key."""
    tables = read_tables(_HERE / "sources.toml", {"title": str}, _OF_SOURCE)
    return {name: Source(name, **table) for name, table in tables.items()}


def load_conflicts(statements: Mapping[str, Statement], vocabulary: Vocabulary) -> Mapping[str, Conflict]:
    """Every conflict by its id; raises DefinitionError, also where statements do not name them."""
    tables = read_tables(_HERE / "conflicts.toml", _OF_CONFLICT, {"when": dict})
    conflicts = {name: _conflict(name, table, vocabulary) for name, table in tables.items()}
    check_conflicts(conflicts, statements)
    return conflicts


def check_conflicts(conflicts: Mapping[str, Conflict], statements: Mapping[str, Statement]) -> None:
    """Raises DefinitionError where a conflict names no statement of ours, or a statement no conflict of ours."""
    for conflict in conflicts.values():
        unknown = sorted(conflict.statements - set(statements))
        if unknown:
            raise DefinitionError(
                f"cards/conflicts.toml: {conflict.id}: statements: no statement called {unknown[0]!r}"
            )
    for statement in statements.values():
        unknown = sorted(set(statement.conflicts) - set(conflicts))
        if unknown:
            raise DefinitionError(f"{statement.id}: conflicts: no conflict called {unknown[0]!r}")


def check_findings(vocabulary: Vocabulary, statements: Mapping[str, Statement]) -> None:
    """Raises DefinitionError where a finding names no statement of ours."""
    for definition in vocabulary.values():
        unknown = [name for name in definition.statements if name not in statements]
        if unknown:
            place = f"vocabulary/{definition.area}.toml: {definition.name}"
            raise DefinitionError(f"{place}: statements: no statement called {unknown[0]!r}")


def load_statements(sources: Mapping[str, Source]) -> Mapping[str, Statement]:
    """Every statement by its id; raises DefinitionError naming file, statement and key."""
    statements: dict[str, Statement] = {}
    for path in sorted((_HERE / "statements").glob("*.toml")):
        for name, table in read_file(path).items():
            if name in statements:
                raise DefinitionError(f"{place_of(path)}: {name}: defined twice")
            statements[name] = parse_statement(name, table, sources, place_of(path))
    return statements


def parse_statement(name: str, table: object, sources: Mapping[str, Source], file: str) -> Statement:
    """One statement from its TOML table; raises DefinitionError naming file, statement and key."""
    place = f"{file}: {name}"
    held = checked(table, place, _REQUIRED, _OPTIONAL)
    references = tuple(held.get("references", ()))
    if held["source"] not in sources:
        raise DefinitionError(f"{place}: source: no source called {held['source']!r}")
    for key, choices in _CHOICES.items():
        if held[key] not in choices:
            raise DefinitionError(f"{place}: {key}: expected {', '.join(choices)}, not {held[key]!r}")
    unknown = [reference for reference in references if reference not in sources]
    if unknown:
        raise DefinitionError(f"{place}: references: no source called {unknown[0]!r}")
    return Statement(
        id=name,
        text=held["statement"],
        kind=held["kind"],
        source=sources[held["source"]],
        locator=held["locator"],
        strength=held["strength"],
        verdict=held["verdict"],
        role=held["role"],
        guidance=held.get("guidance", ""),
        references=references,
        conflicts=tuple(held.get("conflicts", ())),
        limits=held.get("limits", ""),
        tightened=held.get("tightened", ""),
        hooks=tuple(held.get("hooks", ())),
        was_checked=any(sources[name].url for name in references),
    )


def _conflict(name: str, table: Mapping[str, Any], vocabulary: Vocabulary) -> Conflict:
    place = f"cards/conflicts.toml: {name}"
    sides = rows(table, "sides", place, _OF_SIDE, {})
    return Conflict(
        name,
        table["topic"],
        table["presentation"],
        table["note"],
        frozenset(table["statements"]),
        tuple(Side(row["says"], tuple(row["statements"]), row["where"]) for row in sides),
        parse_group(table["when"], vocabulary, f"{place}: when") if "when" in table else None,
    )
