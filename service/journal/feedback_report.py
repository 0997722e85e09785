"""What the database says of each rule: how often it fired, was shown, accepted, overridden and why, held back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, func, select

from service.journal.tables import EVALUATIONS, FEEDBACK, HELD_BACK

_OUTCOMES = ("recommend", "silent", "undetermined")
# An entry that says the same again is the same act of a user; comments do not tell acts apart.
_ACT = ("service", "card", "outcome", "outcome_timestamp", "accepted", "reasons")
Reason = tuple[str, str]
_NO_REASON: Reason = ("", "")
Chosen = TypeVar("Chosen", bound=Select[*tuple[Any, ...]])


def report(connection: Connection, knowledge: str | None = None) -> dict[str, Any]:
    """Counts and rates of each rule, of one version of the knowledge or of all, and what feedback came in."""
    judged = _judged(connection, knowledge)
    held = _held_by_rule(connection, knowledge)
    acts = connection.execute(_of(select(*_columns(*_ACT, "rules")).distinct(), FEEDBACK, knowledge)).all()
    cards: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    reasons: dict[str, set[tuple[Reason, str]]] = defaultdict(set)
    for act in acts:
        for rule in act.rules or ():
            cards[rule][act.outcome].add(act.card)
            if act.outcome == "overridden":
                reasons[rule].update((reason, act.card) for reason in act.reasons or (_NO_REASON,))
    rules = sorted({*judged, *cards, *held})
    return {
        "knowledge": sorted(connection.execute(select(EVALUATIONS.c.knowledge).distinct()).scalars()),
        "rules": [
            _rule(rule, judged[rule], {o: len(c) for o, c in cards[rule].items()}, held[rule])
            | {"reasons": _reasons(reasons[rule])}
            for rule in rules
        ],
        "feedback": _received(connection, knowledge, acts),
    }


def held_back(connection: Connection) -> list[dict[str, Any]]:
    """How many cards were held back, by day, service, kind, rules and knowledge."""
    rows = connection.execute(select(HELD_BACK).order_by(HELD_BACK.c.day, HELD_BACK.c.service, HELD_BACK.c.kind))
    return [dict(row) | {"day": row["day"].isoformat(), "rules": list(row["rules"])} for row in rows.mappings()]


def _judged(connection: Connection, knowledge: str | None) -> dict[str, Counter[str]]:
    summed = func.sum(EVALUATIONS.c["count"])
    chosen = select(EVALUATIONS.c.rule, EVALUATIONS.c.outcome, summed).group_by(
        EVALUATIONS.c.rule, EVALUATIONS.c.outcome
    )
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for rule, outcome, count in connection.execute(_of(chosen, EVALUATIONS, knowledge)):
        counted[rule][outcome] = int(count)
    return counted


def _held_by_rule(connection: Connection, knowledge: str | None) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in connection.execute(_of(select(HELD_BACK), HELD_BACK, knowledge)).mappings():
        counted.update(dict.fromkeys(row["rules"], row["count"]))
    return counted


def _rule(rule: str, judged: Mapping[str, int], cards: Mapping[str, int], held: int) -> dict[str, Any]:
    evaluated = sum(judged[outcome] for outcome in _OUTCOMES)
    shown = judged["shown"]
    accepted, overridden = cards.get("accepted", 0), cards.get("overridden", 0)
    return {
        "rule": rule,
        "evaluated": evaluated,
        **{outcome: judged[outcome] for outcome in _OUTCOMES},
        "firing_rate": _rate(judged["recommend"], evaluated),
        "shown": shown,
        "accepted": accepted,
        "acceptance_rate": _rate(accepted, shown),
        "overridden": overridden,
        "override_rate": _rate(overridden, shown),
        "held_back": held,
    }


def _reasons(given: set[tuple[Reason, str]]) -> list[dict[str, Any]]:
    """Each reason with the number of cards that it was given for, and its share."""
    counted = Counter(reason for reason, _ in given)
    return [
        {"code": code, "system": system, "overridden": count, "share": _rate(count, len({card for _, card in given}))}
        for (code, system), count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]


def _received(connection: Connection, knowledge: str | None, acts: Sequence[Row[Any]]) -> dict[str, int]:
    counted = _of(select(func.count(), func.count().filter(~FEEDBACK.c.matched)), FEEDBACK, knowledge)
    entries, unmatched = connection.execute(counted).one()
    return {"entries": entries, "repeated": entries - len(acts), "unmatched": unmatched}


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _of(chosen: Chosen, table: Table, knowledge: str | None) -> Chosen:
    return chosen if knowledge is None else chosen.where(table.c.knowledge == knowledge)


def _columns(*names: str) -> list[Any]:
    return [FEEDBACK.c[name] for name in names]
