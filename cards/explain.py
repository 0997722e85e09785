"""Explanation: why a rule spoke or did not, and the smallest changes of facts that would turn that, each one tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from cards.criteria import Comparator, Criterion, Judgement
from cards.criteria_words import condition
from cards.decide import Decision, Outcome, decide
from cards.rules import Rule
from cards.words import value_in_words
from mappings.amounts import Amount
from mappings.findings import Finding, absent, known
from mappings.truth import Truth
from mappings.vocabulary import Definition, Kind, in_a_sentence

_MOST_CHANGES = 3
_MOST_COUNTERFACTUALS = 5
_HOLDS = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "unknown"}
_WOULD = {Outcome.RECOMMEND: "speak", Outcome.SILENT: "be silent", Outcome.UNDETERMINED: "be undetermined"}
_STEP = {"%": Decimal("0.1"), "mm": Decimal("0.1")}


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Facts that would have to be otherwise for the rule to speak, or to fall silent."""

    changes: tuple[Finding, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, and the smallest changes that turn it."""

    decision: Decision
    counterfactuals: tuple[Counterfactual, ...]


def explain(rule: Rule, findings: Mapping[str, Finding]) -> Explanation:
    """Why the rule came to its decision for these findings."""
    decision = decide(rule, findings)
    return Explanation(decision, tuple(_counterfactuals(decision, findings)))


def as_data(explanation: Explanation, findings: Mapping[str, Finding]) -> dict[str, Any]:
    """An explanation as JSON."""
    decision = explanation.decision
    named = {definition.name: definition for definition in decision.rule.definitions}
    data: dict[str, Any] = {
        "rule": decision.rule.id,
        "title": decision.rule.title,
        "card": decision.rule.card,
        "statements": [statement.id for statement in decision.rule.statements],
        "outcome": decision.outcome.value,
        "when": _trace(decision.when, findings),
    }
    if decision.unless is not None:
        data["unless"] = _trace(decision.unless, findings)
    if missing := decision.missing():
        data["missing"] = list(missing)
    if explanation.counterfactuals:
        data["would_change_if"] = [
            {"outcome": c.outcome.value, "facts": {f.name: value_in_words(f, named[f.name]) for f in c.changes}}
            for c in explanation.counterfactuals
        ]
    return data


def in_words(explanation: Explanation, findings: Mapping[str, Finding]) -> Iterator[str]:
    """An explanation as lines of text: the outcome, each criterion with its fact, and what would change it."""
    decision = explanation.decision
    named = {definition.name: definition for definition in decision.rule.definitions}
    yield f"{decision.rule.title} ({decision.rule.id}): {decision.outcome.value}"
    for heading, judgement in (("asks for", decision.when), ("unless", decision.unless)):
        if judgement is not None:
            yield f"  {heading}"
            yield from (f"    {_held(*part, findings)}" for part in judgement.criteria())
    for counterfactual in explanation.counterfactuals:
        facts = "; ".join(
            f"{in_a_sentence(named[f.name].label)} were {value_in_words(f, named[f.name])}"
            for f in counterfactual.changes
        )
        yield f"  would {_WOULD[counterfactual.outcome]} if {facts}"


def _held(criterion: Criterion, truth: Truth, findings: Mapping[str, Finding]) -> str:
    """One criterion: whether it holds, what it asks for, the fact and the resources that say so."""
    finding = findings[criterion.finding.name]
    sources = ", ".join(dict.fromkeys(e.resource for e in finding.evidence[:3]))
    proof = f" [{sources}]" if sources else ""
    return f"{_HOLDS[truth]:<8} {condition(criterion)}: {value_in_words(finding, criterion.finding)}{proof}"


def _trace(judgement: Judgement, findings: Mapping[str, Finding]) -> dict[str, Any]:
    if not isinstance(judgement.of, Criterion):
        parts = [_trace(part, findings) for part in judgement.parts]
        return {"join": judgement.of.join.value, "truth": judgement.truth.value, "parts": parts}
    definition = judgement.of.finding
    finding = findings[definition.name]
    traced: dict[str, Any] = {
        "criterion": str(judgement.of),
        "truth": judgement.truth.value,
        "finding": finding.name,
        "value": value_in_words(finding, definition),
    }
    evidence = [{"resource": e.resource, "element": e.element, "date": str(e.date or "")} for e in finding.evidence]
    if evidence:
        traced["evidence"] = [{key: value for key, value in e.items() if value} for e in evidence]
    return traced


def _counterfactuals(decision: Decision, findings: Mapping[str, Finding]) -> Iterator[Counterfactual]:
    """The smallest sets of changes that turn the outcome, in order of size; every one is a decision that was made."""
    rule = decision.rule
    speaks = decision.outcome is Outcome.RECOMMEND
    alternatives = _alternatives(rule, findings)
    held = {name: findings[name] for name in alternatives}
    found = 0
    for size in range(1, _MOST_CHANGES + 1):
        for names in combinations(alternatives, size):
            for values in product(*(alternatives[name] for name in names)):
                outcome = decide(rule, {**held, **dict(zip(names, values, strict=True))}).outcome
                if (outcome is Outcome.RECOMMEND) != speaks:
                    yield Counterfactual(values, outcome)
                    found += 1
                    break
            if found == _MOST_COUNTERFACTUALS:
                return
        if found:
            return


def _alternatives(rule: Rule, findings: Mapping[str, Finding]) -> dict[str, list[Finding]]:
    """For each finding of the rule the other values that its criteria tell apart."""
    by_name: dict[str, list[Criterion]] = {}
    for criterion in rule.criteria():
        by_name.setdefault(criterion.finding.name, []).append(criterion)
    return {
        name: [f for f in _values(criteria) if f.value != findings[name].value or f.state is not findings[name].state]
        for name, criteria in by_name.items()
    }


def _values(criteria: Sequence[Criterion]) -> list[Finding]:
    definition = criteria[0].finding
    asks_for_record = any(criterion.comparator is Comparator.RECORDED for criterion in criteria)
    not_recorded = [absent(definition.name)] if asks_for_record else []
    match definition.kind:
        case Kind.AMOUNT:
            bounds = [
                _amount(definition, c.bound, step) for c in criteria if c.bound is not None for step in (0, -1, 1)
            ]
            return (bounds or [_amount(definition, Decimal(1), 0)]) + not_recorded
        case Kind.SET:
            named = [frozenset({value}) for c in criteria for value in c.values]
            return [known(definition.name, members) for members in [*named, frozenset()]]
        case _:
            told = list(dict.fromkeys(value for c in criteria for value in c.values))
            other = [value for value in definition.values if value not in told][:1]
            recorded = [definition.values[0]] if asks_for_record else []
            return [known(definition.name, value) for value in [*told, *other, *recorded]] + not_recorded


def _amount(definition: Definition, bound: Decimal, step: int) -> Finding:
    moved = bound + step * _STEP.get(definition.unit, Decimal(1))
    return known(definition.name, Amount.exactly(max(moved, Decimal(0)), definition.unit))
