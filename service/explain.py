"""Why a request got its cards, rule by rule, and whether a card follows from a request."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from cards.context import proof_of
from cards.explain import as_data, explain, in_words
from service.advise import Advisor, advise, read, rules_of
from service.errors import NotFound
from service.hook_request import HookRequest
from service.services import Service

_NOTHING = "nothing"


def explanation_of(request: HookRequest, service: Service, advisor: Advisor) -> dict[str, Any]:
    """Every rule's decision with its trace, missing facts and counterfactuals, as JSON."""
    record, findings = read(request, service, advisor)
    rules = [as_data(explain(rule, findings), findings) for rule in rules_of(service, advisor)]
    problems = [str(unusable) for unusable in record.unusable]
    return {"service": service.id, "knowledge": advisor.knowledge.version, "problems": problems, "rules": rules}


def why(request: HookRequest, service: Service, advisor: Advisor, rule_id: str) -> Iterator[str]:
    """One rule's decision in lines of text; raises NotFound for a rule that the service does not apply."""
    _, findings = read(request, service, advisor)
    rules = {rule.id: rule for rule in rules_of(service, advisor)}
    if rule_id not in rules:
        raise NotFound(f"{service.id} applies no rule called {rule_id!r}")
    yield from in_words(explain(rules[rule_id], findings), findings)


def differences(card: dict[str, Any], request: HookRequest, service: Service, advisor: Advisor) -> list[str]:
    """What in a card does not follow from the request and the knowledge that is loaded; empty where all of it does."""
    proof = proof_of(card)
    if proof.get("knowledge") != advisor.knowledge.version:
        return [f"the card was made with knowledge {proof.get('knowledge')}, loaded is {advisor.knowledge.version}"]
    made = [c for c in advise(request, service, advisor)["cards"] if c["uuid"] == card.get("uuid")]
    if not made:
        return ["the request gives no card with this uuid"]
    return list(_differences("", card, made[0]))


def _differences(place: str, given: Any, made: Any) -> Iterator[str]:
    """Where what is given differs from what is made, and how: in the smallest part that does."""
    if given == made:
        return
    match given, made:
        case dict(), dict():
            for key in sorted({*given, *made}):
                yield from _differences(f"{place}.{key}".lstrip("."), given.get(key, _NOTHING), made.get(key, _NOTHING))
        case list(), list():
            for number, (one, other) in enumerate(zip_longest(given, made, fillvalue=_NOTHING)):
                yield from _differences(f"{place}[{number}]", one, other)
        case str(), str() if "\n" in made:
            for number, (one, other) in enumerate(zip_longest(given.splitlines(), made.splitlines()), 1):
                yield from _differences(f"{place}, line {number}", one or _NOTHING, other or _NOTHING)
        case _:
            yield f"{place}: {given} in place of {made}"
