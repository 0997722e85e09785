"""Suggestions, one action each: a test, referral or vaccination to request, a draft to remove or to replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cards.context import CardContext, card_uuid
from cards.decide import Decision
from cards.knowledge import Knowledge
from cards.markdown import one_line
from cards.orders import is_about
from cards.recommend import MissingItem, Recommendation
from mappings.codes import Coding
from mappings.drafts import Draft
from mappings.findings import Finding
from mappings.requests import Wanted, as_r5, new_request, with_code

# CDS Hooks: a label has under 80 characters.
LONGEST_LABEL = 79


def suggest(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge, context: CardContext
) -> list[dict[str, Any]]:
    """The suggestions of a card: what is missing first, then what could become of the drafts."""
    created = [
        _request(missing, findings, context)
        for missing in recommendation.items
        if missing.order is not None and not missing.elsewhere
    ]
    return [*created, *_drafts(recommendation, knowledge, context)]


def _request(missing: MissingItem, findings: Mapping[str, Finding], context: CardContext) -> dict[str, Any]:
    assert missing.order is not None  # the caller suggests only what can be ordered
    item = missing.item
    problems = (e.resource for e in findings["diagnosis_status"].evidence if e.resource.startswith("Condition/"))
    wanted = Wanted(item.request, missing.order, item.name, item.category)
    request = new_request(wanted, context.patient_id, next(problems, ""))
    resource = as_r5(request) if context.is_r5 else request
    label = f"Request {item.name}"
    return {
        "label": label,
        "uuid": card_uuid(context, f"item/{item.key}"),
        "actions": [{"type": "create", "description": f"{label} (draft)", "resource": resource}],
    }


def _drafts(recommendation: Recommendation, knowledge: Knowledge, context: CardContext) -> Iterator[dict[str, Any]]:
    """For each draft that a rule wants removed or replaced one suggestion, the first rule deciding."""
    done: set[str] = set()
    for decision in recommendation.decisions:
        for draft in recommendation.orders:
            if not decision.rule.draft or draft.reference in done or not _can_act_on(draft):
                continue
            if is_about(decision, draft):
                done.add(draft.reference)
                yield _change(draft, decision, knowledge, context)


def _can_act_on(draft: Draft) -> bool:
    name = draft.resource.get("id")
    return isinstance(name, str) and bool(name)


def _change(draft: Draft, decision: Decision, knowledge: Knowledge, context: CardContext) -> dict[str, Any]:
    """A draft is replaced by one of its own type; a tracer that was ordered as a drug is no study and is removed."""
    if decision.rule.draft == "remove" or draft.kind != "ServiceRequest":
        return _removal(draft, context)
    return _replacement(draft, knowledge.terminology.preferred(decision.rule.replacement), context)


def _removal(draft: Draft, context: CardContext) -> dict[str, Any]:
    words = one_line(draft.words, 80)
    said = f"Remove this order: {words}" if words else "Remove this order"
    return {
        "label": one_line(said, LONGEST_LABEL),
        "uuid": card_uuid(context, f"remove/{draft.reference}"),
        "actions": [{"type": "delete", "description": said, "resourceId": draft.reference}],
    }


def _replacement(draft: Draft, order: Coding, context: CardContext) -> dict[str, Any]:
    said = one_line(f"Order this instead: {order.display}")
    resource = with_code(draft.resource, order, context.patient_id)
    return {
        "label": one_line(said, LONGEST_LABEL),
        "uuid": card_uuid(context, f"replace/{draft.reference}"),
        "actions": [{"type": "update", "description": said, "resource": resource}],
    }
