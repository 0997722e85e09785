"""Which cards are shown where there is room for so many: every topic before a second card of any, and no order lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from cards.decide import Decision
from cards.markdown import one_line
from cards.recommend import INDICATORS, Point, Recommendation

# What the longest title leaves of a summary.
_WORDS = 45


def choose(recommendations: Iterable[Recommendation], most: int) -> tuple[Recommendation, ...]:
    """At most `most` recommendations, the most severe first.

    Each topic has a card for each order as far as there is room; the orders that are left over share its last card.
    What several cards find missing is offered on the first of them only, so that nobody orders it twice.
    """
    topics = _topics(sorted(recommendations, key=_severity), most)
    further = sorted((card for topic in topics for card in topic[1:]), key=_severity)
    room = [card.group for card in further[: most - len(topics)]]
    shown = [card for topic in topics for card in _told_apart(_shared(topic, 1 + room.count(topic[0].group)))]
    return tuple(_offered_once(sorted(shown, key=_severity)))


def _topics(recommendations: Iterable[Recommendation], most: int) -> list[list[Recommendation]]:
    """The topics that are shown, each with its recommendations.

    Where there are too many, of those equally severe one goes first that names an order which no other has named.
    """
    by_group: dict[str, list[Recommendation]] = {}
    for recommendation in recommendations:
        by_group.setdefault(recommendation.group, []).append(recommendation)
    waiting = list(by_group)
    named: set[str] = set()
    while waiting and len(by_group) - len(waiting) < most:
        first = min(waiting, key=lambda group: (_severity(by_group[group][0]), named >= _orders(by_group[group])))
        waiting.remove(first)
        named |= _orders(by_group[first])
    return [topic for group, topic in by_group.items() if group not in waiting]


def _shared(topic: Sequence[Recommendation], cards: int) -> list[Recommendation]:
    """The recommendations of a topic on so many cards, the last of which is shared by those left over."""
    return [*topic[: cards - 1], _together(topic[cards - 1 :])]


def _together(sharing: Sequence[Recommendation]) -> Recommendation:
    """What several orders of a topic are told, each thing once; the first is the most severe."""
    if len(sharing) == 1:
        return sharing[0]
    by_topic: dict[str, list[Point]] = {}
    for point in (point for one in sharing for point in one.points):
        by_topic.setdefault(point.topic, []).append(point)
    return replace(
        sharing[0],
        decisions=_distinct(decision for one in sharing for decision in one.decisions),
        points=tuple(_joined(topic, points) for topic, points in by_topic.items()),
        items=tuple({missing.item.key: missing for one in sharing for missing in one.items}.values()),
        missing=tuple(dict.fromkeys(name for one in sharing for name in one.missing)),
        conflicts=tuple({conflict.id: conflict for one in sharing for conflict in one.conflicts}.values()),
        orders=tuple(order for one in sharing for order in one.orders),
    )


def _joined(topic: str, points: Sequence[Point]) -> Point:
    """One topic of several orders: whatever speaks about any of them."""
    speaking = _distinct(decision for point in points for decision in point.speaking)
    merged = _distinct(decision for point in points for decision in point.merged)
    return Point(topic, speaking, tuple(decision for decision in merged if decision not in speaking))


def _distinct(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    return tuple({decision.rule.id: decision for decision in decisions}.values())


def _told_apart(cards: Sequence[Recommendation]) -> list[Recommendation]:
    """The cards of one topic; where they are several, each with the words of its orders for the summary."""
    if len(cards) == 1:
        return list(cards)
    return [replace(card, apart=one_line(" and ".join(_words(card)), _WORDS)) for card in cards]


def _words(card: Recommendation) -> list[str]:
    return [order.words for order in card.orders if order.words]


def _offered_once(recommendations: Iterable[Recommendation]) -> Iterator[Recommendation]:
    offered: set[str] = set()
    for recommendation in recommendations:
        items = tuple(replace(m, elsewhere=m.item.key in offered) for m in recommendation.items)
        offered |= {missing.item.key for missing in items if missing.order is not None}
        yield replace(recommendation, items=items)


def _orders(topic: Iterable[Recommendation]) -> set[str]:
    return {order.reference for recommendation in topic for order in recommendation.orders}


def _severity(recommendation: Recommendation) -> int:
    return INDICATORS.index(recommendation.indicator)
