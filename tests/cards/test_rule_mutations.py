"""The cases of a rule notice every change of a bound, value, comparator or join."""

import pytest
from rule_mutants import has_ragged_sites, mutants
from stated import KNOWLEDGE

from cards.check import faults_of
from cards.criteria import Criterion
from cards.rules import Rule


@pytest.mark.parametrize("rule", KNOWLEDGE.rules, ids=lambda rule: rule.id)
def test_every_mutant_of_a_rule_is_noticed(rule: Rule) -> None:
    unnoticed = [what for what, mutant in mutants(rule) if not any(faults_of(mutant)) and not has_ragged_sites(mutant)]

    assert unnoticed == []


@pytest.mark.parametrize("rule", KNOWLEDGE.rules, ids=lambda rule: rule.id)
def test_long_list_of_sites_is_one_that_the_sources_mean(rule: Rule) -> None:
    assert not has_ragged_sites(rule)


def test_rules_have_as_many_mutants_as_would_show_a_weak_rule_base() -> None:
    criteria: list[Criterion] = [criterion for rule in KNOWLEDGE.rules for criterion in rule.criteria()]

    made = sum(1 for rule in KNOWLEDGE.rules for _ in mutants(rule))

    assert made > 2 * len(criteria)
