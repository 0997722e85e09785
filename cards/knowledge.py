"""The knowledge as it is loaded at start: vocabulary, terminology, statements, rules, and the words of cards."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cards.governance import Governance, load_governance, with_intervals
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
from mappings.errors import DefinitionError
from mappings.value_sets import Terminology, load_terminology
from mappings.vocabulary import Definition, Kind, Vocabulary, find, load_vocabulary

_HERE = Path(__file__).parent
_REQUESTS = ("ServiceRequest", "MedicationRequest")
_OURS = "https://hoofbeats.example/fhir/CodeSystem"


@dataclass(frozen=True, slots=True)
class Item:
    """A work-up item: its name on the card, its weight, and the code in which it is ordered, if it can be.

    `request` is the type of the resource that orders it; `parts` are the findings that it stands for where it is no
    single finding of the vocabulary, `left_to` the items that ask for a part in its stead.
    """

    key: str
    name: str
    weight: int
    blocking: bool
    category: str
    order: Coding | None
    parts: tuple[Definition, ...]
    left_to: Mapping[str, str]
    request: str = "ServiceRequest"


@dataclass(frozen=True, slots=True)
class CardKind:
    """A card that can be made: the kind it is of, its place, its topic, why it may be overridden.

    `critical` is its topic where it is critical, if it ever is; `last` are the topics of rules that stand last on it.
    """

    name: str
    kind: str
    order: int
    topic: Coding
    reasons: tuple[Coding, ...]
    last: frozenset[str]
    critical: Coding | None

    def topics(self) -> tuple[Coding, ...]:
        """Every topic that the card may have."""
        return (self.topic,) if self.critical is None else (self.topic, self.critical)


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
    governance: Governance


def load_knowledge(overlays: Iterable[Path] = ()) -> Knowledge:
    """All knowledge; raises DefinitionError naming the file and key that are wrong."""
    paths = tuple(overlays)
    vocabulary = load_vocabulary()
    terminology = load_terminology(paths)
    sources = load_sources()
    statements = load_statements(sources)
    items = _load_items(vocabulary, terminology)
    rules = load_rules(vocabulary, statements, items)
    kinds = _load_kinds()
    _check_orders(rules, terminology)
    _check_groups(rules, kinds)
    governance = load_governance(paths, rules)
    return Knowledge(
        version_of([*_data_files(), *paths]),
        vocabulary,
        terminology,
        sources,
        statements,
        load_conflicts(statements, vocabulary),
        items,
        kinds,
        with_intervals(rules, governance),
        governance,
    )


@cache
def shipped_knowledge() -> Knowledge:
    """The knowledge without any site's additions, loaded once."""
    return load_knowledge()


def version_of(files: Iterable[Path]) -> str:
    """A hash over the names and the bytes of some files, in whatever order they come."""
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda file: (file.name, file.read_bytes())):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _data_files() -> list[Path]:
    """Every data file that decides what a card says."""
    return [*_HERE.rglob("*.toml"), *(_HERE.parent / "mappings").rglob("*.toml")]


def _check_orders(rules: Iterable[Rule], terminology: Terminology) -> None:
    for rule in rules:
        replacement = {"replacement": rule.replacement} if rule.replacement else {}
        for item, value_set in {**rule.orders, **replacement}.items():
            try:
                terminology.preferred(value_set)
            except DefinitionError as error:
                raise RuleError(f"{rule.id}: orders.{item}: {error}") from None


def _check_groups(rules: Iterable[Rule], kinds: Mapping[str, CardKind]) -> None:
    for rule in rules:
        if rule.group not in kinds or kinds[rule.group].kind != rule.card:
            raise RuleError(f"{rule.id}: group: no {rule.card} card called {rule.group!r}")
        if rule.indicator == "critical" and kinds[rule.group].critical is None:
            raise RuleError(f"{rule.id}: indicator: kinds.toml has no critical_topic for {rule.group}")


def _load_items(vocabulary: Vocabulary, terminology: Terminology) -> Mapping[str, Item]:
    items = {}
    for key, table in _table("items.toml", "name", "weight", "blocking").items():
        definition = vocabulary.get(key)
        order = None
        if definition is not None and definition.kind is Kind.STEP and definition.order is not None:
            order = terminology.preferred(definition.order)
            if not table.get("category"):
                raise RuleError(f"items.toml: {key}: category is missing, although the step can be ordered")
        parts = tuple(find(vocabulary, part) for part in table.get("parts", ()))
        request = table.get("request", "ServiceRequest")
        if request not in _REQUESTS:
            raise RuleError(f"items.toml: {key}: request: expected one of {', '.join(_REQUESTS)}, not {request!r}")
        category = table.get("category", "")
        left_to = table.get("left_to", {})
        items[key] = Item(
            key, table["name"], table["weight"], table["blocking"], category, order, parts, left_to, request
        )
    return items


def _load_kinds() -> Mapping[str, CardKind]:
    reasons = {
        name: Coding(table.get("system", f"{_OURS}/override-reason"), table["code"], table["display"])
        for name, table in _table("reasons.toml", "code", "display").items()
    }
    kinds = {}
    for name, table in _table("kinds.toml", "order", "topic", "display", "reasons").items():
        unknown = [reason for reason in table["reasons"] if reason not in reasons]
        if unknown:
            raise RuleError(f"kinds.toml: {name}: no reason called {unknown[0]!r}")
        topic = _topic(table["topic"], table)
        critical = _topic(table["critical_topic"], table) if "critical_topic" in table else None
        last = frozenset(table.get("last", ()))
        offered = tuple(reasons[reason] for reason in table["reasons"])
        kinds[name] = CardKind(name, table.get("kind", name), table["order"], topic, offered, last, critical)
    return kinds


def _topic(code: str, table: Mapping[str, Any]) -> Coding:
    return Coding(f"{_OURS}/card-topic", code, table["display"])


def _table(name: str, *required: str) -> dict[str, Any]:
    try:
        tables = tomllib.loads((_HERE / name).read_text())
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{name}: {error}") from None
    for key, table in tables.items():
        missing = [field for field in required if field not in table]
        if missing:
            raise RuleError(f"{name}: {key}: {missing[0]} is missing")
    return tables
