"""Why a request got its cards, rule by rule, and whether a card follows from a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cards.explain import as_data, explain, in_words
from service.advise import Advisor, advise, read, rules_of
from service.errors import NotFound
from service.hook_request import HookRequest
from service.services import Service

_NAME = "org.hoofbeats.card"


def explanation_of(request: HookRequest, service: Service, advisor: Advisor) -> dict[str, Any]:
    """Every rule's decision with its trace, missing facts and counterfactuals, as JSON."""
    record, findings = read(request, service, advisor)
    words = advisor.knowledge.vocabulary
    rules = [as_data(explain(rule, findings), findings, words) for rule in rules_of(service, advisor)]
    problems = [f"{problem.resource}: {problem.reason}" for problem in record.problems]
    return {"service": service.id, "knowledge": advisor.knowledge.version, "problems": problems, "rules": rules}


def why(request: HookRequest, service: Service, advisor: Advisor, rule_id: str) -> Iterator[str]:
    """One rule's decision in lines of text; raises NotFound for a rule that the service does not apply."""
    _, findings = read(request, service, advisor)
    rules = {rule.id: rule for rule in rules_of(service, advisor)}
    if rule_id not in rules:
        raise NotFound(f"{service.id} applies no rule called {rule_id!r}")
    yield from in_words(explain(rules[rule_id], findings), findings, advisor.knowledge.vocabulary)


def differences(card: dict[str, Any], request: HookRequest, service: Service, advisor: Advisor) -> list[str]:
    """What in a card does not follow from the request and the knowledge that is loaded; empty where all of it does."""
    proof = card.get("extension", {}).get(_NAME, {})
    if proof.get("knowledge") != advisor.knowledge.version:
        return [f"the card was made with knowledge {proof.get('knowledge')}, loaded is {advisor.knowledge.version}"]
    made = [c for c in advise(request, service, advisor)["cards"] if c["uuid"] == card.get("uuid")]
    if not made:
        return ["the request gives no card with this uuid"]
    keys = sorted({*card, *made[0]})
    return [f"{key} differs" for key in keys if card.get(key) != made[0].get(key)]
