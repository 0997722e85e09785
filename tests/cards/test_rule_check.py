"""The check of the rule base reports each kind of weakness in words that name rule, case and criterion."""

from pathlib import Path

import pytest
from stated import SMALL_RULE, rule_from

from cards.check import Counts, check_rules, faults_of

_SIZE = "'Tumour size at most 10 mm'"


def test_sound_rule_has_no_fault(tmp_path: Path) -> None:
    rule = rule_from(tmp_path, SMALL_RULE)

    assert list(faults_of(rule)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            SMALL_RULE.replace('"10.1 mm", expect = "silent"', '"10.1 mm", expect = "recommend"'),
            "endoscopic-resection: case 'beside': expected recommend, decided silent",
        ),
        (
            SMALL_RULE.replace('"10.1 mm"', '"9 mm"'),
            "endoscopic-resection: case 'beside': expected silent, decided recommend",
        ),
        (
            SMALL_RULE.replace(
                'tumour_size = "unknown", expect = "undetermined"', 'grade = "G1", expect = "recommend"'
            ),
            "endoscopic-resection: no case expects undetermined",
        ),
        (
            SMALL_RULE.replace("at_most = 10,", "at_most = 10.05,"),
            "endoscopic-resection: no case at the bound of 'Tumour size at most 10.05 mm'",
        ),
        (
            SMALL_RULE.replace('"10.1 mm", expect = "silent"', '"9.9 mm", expect = "recommend"'),
            f"endoscopic-resection: no case beside the bound of {_SIZE}",
        ),
        (
            SMALL_RULE.replace('"10.1 mm"', '"12-15 mm"'),
            f"endoscopic-resection: no case beside the bound of {_SIZE}",
        ),
        (
            SMALL_RULE.replace("all = [", 'all = [{ finding = "treated", is = "no" }, ').replace(
                "[typical]", '[typical]\ntreated = "no"'
            ),
            "endoscopic-resection: no case in which 'Treated: no' is false and tips the outcome",
        ),
        (
            SMALL_RULE.replace(
                "[typical]", '[unless]\nany = [{ finding = "treated", is = "yes" }]\n[typical]\ntreated = "no"'
            ),
            "endoscopic-resection: no case in which 'Treated: yes' is true and tips the outcome",
        ),
    ],
)
def test_weak_rule_is_reported(tmp_path: Path, text: str, fault: str) -> None:
    rule = rule_from(tmp_path, text)

    assert fault in list(faults_of(rule))


def test_criterion_that_another_one_always_shadows_is_reported(tmp_path: Path) -> None:
    text = SMALL_RULE.replace("all = [", 'all = [{ finding = "tumour_size", at_most = 20, unit = "mm" }, ')
    rule = rule_from(tmp_path, text + '"20" = { tumour_size = "20 mm", expect = "silent" }\n')

    faults = list(faults_of(rule))

    assert "endoscopic-resection: no case in which 'Tumour size at most 20 mm' is false and tips the outcome" in faults


def test_check_counts_what_it_checked(tmp_path: Path) -> None:
    rules = [rule_from(tmp_path, SMALL_RULE, "one"), rule_from(tmp_path, SMALL_RULE, "two")]

    counts, faults = check_rules(rules)

    assert (counts, faults) == (Counts(rules=2, criteria=2, cases=6, tipping_pairs=4), [])
