"""The proof of a card as data: the extension that programs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.knowledge import Knowledge
from cards.markdown import one_line
from cards.recommend import Recommendation
from cards.rules import Rule
from mappings.amounts import Amount
from mappings.findings import Finding


def extension_of(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge
) -> dict[str, Any]:
    """What a card says, as data: from it, the request and the rules the card can be derived again."""
    rules: list[Rule] = [decision.rule for decision in recommendation.decisions]
    missing = {*recommendation.missing, *(m.item.key for m in recommendation.items)}
    found = [_finding(findings[d.name]) for d in recommendation.definitions() if findings[d.name].is_known]
    orders = [{"resource": one_line(o.reference), "text": one_line(o.words)} for o in recommendation.orders]
    extension: dict[str, Any] = {
        "kind": recommendation.kind,
        "statements": sorted({s.id for rule in rules for s in rule.statements}),
        "rules": sorted(rule.id for rule in rules),
        "knowledge": knowledge.version,
    }
    if orders:
        extension["orders"] = [{key: value for key, value in order.items() if value} for order in orders]
    if found:
        extension["findings"] = found
    if missing:
        extension["missing"] = sorted(missing)
    return extension


def _finding(finding: Finding) -> dict[str, Any]:
    value = finding.value
    plain: object = sorted(value) if isinstance(value, frozenset) else str(value)
    shown: dict[str, Any] = {"name": finding.name, "value": plain if plain else "none"}
    if isinstance(value, Amount):
        shown["unit"] = value.unit
    if finding.date is not None:
        shown["date"] = str(finding.date)
    evidence = [_evidence(e.resource, e.element, str(e.date or "")) for e in finding.evidence]
    if evidence:
        shown["evidence"] = evidence
    return shown


def _evidence(resource: str, element: str, date: str) -> dict[str, str]:
    shown = {"resource": one_line(resource), "element": element, "date": date}
    return {key: value for key, value in shown.items() if value}
