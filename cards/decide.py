"""Decisions: what a rule says of one patient, with the trace that shows why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum

import msgspec

from cards.criteria import Criterion, Judgement, judge
from cards.rules import Rule
from mappings.findings import FailureSink, Finding
from mappings.truth import FALSE, TRUE, Truth


class Outcome(Enum):
    """What a rule says of a patient."""

    RECOMMEND = "recommend"
    SILENT = "silent"
    UNDETERMINED = "undetermined"


RECOMMEND, SILENT, UNDETERMINED = Outcome


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The outcome of a rule and the judgements it rests on."""

    rule: Rule
    outcome: Outcome
    when: Judgement
    unless: Judgement | None

    def missing(self) -> tuple[str, ...]:
        """The findings that are unknown and could still change an undetermined outcome."""
        return tuple(dict.fromkeys(criterion.finding.name for criterion in self.when.open()))

    def reservations(self) -> tuple[Criterion, ...]:
        """The `unless` criteria whose truth is unknown: a card names them."""
        return tuple(self.unless.open()) if self.unless is not None else ()


def decide(rule: Rule, findings: Mapping[str, Finding]) -> Decision:
    """Recommend where the criteria are true, unless an exception is; undetermined where a criterion is unknown."""
    return decide_by(rule, lambda criterion: criterion.holds(findings[criterion.finding.name]))


def decide_by(rule: Rule, test: Callable[[Criterion], Truth]) -> Decision:
    """The decision that given truths of the criteria lead to."""
    when = judge(rule.when, test)
    unless = judge(rule.unless, test) if rule.unless is not None else None
    return Decision(rule, _outcome(when.truth, unless), when, unless)


def decide_all(rules: Iterable[Rule], findings: Mapping[str, Finding], on_failure: FailureSink) -> list[Decision]:
    """A decision for each rule that is not ruled out; a rule that fails is told to `on_failure` and left out.

    The first required criterion that is false already silences a rule, so that nothing more need be read for it.
    """
    test = _Tried(findings).__getitem__
    decisions = []
    for rule in rules:
        try:
            if FALSE not in map(test, rule.required):
                decisions.append(decide_by(rule, test))
        except Exception as error:  # noqa: BLE001 -- a bulkhead: one broken rule must not lose the other cards
            on_failure(rule.id, error)
    return decisions


class _Tried(dict[Criterion, Truth]):
    """The truth of criteria, each tried once: rules that ask the same share one criterion, which keeps its hash."""

    def __init__(self, findings: Mapping[str, Finding]) -> None:
        super().__init__()
        self._findings = findings

    def __missing__(self, criterion: Criterion) -> Truth:
        truth = self[criterion] = criterion.holds(self._findings[criterion.finding.name])
        return truth


def _outcome(when: Truth, unless: Judgement | None) -> Outcome:
    if when is FALSE or (unless is not None and unless.truth is TRUE):
        return SILENT
    return RECOMMEND if when is TRUE else UNDETERMINED
