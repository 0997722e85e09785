"""Lists of rules, statements, findings and value sets, narrowed by what a reader asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cards.rules import Rule
from cards.statements import Statement
from mappings.value_sets import ValueSet
from mappings.vocabulary import Definition
from service.pages.index import Index
from service.pages.phrases import CARDS, title_of


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: words that all have to occur, and values that have to be met; empty for anything."""

    words: str = ""
    family: str = ""
    card: str = ""
    statement: str = ""
    finding: str = ""
    source: str = ""
    verdict: str = ""
    role: str = ""


def query_of(arguments: Mapping[str, str]) -> Query:
    """The query in the arguments of an address."""

    def asked(name: str) -> str:
        return arguments.get(name, "").strip()

    return Query(
        words=asked("q"),
        family=asked("family"),
        card=asked("kind"),
        statement=asked("statement").upper(),
        finding=asked("finding"),
        source=asked("source"),
        verdict=asked("verdict"),
        role=asked("role"),
    )


def rules_found(query: Query, index: Index) -> list[Rule]:
    """The rules that meet a query, by family, kind of card and title."""
    found = [rule for rule in index.knowledge.rules if _rule_meets(rule, query)]
    return sorted(found, key=lambda rule: (rule.family, list(CARDS).index(rule.card), rule.title))


def statements_found(query: Query, index: Index) -> list[Statement]:
    """The statements that meet a query, in the order of their sources' precedence."""
    found = [s for s in index.knowledge.statements.values() if _statement_meets(s, query)]
    return sorted(found, key=lambda s: list(index.knowledge.sources).index(s.source.id))


def findings_found(query: Query, index: Index) -> list[Definition]:
    """The findings that meet a query."""
    held = index.knowledge.vocabulary.values()
    return [d for d in held if _has(query.words, d.name, d.label, d.meaning, " ".join(d.values))]


def value_sets_found(query: Query, index: Index) -> list[ValueSet]:
    """The value sets that meet a query, by name, meaning, code or display."""
    held = index.knowledge.terminology.value_sets.values()
    return [v for v in held if _has(query.words, title_of(v.name), v.name, v.meaning, _codes(v), *v.phrases)]


def _rule_meets(rule: Rule, query: Query) -> bool:
    statements = {statement.id for statement in rule.statements}
    findings = {criterion.finding.name for criterion in rule.criteria()}
    labels = " ".join(criterion.finding.label for criterion in rule.criteria())
    return (
        query.family in ("", rule.family)
        and query.card in ("", rule.card)
        and (not query.statement or any(name.startswith(query.statement) for name in statements))
        and (not query.finding or query.finding in findings)
        and _has(query.words, rule.id, rule.title, rule.recommend, " ".join(statements), labels)
    )


def _statement_meets(statement: Statement, query: Query) -> bool:
    return (
        query.source in ("", statement.source.id)
        and query.verdict in ("", statement.verdict)
        and query.role in ("", statement.role)
        and _has(query.words, statement.id, statement.text, statement.guidance, statement.limits)
    )


def _codes(value_set: ValueSet) -> str:
    return " ".join(f"{member.code} {member.display}" for member in value_set.members)


def _has(words: str, *texts: str) -> bool:
    """Whether every word occurs somewhere in the texts."""
    searched = " ".join(texts).casefold()
    return all(word in searched for word in words.casefold().split())
