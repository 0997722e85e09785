"""Rules as plain data for pages and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cards.attributes import Attribute, attributes_of
from cards.cases import Case
from cards.criteria_words import Line, conditions, differences, finding_in_words, lines
from cards.rules import Rule
from cards.words import capitalised
from mappings.codes import Coding
from mappings.findings import Finding, State
from service.pages import phrases
from service.pages.index import Index
from service.pages.statement_views import (
    ConflictView,
    DangerView,
    Link,
    StatementView,
    conflict_view,
    dangers_of,
    rule_links,
    statement_view,
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in a list."""

    id: str
    title: str
    family: str
    card: str
    indicator: str
    status: str
    recommend: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case: its name, what differs from the typical patient where the name does not say it, and the outcome."""

    name: str
    changes: tuple[str, ...]
    outcome: str
    outcome_words: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with everything that follows from its file."""

    row: RuleRow
    card_words: str
    indicator_words: str
    status_words: str
    topic: str
    version: str
    file: str
    when: tuple[Line, ...]
    unless: tuple[Line, ...]
    items: tuple[str, ...]
    orders: tuple[str, ...]
    draft: str
    statements: tuple[StatementView, ...]
    conflicts: tuple[ConflictView, ...]
    dangers: tuple[DangerView, ...]
    typical: tuple[tuple[str, str], ...]
    cases: tuple[CaseView, ...]
    attributes: tuple[Attribute, ...]
    same_topic: tuple[Link, ...]
    site: tuple[str, ...]


def rule_row(rule: Rule) -> RuleRow:
    """A rule for a list."""
    return RuleRow(
        rule.id,
        rule.title,
        rule.family,
        rule.card,
        rule.indicator,
        rule.status,
        rule.recommend,
        tuple(statement.id for statement in rule.statements),
    )


def rule_view(rule: Rule, index: Index) -> RuleView:
    """A rule for its page."""
    knowledge = index.knowledge
    conflicts = dict.fromkeys(name for statement in rule.statements for name in statement.conflicts)
    return RuleView(
        row=rule_row(rule),
        card_words=phrases.CARDS[rule.card],
        indicator_words=phrases.INDICATORS[rule.indicator],
        status_words=phrases.STATUSES[rule.status],
        topic=rule.topic,
        version=rule.hash,
        file=f"cards/rules/{rule.family}/{rule.id}.toml",
        when=lines(rule.when),
        unless=lines(rule.unless) if rule.unless is not None else (),
        items=tuple(knowledge.items[item].name for item in rule.items),
        orders=_orders(rule, index),
        draft=_draft(rule, index),
        statements=tuple(statement_view(statement, index) for statement in rule.statements),
        conflicts=tuple(conflict_view(knowledge.conflicts[name], index) for name in sorted(conflicts)),
        dangers=dangers_of(rule.statements, index),
        typical=_typical(rule.typical, index),
        cases=tuple(_case(case, rule, index) for case in rule.cases),
        attributes=attributes_of(rule, knowledge.sources, knowledge.vocabulary),
        same_topic=rule_links(_same_topic(rule, index)),
        site=tuple(_at_site(rule, index)),
    )


def _at_site(rule: Rule, index: Index) -> Iterator[str]:
    """What the site decided about a rule, in sentences."""
    governance = index.knowledge.governance
    signature = governance.signature_of(rule)
    yield phrases.MODES[governance.mode_of(rule)]
    if rule.id in governance.months:
        yield f"The interval is {governance.months[rule.id]} months instead of the source's."
    yield f"Signed by {signature.name} on {signature.day}." if signature else "Nobody has signed this version."


def _orders(rule: Rule, index: Index) -> tuple[str, ...]:
    """In which code each item would be ordered."""
    told = []
    for key in rule.items:
        item = index.knowledge.items[key]
        if item.order is not None:
            told.append(f"{item.name}: {_coded(item.order)}")
        if item.otherwise is not None:
            where = conditions(item.otherwise.when)
            told.append(f"{item.name}, where {where}: {_coded(item.otherwise.order)}")
    return tuple(told)


def _coded(order: Coding) -> str:
    return f"{order.display or order.code} ({order.system} {order.code})"


def _draft(rule: Rule, index: Index) -> str:
    """What is offered to become of the selected order, if anything."""
    if not rule.draft:
        return ""
    words = phrases.DRAFTS[rule.draft]
    return words + index.knowledge.terminology.preferred(rule.replacement).display if rule.replacement else words


def _typical(typical: Mapping[str, Finding], index: Index) -> tuple[tuple[str, str], ...]:
    vocabulary = index.knowledge.vocabulary
    return tuple((vocabulary[name].label, finding_in_words(f, vocabulary[name])) for name, f in typical.items())


def _case(case: Case, rule: Rule, index: Index) -> CaseView:
    changes = tuple(": ".join(c) for c in differences(case.findings, rule.typical, index.knowledge.vocabulary))
    name = (
        "" if _plain(case.name) in (_plain("; ".join(changes)), _plain(_as_written(case, rule, index))) else case.name
    )
    return CaseView(capitalised(name), changes, case.expect, phrases.OUTCOMES[case.expect])


def _as_written(case: Case, rule: Rule, index: Index) -> str:
    """The changes of a case with values as the file writes them, which is how many cases are named."""
    return "; ".join(
        f"{index.knowledge.vocabulary[name].label}: {_value_as_written(finding)}"
        for name, finding in case.findings.items()
        if finding != rule.typical.get(name)
    )


def _value_as_written(finding: Finding) -> str:
    match finding.value:
        case frozenset() as members:
            return ", ".join(sorted(members)) or "none"
        case None:
            return {State.ABSENT: "not recorded", State.NOT_APPLICABLE: "not applicable"}.get(finding.state, "unknown")
        case value:
            return str(value)


def _plain(text: str) -> str:
    return text.casefold().replace("-", " ").replace("_", " ")


def _same_topic(rule: Rule, index: Index) -> list[Rule]:
    """The other rules of the topic and card, the most specific source first."""
    others = [r for r in index.knowledge.rules if (r.topic, r.card) == (rule.topic, rule.card) and r is not rule]
    return sorted(others, key=lambda r: (r.precedence, r.id))
