"""Criteria and values are told in words that need no knowledge of the file format."""

from __future__ import annotations

from typing import Any

import pytest
from stated import RULES, VOCABULARY

from cards.cases import parse_values
from cards.criteria import Group, parse_group
from cards.criteria_words import condition, conditions, demand, differences, finding_in_words, lines


def group(table: dict[str, Any]) -> Group:
    """A group of criteria as a rule file writes it."""
    return parse_group(table, VOCABULARY, "test")


def told(table: dict[str, Any]) -> list[str]:
    """The lines of a group, each with its depth, joint and words."""
    found = lines(group(table))
    return [f"{line.depth} {line.link}: {line.heading or f'{line.fact} {line.demand}'}" for line in found]


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        ({"finding": "grade", "in": ["NEC", "G3-unspecified"]}, "grade NEC or G3, differentiation not stated"),
        ({"finding": "unresectable_disease", "is": "yes"}, "unresectable disease"),
        ({"finding": "fit_for_surgery", "is": "no"}, "not fit for surgery"),
        ({"finding": "men1", "is": "confirmed"}, "MEN1 confirmed"),
        ({"finding": "tumour_size", "at_most": 10, "unit": "mm"}, "tumour size at most 10 mm"),
    ],
)
def test_condition_is_said_in_a_few_words(criterion: dict[str, Any], words: str) -> None:
    [part] = group({"all": [criterion]}).criteria()

    assert condition(part) == words


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            {"all": [{"finding": "grade", "is": "G1"}, {"finding": "men1", "is": "excluded"}]},
            "grade G1 and MEN1 excluded",
        ),
        (
            {"any": [{"finding": "grade", "is": "G1"}, {"finding": "men1", "is": "excluded"}]},
            "grade G1 or MEN1 excluded",
        ),
        ({"none": [{"finding": "fit_for_surgery", "is": "yes"}]}, "not (fit for surgery)"),
    ],
)
def test_group_is_said_in_one_clause(table: dict[str, Any], words: str) -> None:
    assert conditions(group(table)) == words


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        ({"finding": "grade", "is": "G1"}, "G1"),
        ({"finding": "grade", "in": ["G1", "G2", "G3-NET"]}, "G1, G2 or NET G3"),
        (
            {"finding": "primary_site", "in": ["unknown-primary", "jejunum-ileum"]},
            "unknown primary or jejunum or ileum",
        ),
        ({"finding": "tumour_size", "at_most": 10, "unit": "mm"}, "at most 10 mm"),
        ({"finding": "age", "less_than": 40, "unit": "a"}, "less than 40 years"),
        ({"finding": "months_since_abdominal_imaging", "more_than": 6, "unit": "mo"}, "more than 6 months"),
        ({"finding": "tumour_growth_rate", "at_least": 5, "unit": "mm/a"}, "at least 5 mm per year"),
        ({"finding": "lesion_count", "more_than": 1, "unit": "1"}, "more than 1"),
        ({"finding": "functional_syndromes", "includes": ["acth"]}, "includes ACTH-secreting tumour"),
        ({"finding": "open_orders", "excludes": ["abdominal_imaging"]}, "does not include CT or MRI of the abdomen"),
        ({"finding": "open_orders", "excludes": ["echocardiography"]}, "does not include echocardiography"),
        ({"finding": "histopathology", "is": "absent"}, "not found and not on order"),
        ({"finding": "histopathology", "in": ["ordered", "absent"]}, "not done, even if it is on order"),
        ({"finding": "men1", "recorded": True}, "recorded, with any value"),
        ({"finding": "men1", "recorded": False}, "not recorded, or not usable as recorded"),
        ({"finding": "grade", "contradicted": True}, "contradictory or unreadable on record"),
    ],
)
def test_demand_is_told_in_words(criterion: dict[str, Any], words: str) -> None:
    (held,) = group({"all": [criterion]}).criteria()

    assert demand(held) == words


def test_every_criterion_of_every_rule_has_words() -> None:
    criteria = [criterion for rule in RULES.values() for criterion in rule.criteria()]

    assert [c for c in criteria if not demand(c) or "_" in demand(c)] == []


def test_groups_are_told_with_their_joins_and_depth() -> None:
    grade, men1 = {"finding": "grade", "is": "G1"}, {"finding": "men1", "is": "confirmed"}

    assert told({"all": [grade, {"any": [men1, {"all": [grade, men1]}]}]}) == [
        "0 : All of these hold:",
        "1 : Grade G1",
        "1 and: At least one of these holds:",
        "2 : MEN1 confirmed",
        "2 or: All of these hold:",
        "3 : Grade G1",
        "3 and: MEN1 confirmed",
    ]


def test_none_is_told_as_neither_nor() -> None:
    assert told({"none": [{"finding": "grade", "is": "G1"}, {"finding": "men1", "is": "confirmed"}]}) == [
        "0 : None of these holds:",
        "1 : Grade G1",
        "1 nor: MEN1 confirmed",
    ]


def test_none_around_all_is_told_as_not_all_together() -> None:
    both = {"all": [{"finding": "grade", "is": "G1"}, {"finding": "men1", "is": "confirmed"}]}

    assert told({"none": [both]}) == ["0 : Not all of these hold together:", "1 : Grade G1", "1 and: MEN1 confirmed"]


def test_every_line_of_every_rule_is_a_heading_or_a_fact_with_its_meaning() -> None:
    found = [line for rule in RULES.values() for line in lines(rule.when)]

    assert [line for line in found if not line.heading and not (line.fact and line.demand and line.meaning)] == []


@pytest.mark.parametrize("rule", ["endoscopic-resection-of-small-duodenal-net", "surgery-order-in-men1"])
def test_lines_name_each_criterion_once(rule: str) -> None:
    found = [line.finding for line in lines(RULES[rule].when) if line.finding]

    assert found == [criterion.finding.name for criterion in RULES[rule].when.criteria()]


@pytest.mark.parametrize(
    ("name", "written", "words"),
    [
        ("tumour_size", "<1 mm", "<1 mm"),
        ("ki67_index", "3-5 %", "3–5 %"),
        ("months_since_abdominal_imaging", "6.1 mo", "6.1 months"),
        ("grade", "G3-unspecified", "G3, differentiation not stated"),
        ("metastatic_sites", ["lymph-node", "liver"], "liver, lymph node"),
        ("metastatic_sites", [], "none"),
        ("sstr_imaging", "ordered", "on order"),
        ("grade", "not recorded", "not recorded"),
        ("grade", "contradictory", "contradictory or unreadable"),
        ("years_since_resection", "not applicable", "does not apply"),
        ("grade", "unknown", "unknown"),
    ],
)
def test_value_is_told_in_words(name: str, written: object, words: str) -> None:
    finding = parse_values({name: written}, VOCABULARY, "test")[name]

    assert finding_in_words(finding, VOCABULARY[finding.name]) == words


def test_case_is_told_by_what_differs() -> None:
    typical = parse_values({"grade": "G1", "tumour_size": "10 mm"}, VOCABULARY, "test")
    case = parse_values({"grade": "G1", "tumour_size": "10.1 mm"}, VOCABULARY, "test")

    assert differences(case, typical, VOCABULARY) == (("Tumour size", "10.1 mm"),)
