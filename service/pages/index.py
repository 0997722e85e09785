"""What uses what: the knowledge turned round, so that a statement finds its rules and a value set its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from cards.attributes import check_attributes
from cards.dangers import Danger, load_dangers
from cards.knowledge import Knowledge
from cards.rules import Rule
from cards.statements import Statement
from mappings.vocabulary import Definition

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Index:
    """The knowledge with its dangers, and its rules, findings and statements by what names them."""

    knowledge: Knowledge
    dangers: tuple[Danger, ...]
    rules: Mapping[str, Rule]
    rules_by_statement: Mapping[str, tuple[Rule, ...]]
    rules_by_finding: Mapping[str, tuple[Rule, ...]]
    rules_by_value_set: Mapping[str, tuple[Rule, ...]]
    findings_by_statement: Mapping[str, tuple[Definition, ...]]
    findings_by_value_set: Mapping[str, tuple[Definition, ...]]
    statements_by_source: Mapping[str, tuple[Statement, ...]]


def index_of(knowledge: Knowledge) -> Index:
    """The knowledge and what uses what in it; raises DefinitionError where a file of ours is wrong."""
    check_attributes(knowledge.vocabulary)
    findings = knowledge.vocabulary.values()
    return Index(
        knowledge,
        load_dangers(),
        {rule.id: rule for rule in knowledge.rules},
        _turned(knowledge.rules, lambda rule: (statement.id for statement in rule.statements)),
        _turned(knowledge.rules, lambda rule: (criterion.finding.name for criterion in rule.criteria())),
        _turned(knowledge.rules, lambda rule: (*_other_orders(rule, knowledge), rule.replacement)),
        _turned(findings, lambda finding: finding.statements),
        _turned(findings, lambda finding: (*finding.value_sets, finding.order or "")),
        _turned(knowledge.statements.values(), lambda s: (s.source.id, *s.references)),
    )


def _other_orders(rule: Rule, knowledge: Knowledge) -> list[str]:
    others = [knowledge.items[key].otherwise for key in rule.items]
    return [other.value_set for other in others if other is not None]


def _turned(things: Iterable[_T], names: Callable[[_T], Iterable[str]]) -> dict[str, tuple[_T, ...]]:
    """Each name with the things that name it, in their order."""
    turned: dict[str, list[_T]] = {}
    for thing in things:
        for name in dict.fromkeys(names(thing)):
            turned.setdefault(name, []).append(thing)
    return {name: tuple(held) for name, held in turned.items()}
