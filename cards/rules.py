"""Rules: one recommendation a file, with its statements, criteria and cases; anything wrong in one refuses to start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from cards.cases import Case, parse_values
from cards.criteria import Comparator, Criterion, Group, Join, parse_group, shared
from cards.statements import Statement
from mappings.errors import DefinitionError
from mappings.findings import Finding
from mappings.tables import read_file
from mappings.vocabulary import Definition, Vocabulary

_HERE = Path(__file__).parent
# A key that a kind of card needs, and the kinds that a key is for.
_NEEDS = {"work-up": "items", "order-guard": "group"}
_ONLY_OF = {"items": ("work-up", "order-guard"), "group": ("order-guard",), "draft": ("order-guard",)}


@dataclass(frozen=True, slots=True)
class Rule:
    """One recommendation and when it applies.

    `items` are the work-up items that it finds missing.
    An order guard goes to the card of its `group`; `draft` is what it suggests to do with the order, `replacement`
    the value set in whose preferred code the order would be replaced.
    `typical` is a patient for whom the rule speaks; `cases` change one thing at a time; `hash` is over the file and the
    statements. Each of the `required` criteria silences the rule where it is false. `precedence` is that of its most
    specific source: a lower number speaks first. `definitions` are the findings that it names, `order_classes` the
    classes of orders that it is about.
    """

    id: str
    family: str
    title: str
    card: str
    topic: str
    indicator: str
    statements: tuple[Statement, ...]
    recommend: str
    status: str
    when: Group
    unless: Group | None
    items: tuple[str, ...]
    group: str
    draft: str
    replacement: str
    typical: Mapping[str, Finding]
    cases: tuple[Case, ...]
    hash: str = ""
    required: tuple[Criterion, ...] = field(init=False, repr=False, compare=False)
    precedence: int = field(init=False, repr=False, compare=False)
    definitions: tuple[Definition, ...] = field(init=False, repr=False, compare=False)
    order_classes: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What every patient needs of the rule, found once."""
        parts = self.when.parts if self.when.join is Join.ALL else ()
        asked = [c for c in self.when.criteria() if c.finding.name == "selected_orders"]
        found = {
            "required": tuple(part for part in parts if isinstance(part, Criterion)),
            "precedence": min(statement.source.precedence for statement in self.statements),
            "definitions": tuple({c.finding.name: c.finding for c in self.criteria()}.values()),
            "order_classes": frozenset(v for c in asked if c.comparator is Comparator.INCLUDES for v in c.values),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @property
    def is_extension(self) -> bool:
        """Whether it rests on nothing that a source document says."""
        return all(statement.is_extension for statement in self.statements)

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion, of `when` first."""
        yield from self.when.criteria()
        if self.unless is not None:
            yield from self.unless.criteria()


def load_rules(
    vocabulary: Vocabulary,
    statements: Mapping[str, Statement],
    items: Mapping[str, object],
    folder: Path = _HERE / "rules",
) -> tuple[Rule, ...]:
    """Every rule in the order of families and names; raises DefinitionError naming rule and key."""
    rules = [load_rule(path, vocabulary, statements, items) for path in sorted(folder.glob("*/*.toml"))]
    ids = [rule.id for rule in rules]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        raise DefinitionError(f"{twice}: two files have this name")
    pool: dict[Criterion, Criterion] = {}
    return tuple(_with_shared_criteria(rule, pool) for rule in rules)


def _with_shared_criteria(rule: Rule, pool: dict[Criterion, Criterion]) -> Rule:
    """The rule with one object for each criterion that other rules ask too, so that it is tried once a patient."""
    unless = shared(rule.unless, pool) if rule.unless is not None else None
    return replace(rule, when=shared(rule.when, pool), unless=unless)


def load_rule(
    path: Path, vocabulary: Vocabulary, statements: Mapping[str, Statement], items: Mapping[str, object]
) -> Rule:
    """One rule from its file; raises DefinitionError naming rule and key."""
    name = path.stem
    table = _checked(name, read_file(path, name), statements, items)
    held = tuple(statements[statement] for statement in table["statements"])
    typical = parse_values(table["typical"], vocabulary, f"{name}: typical")
    return Rule(
        id=name,
        family=path.parent.name,
        title=table["title"],
        card=table["card"],
        topic=table["topic"],
        indicator=table["indicator"],
        statements=held,
        recommend=table["recommend"],
        status=table["status"],
        when=parse_group(table["when"], vocabulary, f"{name}: when"),
        unless=parse_group(table["unless"], vocabulary, f"{name}: unless") if "unless" in table else None,
        items=tuple(table.get("items", ())),
        group=table.get("group", table["card"]),
        draft=table.get("draft", ""),
        replacement=table.get("replacement", ""),
        typical=typical,
        cases=tuple(_cases(name, table["cases"], typical, vocabulary)),
        hash=_hash(path.read_bytes(), held),
    )


def _checked(
    rule: str, table: dict[str, Any], statements: Mapping[str, object], items: Mapping[str, object]
) -> dict[str, Any]:
    """The table of a rule that has the shape of one, and names statements and items of ours."""
    for problem in sorted(_schema().iter_errors(table), key=lambda e: list(map(str, e.absolute_path))):
        raise DefinitionError(f"{rule}: {'.'.join(map(str, problem.absolute_path)) or 'file'}: {problem.message}")
    _check_keys_of_card(rule, table)
    for statement in table["statements"]:
        if statement not in statements:
            raise DefinitionError(f"{rule}: statements: no statement called {statement!r}")
    for item in table.get("items", ()):
        if item not in items:
            raise DefinitionError(f"{rule}: items: no work-up item called {item!r}")
    return table


def _check_keys_of_card(rule: str, table: Mapping[str, Any]) -> None:
    """Raises DefinitionError where a rule lacks a key that its kind of card needs, or has one of another kind."""
    card, needed = table["card"], _NEEDS.get(table["card"])
    if needed is not None and needed not in table:
        raise DefinitionError(f"{rule}: {needed}: a rule of the card {card} needs it")
    for key, cards in _ONLY_OF.items():
        if key in table and card not in cards:
            raise DefinitionError(f"{rule}: {key}: only for a rule of the card {' or '.join(cards)}, not {card}")
    replaces = table.get("draft") == "replace"
    if replaces and "replacement" not in table:
        raise DefinitionError(f"{rule}: replacement: needed where the draft is replaced")
    if "replacement" in table and not replaces:
        raise DefinitionError(f"{rule}: replacement: only where the draft is replaced")


def _hash(file: bytes, statements: Iterable[Statement]) -> str:
    """A hash of everything that a clinician approves: the file and the statements that it rests on."""
    digest = hashlib.sha256(file)
    for statement in statements:
        digest.update(repr(statement).encode())
    return digest.hexdigest()[:16]


def _cases(
    rule: str, tables: Mapping[str, Mapping[str, Any]], typical: Mapping[str, Finding], vocabulary: Vocabulary
) -> Iterator[Case]:
    yield Case("the typical patient", typical, "recommend")
    for name, table in tables.items():
        changed = {key: value for key, value in table.items() if key != "expect"}
        findings = {**typical, **parse_values(changed, vocabulary, f"{rule}: cases.{name}")}
        if findings == typical:
            raise DefinitionError(f"{rule}: cases.{name}: changes nothing")
        yield Case(name, findings, table["expect"])


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((_HERE / "rule.schema.json").read_text()))
