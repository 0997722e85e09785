"""Findings and value sets as plain data for pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cards.words import unit_in_words
from mappings.amounts import plain
from mappings.codes import CodeSystem
from mappings.value_sets import LeftOut, Member, ValueSet
from mappings.vocabulary import Definition, Kind
from service.pages import phrases
from service.pages.index import Index
from service.pages.statement_views import Link, rule_links


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding: what it means, what it can be, where it is read, who uses it."""

    name: str
    area: str
    label: str
    meaning: str
    kind: str
    values: tuple[str, ...]
    unit: str
    most: str
    needs: tuple[str, ...]
    also: tuple[str, ...]
    value_sets: tuple[str, ...]
    steps: tuple[Link, ...]
    statements: tuple[str, ...]
    rules: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ValueSetRow:
    """A value set in a list."""

    name: str
    title: str
    area: str
    meaning: str
    codes: int
    phrases: int


@dataclass(frozen=True, slots=True)
class ValueSetView:
    """A value set: its codes, what was left out and why, its phrases, who uses it."""

    row: ValueSetRow
    members: tuple[Member, ...]
    systems: tuple[CodeSystem, ...]
    left_out: tuple[LeftOut, ...]
    phrases: tuple[str, ...]
    preferred: str
    findings: tuple[Link, ...]
    rules: tuple[Link, ...]


def finding_view(definition: Definition, index: Index) -> FindingView:
    """A finding for pages."""
    vocabulary = index.knowledge.vocabulary
    return FindingView(
        definition.name,
        phrases.title_of(definition.area),
        definition.label,
        definition.meaning,
        phrases.KINDS[definition.kind.value],
        tuple(_values(definition)),
        unit_in_words(definition) if definition.kind is Kind.AMOUNT else "",
        plain(definition.most) if definition.most is not None else "",
        definition.needs,
        definition.also,
        definition.value_sets,
        tuple(Link(step, vocabulary[step].label) for step in definition.steps),
        definition.statements,
        rule_links(index.rules_by_finding.get(definition.name, ())),
    )


def value_set_row(value_set: ValueSet) -> ValueSetRow:
    """A value set for a list."""
    title = phrases.title_of(value_set.name)
    area = phrases.title_of(value_set.area)
    return ValueSetRow(value_set.name, title, area, value_set.meaning, len(value_set.members), len(value_set.phrases))


def value_set_view(value_set: ValueSet, index: Index) -> ValueSetView:
    """A value set for its page."""
    systems = index.knowledge.terminology.systems
    used = dict.fromkeys(member.system for member in value_set.members)
    return ValueSetView(
        value_set_row(value_set),
        value_set.members,
        tuple(systems[name] for name in used),
        value_set.left_out,
        value_set.phrases,
        value_set.preferred or "",
        tuple(Link(d.name, d.label) for d in index.findings_by_value_set.get(value_set.name, ())),
        rule_links(index.rules_by_value_set.get(value_set.name, ())),
    )


def _values(definition: Definition) -> Iterator[str]:
    """The values as the file writes them, each with its words where these differ."""
    if definition.kind is Kind.AMOUNT:
        return
    for value in definition.values:
        words = definition.in_words(value)
        yield value if words.casefold() == value.casefold() else f"{value} ({words})"
