"""The 13 source attributes of a rule follow from its statements and from the findings that it reads."""

from __future__ import annotations

import pytest
from stated import KNOWLEDGE, RULES, VOCABULARY

from cards import attributes
from cards.attributes import Attribute, as_data, attributes_of, check_attributes
from mappings.errors import DefinitionError

KEYS = [
    "citation",
    "developer",
    "funding",
    "dates",
    "race",
    "ethnicity",
    "language",
    "sexual-orientation",
    "gender-identity",
    "sex",
    "date-of-birth",
    "social-determinants",
    "health-status",
]


def of(rule: str) -> dict[str, Attribute]:
    """The attributes of a rule by their keys."""
    return {a.key: a for a in attributes_of(RULES[rule], KNOWLEDGE.sources, VOCABULARY)}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_all_thirteen_in_order(rule: str) -> None:
    found = of(rule)

    assert list(found) == KEYS
    assert all(line for attribute in found.values() for line in attribute.lines)


def test_citation_names_source_statement_and_place() -> None:
    lines = of("endoscopic-resection-of-small-duodenal-net")["citation"].lines

    assert "updated 2026-02-17): DUO-TX-01, Criteria for Endoscopic Resection, line 58" in lines[0]


def test_citation_names_what_the_statements_were_checked_against() -> None:
    lines = of("endoscopic-resection-of-small-duodenal-net")["citation"].lines

    assert any(line.startswith("Checked against: ") and "https://jgo.amegroups.org" in line for line in lines)


def test_dates_are_those_of_the_sources() -> None:
    assert "updated 2026-02-17" in of("endoscopic-resection-of-small-duodenal-net")["dates"].lines[0]


def test_undated_source_is_called_undated() -> None:
    assert any("undated" in line for line in of("local-excision-of-small-rectal-net")["dates"].lines)


def test_rule_that_reads_age_uses_date_of_birth() -> None:
    used = of("germline-test-in-duodenopancreatic-net")["date-of-birth"]

    assert (used.lines, used.findings) == (("Used: Age",), ("age",))


def test_rule_that_does_not_read_age_does_not_use_date_of_birth() -> None:
    assert of("endoscopic-resection-of-small-duodenal-net")["date-of-birth"].lines == ("Not used",)


def test_rule_that_reads_fitness_uses_health_status() -> None:
    readers = [r.id for r in RULES.values() if any(c.finding.name == "fit_for_surgery" for c in r.criteria())]

    assert readers
    assert {of(rule)["health-status"].findings for rule in readers} == {("fit_for_surgery",)}


def test_no_rule_uses_race_or_any_other_trait_of_a_person() -> None:
    traits = ("race", "ethnicity", "language", "sexual-orientation", "gender-identity", "sex", "social-determinants")

    assert {of(rule)[trait].lines for rule in RULES for trait in traits} == {("Not used",)}


def test_every_finding_that_reads_the_person_belongs_to_an_attribute() -> None:
    read = {name for name, definition in VOCABULARY.items() if "Patient" in definition.resources}

    assert read <= {name for table in attributes._tables().values() for name in table.get("findings", ())}


def test_attribute_of_an_unknown_finding_is_refused() -> None:
    lacking = {name: definition for name, definition in VOCABULARY.items() if name != "age"}

    with pytest.raises(DefinitionError, match=r"attributes.toml: date-of-birth: findings: no finding called 'age'"):
        check_attributes(lacking)


def test_attributes_are_given_as_data() -> None:
    rule = RULES["germline-test-in-duodenopancreatic-net"]

    data = as_data(rule, attributes_of(rule, KNOWLEDGE.sources, VOCABULARY))

    assert data["rule"] == rule.id
    assert {"key": "sex", "name": "Use of sex", "value": ["Not used"]} in data["attributes"]
