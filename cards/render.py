"""Cards: CDS Hooks JSON of recommendations, with the proof in `detail` for people and in `extension` for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cards.context import EXTENSION, CardContext, card_uuid
from cards.detail import detail_of
from cards.knowledge import Knowledge
from cards.proof import extension_of
from cards.recommend import Recommendation
from cards.statements import Source, Statement
from cards.suggest import suggest
from cards.summary import summary_of
from mappings.codes import Coding
from mappings.drafts import classes_of
from mappings.findings import Finding, replaced

_MOST_LINKS = 3


def render(
    recommendations: Iterable[Recommendation],
    findings: Mapping[str, Finding],
    knowledge: Knowledge,
    context: CardContext,
) -> list[dict[str, Any]]:
    """The cards of some recommendations, in their order."""
    return [_card(r, _of_its_orders(r, findings), knowledge, context) for r in recommendations]


def _of_its_orders(recommendation: Recommendation, findings: Mapping[str, Finding]) -> Mapping[str, Finding]:
    """The findings of a card: of the selected orders those that it is about."""
    if not recommendation.orders:
        return findings
    return replaced(findings, classes_of("selected_orders", recommendation.orders))


def _card(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge, context: CardContext
) -> dict[str, Any]:
    kind = knowledge.kinds[recommendation.group]
    speaker = _speaker(recommendation)
    topic = (kind.critical if recommendation.indicator == "critical" else None) or kind.topic
    card: dict[str, Any] = {
        "uuid": card_uuid(context, "/".join([recommendation.group, *(o.reference for o in recommendation.orders)])),
        "summary": summary_of(recommendation, findings),
        "indicator": recommendation.indicator,
        "detail": detail_of(recommendation, findings, knowledge, context),
        "source": _source(speaker.source, topic, context),
        "overrideReasons": [reason.as_json() for reason in kind.reasons],
        "extension": {EXTENSION: extension_of(recommendation, findings, knowledge)},
    }
    if context.base_url:
        card["links"] = _links(recommendation, context)
    suggestions = suggest(recommendation, findings, knowledge, context)
    if suggestions:
        card["suggestions"] = suggestions
        card["selectionBehavior"] = "any"
    return card


def _source(source: Source, topic: Coding, context: CardContext) -> dict[str, Any]:
    page = {"url": f"{context.base_url}/sources#{source.id}"} if context.base_url else {}
    return {"label": str(source), **page, "topic": topic.as_json()}


def _links(recommendation: Recommendation, context: CardContext) -> list[dict[str, str]]:
    """The pages of the first rules that speak: the same for every patient, and nothing that the card needs."""
    first: dict[str, str] = {}
    for decision in recommendation.speaking():
        first.setdefault(decision.rule.title, decision.rule.id)  # two links that read the same lead a reader nowhere
    return [
        {"label": f"Rule: {title}", "url": f"{context.base_url}/rules/{name}", "type": "absolute"}
        for title, name in list(first.items())[:_MOST_LINKS]
    ]


def _speaker(recommendation: Recommendation) -> Statement:
    decision = recommendation.speaking()[0]
    return min(decision.rule.statements, key=lambda s: s.source.precedence)
