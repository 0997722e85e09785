"""Suggestions, one action each: a test, referral or vaccination to request, a draft to remove or to replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cards.context import CardContext, card_uuid, coding_json
from cards.decide import Decision
from cards.knowledge import Knowledge
from cards.markdown import one_line
from cards.orders import is_about
from cards.recommend import MissingItem, Recommendation
from cards.requests import as_r5
from mappings.codes import Coding
from mappings.drafts import Draft
from mappings.findings import Finding

# CDS Hooks: a label has under 80 characters.
LONGEST_LABEL = 79
# The element that says what is ordered.
_CODES = {"ServiceRequest": "code", "MedicationRequest": "medicationCodeableConcept"}


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
    label = f"Request {missing.item.name}"
    return {
        "label": label,
        "uuid": card_uuid(context, f"item/{missing.item.key}"),
        "actions": [
            {
                "type": "create",
                "description": f"{label} (draft)",
                "resource": _resource(missing, missing.order, findings, context),
            }
        ],
    }


def _resource(
    missing: MissingItem, order: Coding, findings: Mapping[str, Finding], context: CardContext
) -> dict[str, Any]:
    """A draft ServiceRequest, or the MedicationRequest by which HL7's guidelines order a vaccination."""
    item = missing.item
    request: dict[str, Any] = {
        "resourceType": item.request,
        "status": "draft",
        "intent": "order",
        "category": [{"text": item.category}],
        _CODES[item.request]: {"coding": [coding_json(order)], "text": item.name},
        "subject": {"reference": f"Patient/{context.patient_id}"},
    }
    reasons = [e.resource for e in findings["diagnosis_status"].evidence if e.resource.startswith("Condition/")]
    if reasons:
        request["reasonReference"] = [{"reference": reasons[0]}]
    return as_r5(request) if context.is_r5 else request


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
    """The complete draft with another code; where R5 puts the code into a concept, there."""
    said = one_line(f"Order this instead: {order.display}")
    code: dict[str, Any] = {"coding": [coding_json(order)], "text": order.display}
    stated = draft.resource.get("code")
    in_concept = isinstance(stated, dict) and "concept" in stated
    resource = {**_completed(draft.resource, context), "code": {"concept": code} if in_concept else code}
    return {
        "label": one_line(said, LONGEST_LABEL),
        "uuid": card_uuid(context, f"replace/{draft.reference}"),
        "actions": [{"type": "update", "description": said, "resource": resource}],
    }


def _completed(resource: Mapping[str, Any], context: CardContext) -> dict[str, Any]:
    """A draft with what the standard demands of a request, where the client left it out."""
    if resource["resourceType"] != "ServiceRequest":
        return dict(resource)
    subject = {"reference": f"Patient/{context.patient_id}"}
    demanded = {"status": "draft", "intent": "order", "subject": subject}
    return {**resource, **{key: value for key, value in demanded.items() if not resource.get(key)}}
