"""Guideline statements in our own words, the sources they come from, and where the sources disagree."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cards.knowledge_errors import RuleError

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Source:
    """A document that statements come from, or a reference that they were checked against."""

    id: str
    title: str
    kind: str = ""
    updated: str = ""
    url: str = ""
    precedence: int = 9
    note: str = ""

    def __str__(self) -> str:
        details = ", ".join(
            text for text in (self.kind, f"updated {self.updated}" if self.updated else "undated") if text
        )
        return f"{self.title} ({details})"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source says, where, how strongly, and how current guidance sees it."""

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

    @property
    def is_extension(self) -> bool:
        """Whether no source document says it."""
        return self.verdict == "extension"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement between or within sources, and the sentence that a card shows about it."""

    id: str
    topic: str
    presentation: str
    note: str
    statements: frozenset[str]


def load_sources() -> Mapping[str, Source]:
    """Every source by its id."""
    return {
        name: Source(
            name,
            table["title"],
            table.get("kind", ""),
            table.get("updated", ""),
            table.get("url", ""),
            table.get("precedence", 9),
            table.get("note", ""),
        )
        for name, table in _tables(_HERE / "sources.toml").items()
    }


def load_conflicts() -> Mapping[str, Conflict]:
    """Every conflict by its id."""
    return {
        name: Conflict(name, t["topic"], t["presentation"], t.get("note", ""), frozenset(t["statements"]))
        for name, t in _tables(_HERE / "conflicts.toml").items()
    }


def load_statements(sources: Mapping[str, Source]) -> Mapping[str, Statement]:
    """Every statement by its id; raises RuleError naming file, statement and key."""
    statements: dict[str, Statement] = {}
    for path in sorted((_HERE / "statements").glob("*.toml")):
        for name, table in _tables(path).items():
            if name in statements:
                raise RuleError(f"{path.name}: {name}: defined twice")
            statements[name] = _statement(name, table, sources, path)
    return statements


def _statement(name: str, table: Mapping[str, Any], sources: Mapping[str, Source], path: Path) -> Statement:
    try:
        return Statement(
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
        )
    except KeyError as missing:
        raise RuleError(f"{path.name}: {name}: {missing.args[0]} is missing or unknown") from None


def _tables(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path.name}: {error}") from None
