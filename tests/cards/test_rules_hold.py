"""Every shipped rule holds its own cases, and every criterion of it tips a case both ways."""

import pytest
from stated import KNOWLEDGE

from cards.check import faults_of
from cards.rules import Rule


@pytest.mark.parametrize("rule", KNOWLEDGE.rules, ids=lambda rule: rule.id)
def test_rule_has_no_fault(rule: Rule) -> None:
    assert list(faults_of(rule)) == []


@pytest.mark.parametrize("rule", KNOWLEDGE.rules, ids=lambda rule: rule.id)
def test_typical_patient_states_every_finding_that_the_rule_names(rule: Rule) -> None:
    named = {criterion.finding.name for criterion in rule.criteria()}

    assert named <= set(rule.typical)


@pytest.mark.parametrize("rule", KNOWLEDGE.rules, ids=lambda rule: rule.id)
def test_typical_patient_states_nothing_that_the_rule_does_not_name(rule: Rule) -> None:
    named = {criterion.finding.name for criterion in rule.criteria()}

    assert set(rule.typical) <= named
