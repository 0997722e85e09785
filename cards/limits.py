"""Limits of texts: what a rule and its items say fits on a card, uncut, with the longest values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cards.cases import parse_values
from cards.context import CardContext
from cards.decide import Decision, Outcome, decide
from cards.knowledge import Knowledge
from cards.recommend import recommend
from cards.render import render
from cards.rules import Rule
from cards.suggest import LONGEST_LABEL
from cards.summary import LONGEST_SUMMARY
from mappings.drafts import Draft, read_drafts
from mappings.findings import Finding, State, given

# What a reader takes in at a glance; the schema of rules says the same of the file.
_TITLE = 90
_ADVICE = 400
_LONGEST = {"primary_site": "unknown-primary", "grade": "G3-NET", "tumour_size": "123.4-567.8 mm"}
_ORDER = {"resourceType": "ServiceRequest", "id": "order", "code": {"text": "long " * 20}}
_CONTEXT = CardContext("net-patient-view", "00000000-0000-0000-0000-000000000000", "patient", ())


def faults_of_texts(knowledge: Knowledge) -> Iterator[str]:
    """Every text that is too long, in words that name the rule or item."""
    for rule in knowledge.rules:
        for name, text, most in (("title", rule.title, _TITLE), ("recommend", rule.recommend, _ADVICE)):
            if len(text) > most:
                yield f"{rule.id}: {name}: {len(text)} characters, at most {most}"
        for card in _cards(rule, knowledge):
            if _characters(card["summary"]) > LONGEST_SUMMARY or "…" in card["summary"]:
                yield f"{rule.id}: the summary of its card does not fit: {card['summary']!r}"
            for suggestion in card.get("suggestions", ()):
                if _characters(suggestion["label"]) > LONGEST_LABEL:
                    yield f"{rule.id}: the label of a suggestion does not fit: {suggestion['label']!r}"


def _characters(text: str) -> int:
    """How many characters a text has as JavaScript counts them."""
    return len(text.encode("utf-16-le")) // 2


def _cards(rule: Rule, knowledge: Knowledge) -> list[dict[str, Any]]:
    """The cards of a rule that speaks alone, of everything it asks for, about a tumour and an order with long names."""
    longest = parse_values(_LONGEST, knowledge.vocabulary, "limits")
    absent = {key: Finding(key, State.KNOWN, "absent") for key in rule.items if key in knowledge.vocabulary}
    decided = decide(rule, given(rule.typical))
    speaking = Decision(rule, Outcome.RECOMMEND, decided.when, decided.unless)
    findings = given({**rule.typical, **absent, **longest})
    return render(recommend([speaking], findings, knowledge, _drafts(rule, knowledge)), findings, knowledge, _CONTEXT)


def _drafts(rule: Rule, knowledge: Knowledge) -> list[Draft]:
    """An order that the rule is about, under a long name; none where it is about none."""
    if not rule.order_classes:
        return []
    drafts = read_drafts({"entry": [{"resource": _ORDER}]}, None, knowledge.terminology)
    return [replace(draft, classes=rule.order_classes) for draft in drafts]
