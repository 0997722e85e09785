"""The rule base as a whole: no unlisted contradiction, no silent gap, no suggestion that would not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

from cards.cases import parse_values
from cards.criteria import Criterion, Group, Join, parse_group, truth_of
from cards.decide import Outcome, decide
from cards.knowledge import Knowledge
from cards.rules import Rule
from mappings.findings import Finding, given
from mappings.tables import Keys, read_tables
from mappings.truth import Truth
from mappings.vocabulary import Kind, Vocabulary

_HERE = Path(__file__).parent
_OF_PARTITION: Keys = {"base": dict, "axes": dict, "deliberate": list}


def faults_of_whole(knowledge: Knowledge) -> Iterator[str]:
    """Every fault of the rule base as a whole, in words that name the rules."""
    yield from _dead_rules(knowledge)
    yield from _unlisted_contradictions(knowledge)
    yield from _silent_gaps(knowledge)
    yield from _uncounted_orders(knowledge)
    yield from _unused_statements(knowledge)
    yield from _unused_findings(knowledge)


def impossible_states(vocabulary: Vocabulary) -> list[Group]:
    """What no record can say at once, as groups of criteria."""
    states = read_tables(_HERE / "impossible.toml", {"reason": str, "all": list}, {}).items()
    return [parse_group({"all": table["all"]}, vocabulary, f"cards/impossible.toml: {name}") for name, table in states]


def can_both_speak(one: Rule, other: Rule, impossible: Sequence[Group]) -> Mapping[str, Finding] | None:
    """Findings for which both rules recommend, or None where none were found.

    They are mixed from the patients in the rules' own cases: every finding takes the values, six at the most, that no
    criterion of either rule refuses by itself.
    """
    names = sorted({*one.typical, *other.typical})
    choices = [_choices(name, one, other) for name in names]
    for values in product(*choices):
        findings = dict(zip(names, values, strict=True))
        if _is_impossible(findings, impossible):
            continue
        if all(decide(rule, given(findings)).outcome is Outcome.RECOMMEND for rule in (one, other)):
            return findings
    return None


def _is_impossible(findings: Mapping[str, Finding], impossible: Sequence[Group]) -> bool:
    held = given(findings)
    return any(truth_of(group, held) is Truth.TRUE for group in impossible)


def _choices(name: str, one: Rule, other: Rule) -> list[Finding]:
    """The values of a finding that matter to both rules: those of their cases that no single criterion refuses."""
    values: dict[str, Finding] = {}
    for rule in (one, other):
        for case in rule.cases:
            if name in case.findings:
                values.setdefault(
                    repr(case.findings[name].value) + case.findings[name].state.value, case.findings[name]
                )
    demands = [c for rule in (one, other) for c in _demands(rule.when) if c.finding.name == name]
    fitting = [f for f in values.values() if all(c.holds(f) is Truth.TRUE for c in demands)]
    return fitting[:6] or list(values.values())[:1]


def _demands(group: Group) -> Iterator[Criterion]:
    """The criteria that have to be true whenever the group is."""
    if group.join is Join.ALL:
        for part in group.parts:
            if isinstance(part, Criterion):
                yield part
            else:
                yield from _demands(part)


def _unlisted_contradictions(knowledge: Knowledge) -> Iterator[str]:
    rules = {rule.id: rule for rule in knowledge.rules}
    impossible = impossible_states(knowledge.vocabulary)
    for name, table in read_tables(_HERE / "opposed.toml", {"sides": list}, {}).items():
        unknown = [rule for side in table["sides"] for rule in side if rule not in rules]
        if unknown:
            yield f"cards/opposed.toml: {name}: no rule called {unknown[0]!r}"
            continue
        first, *others = table["sides"]
        for one, other in product(first, [rule for side in others for rule in side]):
            if can_both_speak(rules[one], rules[other], impossible) and not _shared_conflict(rules[one], rules[other]):
                yield f"{one} and {other} can both speak and pull apart ({name}), but no conflict lists them"


def _dead_rules(knowledge: Knowledge) -> Iterator[str]:
    """Rules that speak only of patients whom no record can describe."""
    impossible = impossible_states(knowledge.vocabulary)
    for rule in knowledge.rules:
        spoken = [case for case in rule.cases if case.expect == Outcome.RECOMMEND.value]
        if all(_is_impossible(case.findings, impossible) for case in spoken):
            yield f"{rule.id}: can never speak: each of its patients is in a state called impossible"


def _shared_conflict(one: Rule, other: Rule) -> bool:
    return bool(_conflicts(one) & _conflicts(other))


def _conflicts(rule: Rule) -> set[str]:
    return {conflict for statement in rule.statements for conflict in statement.conflicts}


def _silent_gaps(knowledge: Knowledge) -> Iterator[str]:
    management = [rule for rule in knowledge.rules if rule.card == "management"]
    for name, table in read_tables(_HERE / "partitions.toml", _OF_PARTITION, {}).items():
        base = parse_values(table["base"], knowledge.vocabulary, f"cards/partitions.toml: {name}.base")
        axes: Mapping[str, Sequence[str]] = table["axes"]
        for values in product(*axes.values()):
            cell = dict(zip(axes, values, strict=True))
            findings = given({**base, **parse_values(cell, knowledge.vocabulary, f"cards/partitions.toml: {name}")})
            speaks = any(decide(rule, findings).outcome is Outcome.RECOMMEND for rule in management)
            meant = any(_lies_in(cell, gap["where"]) for gap in table["deliberate"])
            words = ", ".join(f"{axis} {value}" for axis, value in cell.items())
            if not speaks and not meant:
                yield f"cards/partitions.toml: {name}: no advice for {words}, and no reason written down"
            if speaks and meant:
                yield f"cards/partitions.toml: {name}: there is advice for {words}, though silence is called deliberate"


def _lies_in(cell: Mapping[str, str], where: Mapping[str, Sequence[str]]) -> bool:
    return all(cell[axis] in values for axis, values in where.items())


def _uncounted_orders(knowledge: Knowledge) -> Iterator[str]:
    """Suggested orders whose code the reader of the step would not count as the step being ordered."""
    for key, item in knowledge.items.items():
        definition = knowledge.vocabulary.get(key)
        if definition is None or definition.kind is not Kind.STEP:
            continue
        for order in (item.order, item.otherwise.order if item.otherwise else None):
            if order and knowledge.terminology.of_code(order.system, order.code).isdisjoint(definition.value_sets):
                yield f"cards/items.toml: {key}: the order ({order.code}) would not count as {key} being ordered"


def _unused_statements(knowledge: Knowledge) -> Iterator[str]:
    ruled = {statement.id for rule in knowledge.rules for statement in rule.statements}
    read = {name for definition in knowledge.vocabulary.values() for name in definition.statements}
    for statement in knowledge.statements.values():
        used = {"recommendation": ruled, "finding": read}.get(statement.role)
        if used is not None and statement.id not in used:
            yield f"{statement.id}: a {statement.role} that no rule or finding uses"


def _unused_findings(knowledge: Knowledge) -> Iterator[str]:
    """Findings that would be read for nobody."""
    ruled = {criterion.finding.name for rule in knowledge.rules for criterion in rule.criteria()}
    listed = {name for key, item in knowledge.items.items() for name in (key, *(part.name for part in item.parts))}
    for name, definition in knowledge.vocabulary.items():
        if name not in ruled | listed and not definition.tells:
            yield f"vocabulary/{definition.area}.toml: {name}: a finding that no rule, item or other finding uses"
