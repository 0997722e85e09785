"""Guideline statements in our own words, the sources they come from, and where the sources disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cards.criteria import Group, parse_group, truth_of
from cards.knowledge_errors import RuleError
from cards.tables import HERE, read_tables
from mappings.findings import Finding
from mappings.truth import Truth
from mappings.vocabulary import Vocabulary

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
    says: str = field(default="", repr=False, compare=False)

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
        return self.when is None or truth_of(self.when, findings) is not Truth.FALSE

    def sides_of(self, statements: Iterable[str]) -> frozenset[int]:
        """The sides on which statements stand, by number; -1 for one that stands on none."""
        sides = [{n for n, side in enumerate(self.sides) if name in side.statements} or {-1} for name in statements]
        return frozenset[int]().union(*sides)


def load_sources() -> Mapping[str, Source]:
    """Every source by its id; raises RuleError naming source and key."""
    return {name: _source(name, table) for name, table in read_tables(HERE / "sources.toml").items()}


def load_conflicts(statements: Mapping[str, Statement], vocabulary: Vocabulary) -> Mapping[str, Conflict]:
    """Every conflict by its id; raises RuleError where conflicts and statements do not name each other."""
    tables = read_tables(HERE / "conflicts.toml")
    conflicts = {name: _conflict(name, table, vocabulary) for name, table in tables.items()}
    check_conflicts(conflicts, statements)
    return conflicts


def check_conflicts(conflicts: Mapping[str, Conflict], statements: Mapping[str, Statement]) -> None:
    """Raises RuleError where a conflict names no statement of ours, or a statement no conflict of ours."""
    for conflict in conflicts.values():
        unknown = sorted(conflict.statements - set(statements))
        if unknown:
            raise RuleError(f"conflicts.toml: {conflict.id}: statements: no statement called {unknown[0]!r}")
    for statement in statements.values():
        unknown = sorted(set(statement.conflicts) - set(conflicts))
        if unknown:
            raise RuleError(f"{statement.id}: conflicts: no conflict called {unknown[0]!r}")


def load_statements(sources: Mapping[str, Source]) -> Mapping[str, Statement]:
    """Every statement by its id; raises RuleError naming file, statement and key."""
    statements: dict[str, Statement] = {}
    for path in sorted((HERE / "statements").glob("*.toml")):
        for name, table in read_tables(path).items():
            if name in statements:
                raise RuleError(f"{path.name}: {name}: defined twice")
            statements[name] = parse_statement(name, table, sources, path.name)
    return statements


def parse_statement(name: str, table: Mapping[str, Any], sources: Mapping[str, Source], file: str) -> Statement:
    """One statement from its TOML table; raises RuleError naming file, statement and key."""
    try:
        statement = Statement(
            id=name,
            text=table["statement"],
            kind=table["kind"],
            source=sources[table["source"]],
            locator=table["locator"],
            strength=table["strength"],
            verdict=table["verdict"],
            role=table["role"],
            guidance=table.get("guidance", ""),
            references=tuple(table.get("references", ())),
            conflicts=tuple(table.get("conflicts", ())),
            limits=table.get("limits", ""),
            tightened=table.get("tightened", ""),
            hooks=tuple(table.get("hooks", ())),
            was_checked=any(sources[name].url for name in table.get("references", ()) if name in sources),
        )
    except KeyError as missing:
        raise RuleError(f"{file}: {name}: {missing.args[0]} is missing or unknown") from None
    for key, allowed in _CHOICES.items():
        if table[key] not in allowed:
            raise RuleError(f"{file}: {name}: {key}: expected {', '.join(allowed)}, not {table[key]!r}")
    unknown = [reference for reference in statement.references if reference not in sources]
    if unknown:
        raise RuleError(f"{file}: {name}: references: no source called {unknown[0]!r}")
    return statement


def _source(name: str, table: Mapping[str, Any]) -> Source:
    if "title" not in table:
        raise RuleError(f"sources.toml: {name}: title is missing")
    return Source(
        name,
        table["title"],
        table.get("kind", ""),
        table.get("updated", ""),
        table.get("url", ""),
        table.get("precedence", 9),
        table.get("note", ""),
        table.get("says", ""),
    )


def _conflict(name: str, table: Mapping[str, Any], vocabulary: Vocabulary) -> Conflict:
    place = f"conflicts.toml: {name}"
    try:
        return Conflict(
            name,
            table["topic"],
            table["presentation"],
            table.get("note", ""),
            frozenset(table["statements"]),
            tuple(Side(row["says"], tuple(row["statements"]), row.get("where", "")) for row in table["sides"]),
            parse_group(table["when"], vocabulary, f"{place}: when") if "when" in table else None,
        )
    except KeyError as missing:
        raise RuleError(f"{place}: {missing.args[0]} is missing") from None
