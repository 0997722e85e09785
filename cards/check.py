"""The rule base checks itself: cases hold, criteria tip cases both ways, bounds have a case at and beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cards.cases import Case
from cards.criteria import Criterion
from cards.decide import Outcome, decide, decide_by
from cards.rules import Rule
from mappings.amounts import Amount
from mappings.findings import given
from mappings.truth import Truth


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was checked."""

    rules: int
    criteria: int
    cases: int
    tipping_pairs: int


def check_rules(rules: Iterable[Rule]) -> tuple[Counts, list[str]]:
    """How much was checked, and every fault in words; the rules are taken one by one, so that progress can be shown."""
    held: list[Rule] = []
    faults: list[str] = []
    for rule in rules:
        held.append(rule)
        faults.extend(faults_of(rule))
    criteria = sum(len(list(rule.criteria())) for rule in held)
    cases = sum(len(rule.cases) for rule in held)
    return Counts(len(held), criteria, cases, 2 * criteria), faults


def faults_of(rule: Rule) -> Iterator[str]:
    """Every fault of one rule in words that name rule, case and criterion."""
    for case in rule.cases:
        outcome = decide(rule, given(case.findings)).outcome.value
        if outcome != case.expect:
            yield f"{rule.id}: case {case.name!r}: expected {case.expect}, decided {outcome}"
    outcomes = {case.expect for case in rule.cases}
    if not {"recommend", "silent", "undetermined"} <= outcomes:
        missing = sorted({"recommend", "silent", "undetermined"} - outcomes)
        yield f"{rule.id}: no case expects {', '.join(missing)}"
    for criterion in rule.criteria():
        for truth in (Truth.TRUE, Truth.FALSE):
            if not any(_tips(rule, case, criterion, truth) for case in rule.cases):
                yield f"{rule.id}: no case in which '{criterion}' is {truth.value} and tips the outcome"
        if criterion.bound is not None:
            yield from _faults_at_bound(rule, criterion)


def _tips(rule: Rule, case: Case, criterion: Criterion, truth: Truth) -> bool:
    """Whether the criterion has this truth in the case, and the opposite would change the outcome."""
    findings = given(case.findings)
    if criterion.holds(findings[criterion.finding.name]) is not truth:
        return False

    def turned(other: Criterion) -> Truth:
        return ~truth if other is criterion else other.holds(findings[other.finding.name])

    return _speaks(decide(rule, findings).outcome) != _speaks(decide_by(rule, turned).outcome)


def _speaks(outcome: Outcome) -> bool:
    return outcome is Outcome.RECOMMEND


def _faults_at_bound(rule: Rule, criterion: Criterion) -> Iterator[str]:
    at: set[Truth] = set()
    beside: set[Truth] = set()
    for case in rule.cases:
        finding = given(case.findings)[criterion.finding.name]
        if isinstance(finding.value, Amount) and finding.value.low == finding.value.high:
            exact = finding.value.low == criterion.bound
            (at if exact else beside).add(criterion.holds(finding))
    if not at:
        yield f"{rule.id}: no case at the bound of '{criterion}'"
    elif not beside - at:
        yield f"{rule.id}: no case beside the bound of '{criterion}'"
