"""The knowledge as it is loaded at start: vocabulary, terminology, statements, rules, and the words of cards."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cards.knowledge_errors import RuleError
from cards.rules import Rule, load_rules
from cards.statements import (
    Conflict,
    Source,
    Statement,
    load_conflicts,
    load_sources,
    load_statements,
)
from mappings.codes import Coding
from mappings.value_sets import Terminology, load_terminology
from mappings.vocabulary import Definition, Kind, Vocabulary, find, load_vocabulary

_HERE = Path(__file__).parent
_OURS = "https://hoofbeats.example/fhir/CodeSystem"


@dataclass(frozen=True, slots=True)
class Item:
    """A work-up item: its name on the card, its weight, and the code in which it is ordered, if it can be.

    `parts` are the findings that it stands for where it is no single finding of the vocabulary.
    """

    key: str
    name: str
    weight: int
    blocking: bool
    category: str
    order: Coding | None
    parts: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class CardKind:
    """A kind of card: its place, its topic, and the reasons for which it may be overridden."""

    name: str
    order: int
    topic: Coding
    reasons: tuple[Coding, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that cards are made from; `version` changes with any file of it."""

    version: str
    vocabulary: Vocabulary
    terminology: Terminology
    sources: Mapping[str, Source]
    statements: Mapping[str, Statement]
    conflicts: Mapping[str, Conflict]
    items: Mapping[str, Item]
    kinds: Mapping[str, CardKind]
    rules: tuple[Rule, ...]


def load_knowledge(overlays: Iterable[Path] = ()) -> Knowledge:
    """All knowledge; raises DefinitionError naming the file and key that are wrong."""
    paths = tuple(overlays)
    vocabulary = load_vocabulary()
    terminology = load_terminology(paths)
    sources = load_sources()
    statements = load_statements(sources)
    items = _load_items(vocabulary, terminology)
    rules = load_rules(vocabulary, statements, items)
    for rule in rules:
        for value_set in rule.orders.values():
            terminology.preferred(value_set)
    return Knowledge(
        _version(paths),
        vocabulary,
        terminology,
        sources,
        statements,
        load_conflicts(),
        items,
        _load_kinds(),
        rules,
    )


@cache
def shipped_knowledge() -> Knowledge:
    """The knowledge without any site's additions, loaded once."""
    return load_knowledge()


def _load_items(vocabulary: Vocabulary, terminology: Terminology) -> Mapping[str, Item]:
    items = {}
    for key, table in _table("items.toml").items():
        definition = vocabulary.get(key)
        order = None
        if definition is not None and definition.kind is Kind.STEP and definition.order is not None:
            order = terminology.preferred(definition.order)
        parts = tuple(find(vocabulary, part) for part in table.get("parts", ()))
        category = table.get("category", "")
        items[key] = Item(key, table["name"], table["weight"], table["blocking"], category, order, parts)
    return items


def _load_kinds() -> Mapping[str, CardKind]:
    reasons = {
        name: Coding(f"{_OURS}/override-reason", table["code"], table["display"])
        for name, table in _table("reasons.toml").items()
    }
    kinds = {}
    for name, table in _table("kinds.toml").items():
        unknown = [reason for reason in table["reasons"] if reason not in reasons]
        if unknown:
            raise RuleError(f"kinds.toml: {name}: no reason called {unknown[0]!r}")
        topic = Coding(f"{_OURS}/card-topic", table["topic"], table["display"])
        kinds[name] = CardKind(name, table["order"], topic, tuple(reasons[reason] for reason in table["reasons"]))
    return kinds


def _table(name: str) -> dict[str, Any]:
    with (_HERE / name).open("rb") as file:
        return tomllib.load(file)


def _version(overlays: Iterable[Path]) -> str:
    """A hash over every data file that decides what a card says."""
    digest = hashlib.sha256()
    ours = [*_HERE.rglob("*.toml"), *(_HERE.parent / "mappings").rglob("*.toml")]
    for path in sorted(ours) + sorted(overlays):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
