"""A new rule loads and fails its own cases until it is filled in; what each of its keys means is written down."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from stated import KNOWLEDGE, VOCABULARY

import cards
from cards.check import faults_of
from cards.criteria import Comparator
from cards.new_rule import PLACEHOLDER, RULES, first_statement, write_new
from cards.rules import load_rule
from mappings.errors import DefinitionError

HERE = Path(cards.__file__).parent


README = (HERE / "README.md").read_text()


SCHEMA = json.loads((HERE / "rule.schema.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of rules with one family."""
    (tmp_path / "duodenum").mkdir()
    return tmp_path


def test_new_rule_loads(folder: Path) -> None:
    path = write_new("duodenum", "watching-of-duodenal-net", "DUO-TX-01", KNOWLEDGE, folder)

    rule = load_rule(path, VOCABULARY, KNOWLEDGE.statements, KNOWLEDGE.items)

    assert (rule.id, rule.family) == ("watching-of-duodenal-net", "duodenum")
    assert [statement.id for statement in rule.statements] == ["DUO-TX-01"]


def test_cases_of_a_new_rule_fail(folder: Path) -> None:
    path = write_new("duodenum", "watching-of-duodenal-net", "DUO-TX-01", KNOWLEDGE, folder)

    faults = list(faults_of(load_rule(path, VOCABULARY, KNOWLEDGE.statements, KNOWLEDGE.items)))

    expected = "watching-of-duodenal-net: case 'the typical patient': expected recommend, decided undetermined"
    assert expected in faults


def test_no_rule_is_left_half_written() -> None:
    unfinished = [path.stem for path in RULES.glob("*/*.toml") if PLACEHOLDER.lower() in path.read_text().lower()]

    assert unfinished == []


@pytest.mark.parametrize(
    ("family", "rule", "statement", "message"),
    [
        ("thymus", "a-rule", "DUO-TX-01", "no family called 'thymus': expected duodenum"),
        ("duodenum", "A Rule", "DUO-TX-01", "A Rule: expected lower-case words joined by hyphens"),
        ("duodenum", "../a-rule", "DUO-TX-01", "expected lower-case words joined by hyphens"),
        ("duodenum", "a-rule", "DUO-TX-99", "no statement called 'DUO-TX-99'"),
        ("duodenum", "there-already", "DUO-TX-01", "there-already: a rule of this name is there already"),
    ],
)
def test_rule_that_cannot_stand_is_refused(folder: Path, family: str, rule: str, statement: str, message: str) -> None:
    (folder / "duodenum" / "there-already.toml").write_text("")

    with pytest.raises(DefinitionError, match=re.escape(message)):
        write_new(family, rule, statement, KNOWLEDGE, folder)


def test_statement_to_begin_with_is_one_of_the_family() -> None:
    assert first_statement("unknown-primary", KNOWLEDGE).startswith("UNK-")


@pytest.mark.parametrize("key", [*SCHEMA["properties"], "expect"])
def test_readme_explains_every_key_of_a_rule(key: str) -> None:
    assert re.search(rf"^\| `{key}` \| .{{20,}} \|$", README, re.MULTILINE)


@pytest.mark.parametrize("comparator", [comparator.value for comparator in Comparator])
def test_readme_explains_every_comparator(comparator: str) -> None:
    assert re.search(rf"^\| .*`{comparator}`.* \| .+ \| .+ \|$", README, re.MULTILINE)


def test_readme_explains_no_key_that_is_none() -> None:
    table = README.partition("## What each key means")[2].partition("## Criteria")[0]

    explained = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    assert explained == {*SCHEMA["properties"], "expect"}


def test_adding_a_rule_takes_at_most_eight_steps() -> None:
    steps = re.findall(r"^(\d+)\. ", README.partition("## Add a rule")[2].partition("\n## ")[0], re.MULTILINE)

    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert len(steps) <= 8
