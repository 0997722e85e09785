"""The knowledge as it is loaded at start: vocabulary, terminology, statements, rules, and the words of cards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cards.governance import Governance, load_governance, with_intervals
from cards.items import Item, load_items
from cards.rules import Rule, load_rules
from cards.site import read_site
from cards.statements import (
    Conflict,
    Source,
    Statement,
    check_findings,
    load_conflicts,
    load_sources,
    load_statements,
)
from mappings.codes import Coding
from mappings.errors import DefinitionError
from mappings.order_classes import check_order_classes, order_classes
from mappings.tables import Keys, read_tables
from mappings.value_sets import Terminology, load_terminology
from mappings.vocabulary import Vocabulary, load_vocabulary
from mappings.vocabulary_check import check_vocabulary

_HERE = Path(__file__).parent
_REQUIRED: Keys = {"order": int, "topic": str, "display": str, "reasons": list}
_OPTIONAL: Keys = {"kind": str, "critical_topic": str, "last": list}
_OURS = "https://hoofbeats.example/fhir/CodeSystem"


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


def load_knowledge(site: Path | None = None) -> Knowledge:
    """All knowledge, with what a site adds and decides; raises DefinitionError naming file and key."""
    its_own = read_site(site)
    vocabulary = load_vocabulary()
    terminology = load_terminology(its_own.additions)
    check_order_classes(order_classes(), terminology.value_sets)
    check_vocabulary(vocabulary, terminology)
    sources = load_sources()
    statements = load_statements(sources)
    check_findings(vocabulary, statements)
    items = load_items(vocabulary, terminology)
    rules = load_rules(vocabulary, statements, items)
    kinds = _load_kinds()
    _check_replacements(rules, terminology)
    _check_groups(rules, kinds)
    governance = load_governance(its_own, rules)
    return Knowledge(
        version_of(_data_files() if site is None else [*_data_files(), site]),
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


def knowledge_at(site: Path | None) -> Knowledge:
    """The knowledge with the additions of a site, where it has any; raises DefinitionError."""
    return load_knowledge(site) if site is not None else shipped_knowledge()


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


def _check_replacements(rules: Iterable[Rule], terminology: Terminology) -> None:
    for rule in rules:
        if rule.replacement:
            try:
                terminology.preferred(rule.replacement)
            except DefinitionError as error:
                raise DefinitionError(f"{rule.id}: replacement: {error}") from None


def _check_groups(rules: Iterable[Rule], kinds: Mapping[str, CardKind]) -> None:
    for rule in rules:
        if rule.group not in kinds or kinds[rule.group].kind != rule.card:
            raise DefinitionError(f"{rule.id}: group: no {rule.card} card called {rule.group!r}")
        if rule.indicator == "critical" and kinds[rule.group].critical is None:
            raise DefinitionError(f"{rule.id}: indicator: kinds.toml has no critical_topic for {rule.group}")


def _load_kinds() -> Mapping[str, CardKind]:
    reasons = {
        name: Coding(table.get("system", f"{_OURS}/override-reason"), table["code"], table["display"])
        for name, table in read_tables(_HERE / "reasons.toml", {"code": str, "display": str}, {"system": str}).items()
    }
    kinds = {}
    for name, table in read_tables(_HERE / "kinds.toml", _REQUIRED, _OPTIONAL).items():
        unknown = [reason for reason in table["reasons"] if reason not in reasons]
        if unknown:
            raise DefinitionError(f"cards/kinds.toml: {name}: no reason called {unknown[0]!r}")
        topic = _topic(table["topic"], table)
        critical = _topic(table["critical_topic"], table) if "critical_topic" in table else None
        last = frozenset(table.get("last", ()))
        offered = tuple(reasons[reason] for reason in table["reasons"])
        kinds[name] = CardKind(name, table.get("kind", name), table["order"], topic, offered, last, critical)
    return kinds


def _topic(code: str, table: Mapping[str, Any]) -> Coding:
    return Coding(f"{_OURS}/card-topic", code, table["display"])
