"""Orders that decisions are about: each selected draft by the classes that it is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cards.decide import Decision
from mappings.drafts import Draft

OrdersByClasses = Mapping[frozenset[str], Sequence[tuple[Draft, ...]]]


def ordered(drafts: Iterable[Draft]) -> OrdersByClasses:
    """The selected orders by their classes; drafts of one reference cannot be told apart and are one order."""
    by_reference: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.selected and draft.classes:
            by_reference.setdefault(draft.reference, []).append(draft)
    by_classes: dict[frozenset[str], list[tuple[Draft, ...]]] = {}
    for order in by_reference.values():
        by_classes.setdefault(frozenset().union(*(draft.classes for draft in order)), []).append(tuple(order))
    return by_classes


def by_order(
    decisions: Sequence[Decision], orders: OrdersByClasses
) -> Iterator[tuple[list[Decision], Sequence[tuple[Draft, ...]]]]:
    """What is decided about orders of the same classes, with these; and what is about no order."""
    asked = [decision.rule.order_classes for decision in decisions]
    for classes, alike in orders.items():
        yield [d for d, asks in zip(decisions, asked, strict=True) if not classes.isdisjoint(asks)], alike
    yield [d for d, asks in zip(decisions, asked, strict=True) if all(map(asks.isdisjoint, orders))], [()]


def is_about(decision: Decision, draft: Draft) -> bool:
    """Whether a decision is about an order: of a class that the rule asks for."""
    return not draft.classes.isdisjoint(decision.rule.order_classes)
