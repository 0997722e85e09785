"""A rule file that is wrong refuses to load, and the message names file and key."""

from pathlib import Path

import pytest
from stated import KNOWLEDGE, SMALL_RULE, VOCABULARY, rule_from

from cards.rules import load_rules
from mappings.errors import DefinitionError

_UNCHANGED = '"same" = { tumour_size = "10 mm", expect = "recommend" }'
_EMPTY = '"empty" = { expect = "recommend" }'
_GUARD = SMALL_RULE.replace('card = "management"', 'card = "order-guard"\ngroup = "order-imaging"')
_WORK_UP = SMALL_RULE.replace('card = "management"', 'card = "work-up"')


def test_small_rule_loads(tmp_path: Path) -> None:
    rule = rule_from(tmp_path, SMALL_RULE)

    assert [case.name for case in rule.cases] == ["the typical patient", "beside", "unknown"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            SMALL_RULE.replace('topic = "endoscopic"\n', ""),
            "file: 'topic' is a required property",
        ),
        (
            SMALL_RULE.replace('indicator = "info"', 'indicator = "urgent"'),
            "indicator: 'urgent' is not one of ['info', 'warning', 'critical']",
        ),
        (
            SMALL_RULE.replace('status = "draft"', 'status = "draft"\ncolour = "red"'),
            "file: Additional properties are not allowed ('colour' was unexpected)",
        ),
        (
            SMALL_RULE.replace('expect = "silent"', 'expect = "quiet"'),
            "cases.beside.expect: 'quiet' is not one of ['recommend', 'silent', 'undetermined']",
        ),
        (SMALL_RULE.replace("DUO-TX-01", "DUO-TX-99"), "statements: no statement called 'DUO-TX-99'"),
        (SMALL_RULE.replace("at_most = 10", "at_most = true"), "when.all[0]: at_most needs a number"),
        (
            SMALL_RULE.replace("[typical]", 'unless = { any = [{ finding = "x" }] }\n[typical]'),
            "when: expected all, any or none, not unless",
        ),
        (
            SMALL_RULE.replace("[typical]", '[unless]\nany = [{ finding = "ampulla", is = "yes" }]\n[typical]'),
            "unless.any[0]: no finding called 'ampulla'",
        ),
        (
            SMALL_RULE.replace('[typical]\ntumour_size = "10 mm"', '[typical]\nsize = "10 mm"'),
            "typical: no finding called 'size'",
        ),
        (SMALL_RULE.replace('"10.1 mm"', '"large"'), "cases.beside.tumour_size: 'large' is no amount"),
        (SMALL_RULE.replace('"10.1 mm"', '"10.1 kg"'), "cases.beside.tumour_size: '10.1 kg' is not in mm"),
        (
            SMALL_RULE.replace('"10.1 mm"', '["10.1 mm"]'),
            "cases.beside.tumour_size: ['10.1 mm'] is no value of this amount",
        ),
        (SMALL_RULE + _EMPTY, "cases.empty: changes nothing"),
        (SMALL_RULE + _UNCHANGED, "cases.same: changes nothing"),
        (_WORK_UP, "items: a rule of the card work-up needs it"),
        (
            SMALL_RULE.replace('status = "draft"', 'status = "draft"\nitems = ["sstr_imaging"]'),
            "items: only for a rule of the card work-up or order-guard, not management",
        ),
        (
            _WORK_UP.replace('status = "draft"', 'status = "draft"\nitems = ["pet"]'),
            "items: no work-up item called 'pet'",
        ),
        (
            _GUARD.replace('group = "order-imaging"\n', ""),
            "group: a rule of the card order-guard needs it",
        ),
        (
            SMALL_RULE.replace('status = "draft"', 'status = "draft"\ngroup = "order-imaging"'),
            "group: only for a rule of the card order-guard, not management",
        ),
        (
            SMALL_RULE.replace('status = "draft"', 'status = "draft"\ndraft = "remove"'),
            "draft: only for a rule of the card order-guard, not management",
        ),
        (
            _GUARD.replace('status = "draft"', 'status = "draft"\ndraft = "replace"'),
            "replacement: needed where the draft is replaced",
        ),
        (
            _GUARD.replace('status = "draft"', 'status = "draft"\ndraft = "remove"\nreplacement = "sstr_pet"'),
            "replacement: only where the draft is replaced",
        ),
        (
            SMALL_RULE.replace("[when]", "[when"),
            "Expected ']' at the end of a table declaration (at line 10, column 6)",
        ),
        (
            SMALL_RULE.replace('status = "draft"', 'status = "draft"\nstatus = "reviewed"'),
            "Cannot overwrite a value (at line 9, column 20)",
        ),
    ],
)
def test_wrong_rule_is_refused_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DefinitionError) as error:
        rule_from(tmp_path, text)

    assert str(error.value) == f"endoscopic-resection: {message}"


def test_two_rule_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for family in ("duodenum", "pancreas"):
        (tmp_path / family).mkdir()
        (tmp_path / family / "resection.toml").write_text(SMALL_RULE)

    with pytest.raises(DefinitionError, match="resection: two files have this name"):
        load_rules(VOCABULARY, KNOWLEDGE.statements, KNOWLEDGE.items, tmp_path)


def test_rules_are_loaded_in_the_order_of_families_and_names(tmp_path: Path) -> None:
    for name in ("pancreas/b", "pancreas/a", "duodenum/z"):
        path = tmp_path / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SMALL_RULE)

    rules = load_rules(VOCABULARY, KNOWLEDGE.statements, KNOWLEDGE.items, tmp_path)

    assert [rule.id for rule in rules] == ["z", "a", "b"]


def test_fault_of_a_rule_is_a_fault_of_our_own_files(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError):
        rule_from(tmp_path, "not TOML at all")
