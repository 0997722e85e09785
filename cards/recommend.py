"""Recommendations: what to show, merged by topic, the more specific source speaking, one card of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cards.criteria import Criterion
from cards.decide import Decision, Outcome
from cards.knowledge import Item, Knowledge
from cards.rules import Rule
from mappings.codes import Coding
from mappings.findings import Finding, State
from mappings.truth import Truth
from mappings.vocabulary import Kind

_INDICATORS = ("critical", "warning", "info")
_UNUSABLE = "contradictory or unreadable"
# A rule that more facts than these keep undecided is far from speaking: naming them all buries what matters.
_NEARLY_DECIDED = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One topic of a card: the decisions that speak, and those of less specific sources that are merged into it."""

    topic: str
    speaking: tuple[Decision, ...]
    merged: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class MissingItem:
    """A work-up item that was not found: what of it is missing, the decision that speaks for it, how to order it.

    `age` is how long ago it was done where it was, but too long ago.
    """

    item: Item
    parts: tuple[str, ...]
    decision: Decision
    order: Coding | None
    age: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Everything that one card says: its kind, and its group where a kind has several cards.

    `missing` are the findings that keep further rules of the card undecided, where they are one or two.
    """

    kind: str
    group: str
    indicator: str
    decisions: tuple[Decision, ...]
    points: tuple[Point, ...]
    items: tuple[MissingItem, ...]
    missing: tuple[str, ...]


def recommend(
    decisions: Iterable[Decision], findings: Mapping[str, Finding], knowledge: Knowledge
) -> tuple[Recommendation, ...]:
    """One recommendation for each kind of card that some rule calls for, the most urgent first."""
    held = list(decisions)
    made = []
    for kind in knowledge.kinds.values():
        of_kind = [d for d in held if d.rule.group == kind.name]
        spoken = [d for d in of_kind if d.outcome is Outcome.RECOMMEND]
        if not spoken:
            continue
        items = _items(spoken, findings, knowledge)
        if kind.name == "work-up" and not items:
            continue
        made.append(
            Recommendation(
                kind.kind,
                kind.name,
                _indicator(kind.kind, spoken, items),
                tuple(spoken),
                _points(spoken),
                items,
                _nearly_decided_by(of_kind),
            )
        )
    order = {kind.name: kind.order for kind in knowledge.kinds.values()}
    return tuple(sorted(made, key=lambda r: (_INDICATORS.index(r.indicator), order[r.group])))


def _nearly_decided_by(decisions: list[Decision]) -> tuple[str, ...]:
    """The findings that alone, or with one other, keep a rule undecided."""
    missing = [d.missing() for d in decisions if d.outcome is Outcome.UNDETERMINED]
    return tuple(dict.fromkeys(name for names in missing if len(names) <= _NEARLY_DECIDED for name in names))


def _indicator(kind: str, decisions: list[Decision], items: tuple[MissingItem, ...]) -> str:
    if kind == "work-up":
        return "warning" if any(missing.item.blocking for missing in items) else "info"
    return min((d.rule.indicator for d in decisions), key=_INDICATORS.index)


def _points(decisions: list[Decision]) -> tuple[Point, ...]:
    by_topic: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_topic.setdefault(decision.rule.topic, []).append(decision)
    points = [_point(topic, held) for topic, held in by_topic.items()]
    return tuple(sorted(points, key=lambda p: min(_INDICATORS.index(d.rule.indicator) for d in p.speaking)))


def _point(topic: str, decisions: list[Decision]) -> Point:
    """The most specific source speaks; another side of a conflict that it is part of speaks beside it."""
    best = min(d.rule.precedence for d in decisions)
    speaking = [d for d in decisions if d.rule.precedence == best]
    disputed = {c for d in speaking for c in _conflicts(d.rule)}
    beside = [d for d in decisions if d not in speaking and disputed & _conflicts(d.rule)]
    merged = tuple(d for d in decisions if d not in speaking and d not in beside)
    return Point(topic, tuple(speaking + beside), merged)


def _conflicts(rule: Rule) -> set[str]:
    return {conflict for statement in rule.statements for conflict in statement.conflicts}


def _items(decisions: list[Decision], findings: Mapping[str, Finding], knowledge: Knowledge) -> tuple[MissingItem, ...]:
    """The items that are missing or too old, each with the most specific rule that asks for it."""
    best: dict[str, Decision] = {}
    for decision in decisions:
        for key in decision.rule.items:
            if not (_is_missing(key, findings, knowledge) or _age(key, decision, findings)):
                continue
            if key not in best or _specificity(decision) < _specificity(best[key]):
                best[key] = decision
    missing = [
        MissingItem(
            knowledge.items[key],
            _parts(key, findings, knowledge),
            decision,
            _order(key, decision.rule, knowledge),
            _age(key, decision, findings),
        )
        for key, decision in best.items()
    ]
    return tuple(sorted(missing, key=lambda m: (m.item.weight, m.item.key)))


def _is_missing(key: str, findings: Mapping[str, Finding], knowledge: Knowledge) -> bool:
    definition = knowledge.vocabulary.get(key)
    if definition is None:
        return not knowledge.items[key].parts or bool(_parts(key, findings, knowledge))
    finding = findings[key]
    return finding.value == "absent" if definition.kind is Kind.STEP else _is_lacking(finding)


def _age(key: str, decision: Decision, findings: Mapping[str, Finding]) -> str:
    """How long ago a step was done, where the rule speaks because that is too long ago."""
    held = (j.of.finding for j in decision.when.criteria() if isinstance(j.of, Criterion) and j.truth is Truth.TRUE)
    return next((str(findings[time.name].value) for time in held if key in time.steps), "")


def _parts(key: str, findings: Mapping[str, Finding], knowledge: Knowledge) -> tuple[str, ...]:
    """What of an item is missing; what contradicts itself or cannot be read is missing and said to be so."""
    if key in knowledge.vocabulary:
        return (_UNUSABLE,) if findings[key].conflicts else ()
    lacking = [part for part in knowledge.items[key].parts if _is_lacking(findings[part.name])]
    return tuple(f"{part.label}: {_UNUSABLE}" if findings[part.name].conflicts else part.label for part in lacking)


def _is_lacking(finding: Finding) -> bool:
    return finding.state is State.ABSENT or (finding.state is State.UNKNOWN and bool(finding.conflicts))


def _specificity(decision: Decision) -> tuple[int, int, str]:
    return decision.rule.precedence, len(decision.rule.items), decision.rule.id


def _order(key: str, rule: Rule, knowledge: Knowledge) -> Coding | None:
    if key in rule.orders:
        return knowledge.terminology.preferred(rule.orders[key])
    return knowledge.items[key].order
