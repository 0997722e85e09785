"""Statements, sources and conflicts as plain data for pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cards.criteria_words import conditions
from cards.rules import Rule
from cards.statements import Conflict, Source, Statement
from cards.words import capitalised, verdict_in_words
from service.pages import phrases
from service.pages.index import Index


@dataclass(frozen=True, slots=True)
class Link:
    """Something with a page or a place on one: its id and its words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source document or a reference; `statements` rest on it or were checked against it."""

    id: str
    title: str
    details: str
    url: str
    note: str
    says: str
    precedence: int
    is_document: bool
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SideView:
    """One side of a conflict."""

    says: str
    statements: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class ConflictView:
    """A disagreement of sources: its sides, for whom it matters, how it is presented, what a card shows, its rules."""

    id: str
    topic: str
    sides: tuple[SideView, ...]
    matters: str
    presentation: str
    note: str
    statements: tuple[str, ...]
    rules: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class DangerView:
    """What would be dangerous if a source were followed to the letter."""

    id: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement with everything that is known of it."""

    id: str
    text: str
    kind: str
    source: SourceView
    locator: str
    strength: str
    verdict: str
    verdict_words: str
    guidance: str
    references: tuple[SourceView, ...]
    conflicts: tuple[ConflictView, ...]
    dangers: tuple[DangerView, ...]
    limits: str
    tightened: str
    hooks: tuple[str, ...]
    role: str
    role_words: str
    background: str
    rules: tuple[Link, ...]
    findings: tuple[Link, ...]


def statement_view(statement: Statement, index: Index) -> StatementView:
    """A statement for its page."""
    return StatementView(
        statement.id,
        statement.text,
        phrases.title_of(statement.kind),
        source_view(statement.source, index),
        statement.locator,
        statement.strength,
        statement.verdict,
        capitalised(verdict_in_words(statement)),
        statement.guidance,
        tuple(source_view(index.knowledge.sources[name], index) for name in statement.references),
        tuple(conflict_view(index.knowledge.conflicts[name], index) for name in statement.conflicts),
        dangers_of([statement], index),
        statement.limits,
        statement.tightened,
        statement.hooks,
        statement.role,
        phrases.ROLES[statement.role],
        _background(statement),
        rule_links(index.rules_by_statement.get(statement.id, ())),
        tuple(Link(d.name, d.label) for d in index.findings_by_statement.get(statement.id, ())),
    )


def source_view(source: Source, index: Index) -> SourceView:
    """A source or reference for pages."""
    details = ", ".join(text for text in (source.kind, f"updated {source.updated}" if source.updated else "") if text)
    is_document = bool(source.kind)
    return SourceView(
        source.id,
        source.title,
        details if source.updated or not is_document else f"{details}, undated",
        source.url,
        source.note,
        source.says,
        source.precedence,
        is_document,
        tuple(statement.id for statement in index.statements_by_source.get(source.id, ())),
    )


def conflict_view(conflict: Conflict, index: Index) -> ConflictView:
    """A conflict with its sides for pages."""
    rules = {rule.id: rule for name in sorted(conflict.statements) for rule in index.rules_by_statement.get(name, ())}
    return ConflictView(
        conflict.id,
        conflict.topic,
        tuple(SideView(side.says, side.statements, side.where) for side in conflict.sides),
        conditions(conflict.when) if conflict.when else "",
        conflict.presentation,
        conflict.note,
        tuple(sorted(conflict.statements)),
        rule_links(rules[name] for name in sorted(rules)),
    )


def dangers_of(statements: Iterable[Statement], index: Index) -> tuple[DangerView, ...]:
    """The dangers that some statements would bring if they were followed to the letter."""
    names = {statement.id for statement in statements}
    return tuple(DangerView(d.id, d.what, d.why) for d in index.dangers if d.statements & names)


def rule_links(rules: Iterable[Rule]) -> tuple[Link, ...]:
    """Rules as links."""
    return tuple(Link(rule.id, rule.title) for rule in rules)


def _background(statement: Statement) -> str:
    """Why no rule rests on a statement; empty where one does."""
    if statement.role != "background":
        return ""
    return phrases.BACKGROUND.get(statement.kind, "" if statement.limits else phrases.NO_ACTION)
