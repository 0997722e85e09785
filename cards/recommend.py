"""Recommendations: what to show, merged by topic, the more specific source speaking, one card of a kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from cards.criteria import truth_of
from cards.decide import RECOMMEND, SILENT, UNDETERMINED, Decision
from cards.items import Item
from cards.knowledge import Knowledge
from cards.orders import by_order, ordered
from cards.statements import Conflict
from mappings.codes import Coding
from mappings.drafts import Draft
from mappings.findings import Finding, State
from mappings.truth import TRUE
from mappings.vocabulary import Definition, Kind

INDICATORS = ("critical", "warning", "info")
UNUSABLE = "contradictory or unreadable"
# A rule that more facts than these keep undecided is far from speaking: naming them all buries what matters.
_NEARLY_DECIDED = 2


class Point(msgspec.Struct, frozen=True, gc=False):
    """One topic of a card: the decisions that speak, and those of less specific sources that are merged into it."""

    topic: str
    speaking: tuple[Decision, ...]
    merged: tuple[Decision, ...]


class MissingItem(msgspec.Struct, frozen=True, gc=False):
    """A work-up item that was not found: what of it is missing, the decision that speaks for it, how to order it.

    `remark` is what is said about how it is ordered; `age` is how long ago it was done where it was, but too long ago;
    `elsewhere` says that an earlier card offers it.
    """

    item: Item
    parts: tuple[str, ...]
    decision: Decision
    order: Coding | None
    remark: str = ""
    age: str = ""
    elsewhere: bool = False


class Recommendation(msgspec.Struct, frozen=True, gc=False):
    """Everything that one card says: its kind, and its group where a kind has several topics.

    `missing` are the findings that keep further rules of the card undecided, where they are one or two; `conflicts` the
    disagreements of sources that matter to this patient, among the rules that speak; `orders` the selected drafts that
    it is about, `apart` what tells it from another card of its topic.
    """

    kind: str
    group: str
    indicator: str
    decisions: tuple[Decision, ...]
    points: tuple[Point, ...]
    items: tuple[MissingItem, ...]
    missing: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    orders: tuple[Draft, ...] = ()
    apart: str = ""

    def speaking(self) -> tuple[Decision, ...]:
        """The decisions that the card shows, in its order: those behind items, or behind points."""
        if self.kind == "work-up":
            return tuple(missing.decision for missing in self.items)
        return tuple(decision for point in self.points for decision in point.speaking)

    def definitions(self) -> list[Definition]:
        """The findings that its rules name, each once."""
        found = {definition.name: definition for d in self.decisions for definition in d.rule.definitions}
        return list(found.values())

    def notes(self) -> list[str]:
        """What is said of the sources that differ, each once."""
        return list(dict.fromkeys(conflict.note for conflict in self.conflicts if conflict.note))


def recommend(
    decisions: Iterable[Decision], findings: Mapping[str, Finding], knowledge: Knowledge, drafts: Sequence[Draft] = ()
) -> tuple[Recommendation, ...]:
    """One recommendation for each kind of card that some rule calls for, and for each order; most urgent first."""
    held: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.outcome is not SILENT:
            held.setdefault(decision.rule.group, []).append(decision)
    live = [conflict for conflict in knowledge.conflicts.values() if conflict.matters(findings)]
    selected = ordered(drafts)
    made = []
    for kind in knowledge.kinds.values():
        for about, orders in by_order(held[kind.name], selected) if kind.name in held else ():
            spoken = [d for d in about if d.outcome is RECOMMEND]
            items = _items(spoken, findings, knowledge)
            if not spoken or (kind.name == "work-up" and not items):
                continue
            points = _points(spoken, live, kind.last)
            said = Recommendation(
                kind.kind,
                kind.name,
                _indicator(kind.kind, spoken, items),
                tuple(spoken),
                points,
                items,
                _nearly_decided_by(about),
                _disputed([item.decision for item in items] or [d for p in points for d in p.speaking], live),
            )
            made += [replace(said, orders=order) for order in orders]
    places = {draft.reference: place for place, draft in enumerate(drafts)}
    return tuple(sorted(made, key=lambda r: (*_urgency(r, knowledge), *(places[o.reference] for o in r.orders[:1]))))


def _urgency(recommendation: Recommendation, knowledge: Knowledge) -> tuple[int, int]:
    return INDICATORS.index(recommendation.indicator), knowledge.kinds[recommendation.group].order


def _nearly_decided_by(decisions: list[Decision]) -> tuple[str, ...]:
    """The findings that alone, or with one other, keep a rule undecided."""
    missing = [d.missing() for d in decisions if d.outcome is UNDETERMINED]
    return tuple(dict.fromkeys(name for names in missing if len(names) <= _NEARLY_DECIDED for name in names))


def _indicator(kind: str, decisions: list[Decision], items: tuple[MissingItem, ...]) -> str:
    if kind == "work-up":
        return "warning" if any(missing.item.blocking for missing in items) else "info"
    return min((d.rule.indicator for d in decisions), key=INDICATORS.index)


def _points(decisions: list[Decision], live: Sequence[Conflict], last: Collection[str]) -> tuple[Point, ...]:
    """The points of a card: the most urgent first, then the most specific, what is optional last."""
    by_topic: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_topic.setdefault(decision.rule.topic, []).append(decision)
    points = [_point(topic, held, live) for topic, held in by_topic.items()]

    def place(point: Point) -> tuple[int, bool, int]:
        urgency = min(INDICATORS.index(d.rule.indicator) for d in point.speaking)
        return urgency, point.topic in last, min(d.rule.precedence for d in point.speaking)

    return tuple(sorted(points, key=place))


def _point(topic: str, decisions: list[Decision], live: Sequence[Conflict]) -> Point:
    """The most specific source speaks, its most urgent rule first; another side of a conflict speaks beside it."""
    best = min(d.rule.precedence for d in decisions)
    speaking = sorted(
        (d for d in decisions if d.rule.precedence == best), key=lambda d: INDICATORS.index(d.rule.indicator)
    )
    for decision in sorted(decisions, key=lambda d: d.rule.precedence):
        if decision not in speaking and _adds_a_side(decision, speaking, live):
            speaking.append(decision)
    return Point(topic, tuple(speaking), tuple(d for d in decisions if d not in speaking))


def _adds_a_side(decision: Decision, speaking: Sequence[Decision], live: Sequence[Conflict]) -> bool:
    """Whether a decision stands on a side of a conflict on which none of those that speak does."""
    said, said_by_others = _named([decision]), _named(speaking)
    for conflict in live:
        own, others = conflict.statements & said, conflict.statements & said_by_others
        if own and others and not conflict.sides_of(own) <= conflict.sides_of(others) - {-1}:
            return True
    return False


def _disputed(decisions: Sequence[Decision], live: Sequence[Conflict]) -> tuple[Conflict, ...]:
    named = _named(decisions)
    return tuple(conflict for conflict in live if conflict.statements & named)


def _named(decisions: Iterable[Decision]) -> set[str]:
    return {statement.id for decision in decisions for statement in decision.rule.statements}


def _items(decisions: list[Decision], findings: Mapping[str, Finding], knowledge: Knowledge) -> tuple[MissingItem, ...]:
    """The items that are missing or too old, each with the most specific rule that asks for it."""
    best: dict[str, Decision] = {}
    for decision in decisions:
        for key in decision.rule.items:
            missing = _is_missing(key, findings, knowledge) and _is_asked_for(key, decision)
            if not (missing or _age(key, decision, findings)):
                continue
            if key not in best or _specificity(decision) < _specificity(best[key]):
                best[key] = decision
    items = [
        MissingItem(
            knowledge.items[key],
            _parts(key, findings, knowledge, best),
            decision,
            *_order(knowledge.items[key], findings),
            _age(key, decision, findings),
        )
        for key, decision in best.items()
        if _parts(key, findings, knowledge, best) or not knowledge.items[key].parts
    ]
    return tuple(sorted(items, key=lambda m: (m.item.weight, m.item.key)))


def _is_asked_for(key: str, decision: Decision) -> bool:
    """Whether what makes the rule speak concerns the item: of several hormones only that of the suspected syndrome."""
    named = any(criterion.finding.name == key for criterion in decision.rule.when.criteria())
    return not named or any(criterion.finding.name == key for criterion in decision.when.grounds())


def _is_missing(key: str, findings: Mapping[str, Finding], knowledge: Knowledge) -> bool:
    definition = knowledge.vocabulary.get(key)
    if definition is None:
        return not knowledge.items[key].parts or bool(_parts(key, findings, knowledge))
    finding = findings[key]
    return finding.value == "absent" if definition.kind is Kind.STEP else _is_lacking(finding)


def _age(key: str, decision: Decision, findings: Mapping[str, Finding]) -> str:
    """How long ago a step was done, where the rule speaks because that is too long ago."""
    held = (criterion.finding for criterion, truth in decision.when.criteria() if truth is TRUE)
    return next((str(findings[time.name].value) for time in held if key in time.steps), "")


def _parts(
    key: str, findings: Mapping[str, Finding], knowledge: Knowledge, others: Collection[str] = ()
) -> tuple[str, ...]:
    """What of an item is missing and not left to another; what contradicts itself or cannot be read is called so."""
    if key in knowledge.vocabulary:
        return (UNUSABLE,) if findings[key].conflicts else ()
    item = knowledge.items[key]
    lacking = [
        part for part in item.parts if _is_lacking(findings[part.name]) and item.left_to.get(part.name) not in others
    ]
    return tuple(f"{part.label}: {UNUSABLE}" if findings[part.name].conflicts else part.label for part in lacking)


def _is_lacking(finding: Finding) -> bool:
    return finding.state is State.ABSENT or (finding.state is State.UNKNOWN and bool(finding.conflicts))


def _specificity(decision: Decision) -> tuple[int, int, int, str]:
    rule = decision.rule
    return rule.precedence, len(rule.items), INDICATORS.index(rule.indicator), rule.id


def _order(item: Item, findings: Mapping[str, Finding]) -> tuple[Coding | None, str]:
    """In which code an item is ordered for this patient, and what is to be said about that."""
    other = item.otherwise
    if other is None or truth_of(other.when, findings) is not TRUE:
        return item.order, ""
    return other.order, other.remark
