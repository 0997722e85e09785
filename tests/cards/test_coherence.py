"""The rule base as a whole: contradictions are listed, silence is meant, suggestions count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from stated import SMALL_RULE, rule, rule_from

from cards.coherence import can_both_speak, faults_of_whole, impossible_states
from cards.decide import decide
from cards.knowledge import Knowledge, shipped_knowledge
from cards.limits import faults_of_texts
from cards.recommend import recommend
from cards.rules import Rule
from cards.statements import Conflict
from mappings.findings import given


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return shipped_knowledge()


def test_the_rule_base_has_no_fault(knowledge: Knowledge) -> None:
    assert list(faults_of_whole(knowledge)) == []


def test_rules_that_exclude_each_other_never_both_speak(knowledge: Knowledge) -> None:
    rules = {rule.id: rule for rule in knowledge.rules}
    impossible = impossible_states(knowledge.vocabulary)

    both = can_both_speak(
        rules["sstr-pet-at-staging-of-duodenal-net"],
        rules["receptor-scintigraphy-where-pet-is-unavailable"],
        impossible,
    )

    assert both is None


def test_rules_that_share_a_patient_are_found_out(knowledge: Knowledge) -> None:
    rules = {rule.id: rule for rule in knowledge.rules}

    both = can_both_speak(
        rules["observation-of-pancreatic-net-up-to-10-mm"], rules["conservative-management-of-small-pancreatic-net"], []
    )

    assert both is not None


def test_a_contradiction_that_no_conflict_lists_is_a_fault(knowledge: Knowledge) -> None:
    rules = tuple(
        replace(rule, statements=tuple(replace(s, conflicts=()) for s in rule.statements)) for rule in knowledge.rules
    )

    faults = list(faults_of_whole(replace(knowledge, rules=rules)))

    assert any("pull apart" in fault for fault in faults)


def test_a_rule_that_is_missing_leaves_a_gap(knowledge: Knowledge) -> None:
    rules = tuple(rule for rule in knowledge.rules if rule.id != "endoscopic-resection-of-small-duodenal-net")

    faults = list(faults_of_whole(replace(knowledge, rules=rules)))

    assert any("no advice for tumour_size 5 mm, grade G1" in fault for fault in faults)


def test_a_rule_that_speaks_of_impossible_patients_only_is_a_fault(knowledge: Knowledge, tmp_path: Path) -> None:
    text = SMALL_RULE.replace("[typical]", '[typical]\ngrade = "NEC"\ndifferentiation = "well"')
    dead = rule_from(tmp_path, text)

    faults = list(faults_of_whole(replace(knowledge, rules=(*knowledge.rules, dead))))

    assert "endoscopic-resection: can never speak: each of its patients is in a state called impossible" in faults


def test_every_text_fits_with_the_longest_values(knowledge: Knowledge) -> None:
    assert list(faults_of_texts(knowledge)) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"title": "t" * 91}, "title: 91 characters, at most 90"),
        ({"recommend": "r" * 401}, "recommend: 401 characters, at most 400"),
        ({"title": "t" * 139, "card": "safety", "group": "safety"}, "the summary of its card does not fit"),
        ({"title": "𝑡" * 70, "card": "safety", "group": "safety"}, "the summary of its card does not fit"),
    ],
)
def test_a_text_that_is_too_long_is_a_fault(knowledge: Knowledge, changes: dict[str, str], fault: str) -> None:
    long = rule("long", **changes)

    faults = list(faults_of_texts(replace(knowledge, rules=(long,))))

    assert any(f"long: {fault}" in told for told in faults)


def test_an_item_whose_request_has_a_long_label_is_a_fault(knowledge: Knowledge) -> None:
    item = replace(knowledge.items["sstr_imaging"], name="n" * 80)
    asks = rule("long", card="work-up", group="work-up", items=("sstr_imaging",))

    faults = list(faults_of_texts(replace(knowledge, rules=(asks,), items={"sstr_imaging": item})))

    assert faults == [f"long: the label of a suggestion does not fit: 'Request {'n' * 80}'"]


def test_a_statement_that_nothing_uses_is_a_fault(knowledge: Knowledge) -> None:
    rules = tuple(r for r in knowledge.rules if r.id != "endoscopic-resection-of-small-duodenal-net")

    faults = list(faults_of_whole(replace(knowledge, rules=rules)))

    assert "DUO-TX-01: a recommendation that no rule or finding uses" in faults


def test_a_finding_that_nothing_uses_is_a_fault(knowledge: Knowledge) -> None:
    unused = replace(knowledge.vocabulary["age"], name="height", tells=())

    faults = list(faults_of_whole(replace(knowledge, vocabulary={**knowledge.vocabulary, "height": unused})))

    assert faults == [f"vocabulary/{unused.area}.toml: height: a finding that no rule, item or other finding uses"]


def test_an_order_that_readers_would_not_count_is_a_fault(knowledge: Knowledge) -> None:
    item = replace(knowledge.items["sstr_imaging"], order=knowledge.terminology.preferred("ct_abdomen"))

    faults = list(faults_of_whole(replace(knowledge, items={**knowledge.items, "sstr_imaging": item})))

    assert any("would not count as sstr_imaging being ordered" in fault for fault in faults)


def pairs_across(conflict: Conflict, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Rules of one card on different sides of a conflict; a work-up card lists items and carries the note."""
    named = [(rule, conflict.sides_of(conflict.statements & {s.id for s in rule.statements})) for rule in rules]
    placed = [(rule, sides) for rule, sides in named if sides and rule.card != "work-up"]
    for (one, sides), (other, others) in combinations(placed, 2):
        if one.group == other.group and -1 not in sides | others and not (sides <= others or others <= sides):
            yield one, other


@pytest.mark.parametrize("conflict", shipped_knowledge().conflicts.values(), ids=lambda conflict: conflict.id)
def test_sides_of_a_conflict_that_both_speak_stand_on_one_card(knowledge: Knowledge, conflict: Conflict) -> None:
    impossible = impossible_states(knowledge.vocabulary)

    for one, other in pairs_across(conflict, knowledge.rules):
        patient = can_both_speak(one, other, impossible)
        if patient is None or not conflict.matters(given(patient)):
            continue
        asked = [r for r in knowledge.rules if {c.finding.name for c in r.criteria()} <= set(patient)]
        held = recommend([decide(r, given(patient)) for r in asked], given(patient), knowledge)
        [card] = [recommendation for recommendation in held if recommendation.group == one.group]
        shown = {s.id for decision in card.speaking() for s in decision.rule.statements}
        wanted = [conflict.statements & {s.id for s in rule.statements} for rule in (one, other)]
        assert conflict.sides_of(wanted[0] | wanted[1]) <= conflict.sides_of(conflict.statements & shown)
        assert conflict in card.conflicts
