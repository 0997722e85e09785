"""A site decides what is shown: modes, intervals and signatures stand in its overlay and are checked at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from stated import KNOWLEDGE, SMALL_RULE, VOCABULARY, overlay

from cards.knowledge import load_knowledge, shipped_knowledge
from cards.rules import Rule, load_rule
from mappings.errors import DefinitionError

STEP = "sstr-pet-at-staging-of-duodenal-net"
INTERVAL = "imaging-follow-up-of-low-grade-net"


def test_a_site_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"nowhere\.toml"):
        load_knowledge(tmp_path / "nowhere.toml")


def test_an_interval_of_the_site_takes_the_place_of_the_source(tmp_path: Path) -> None:
    path = overlay(tmp_path, f"[rules.{INTERVAL}]\nmonths = 18\n")

    rule = next(r for r in load_knowledge(path).rules if r.id == INTERVAL)

    assert [c.bound for c in rule.criteria() if c.finding.unit == "mo"] == [18]


_TIMED = [rule for rule in shipped_knowledge().rules if any(c.finding.unit == "mo" for c in rule.when.criteria())]
_IN_SURVEILLANCE = [rule.id for rule in _TIMED if rule.card == "surveillance"]


@pytest.fixture(scope="module")
def every_17_months(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Rule]:
    """The rules where a site does all surveillance every 17 months."""
    changes = "".join(f"[rules.{rule}]\nmonths = 17\n" for rule in _IN_SURVEILLANCE)
    changed = load_knowledge(overlay(tmp_path_factory.mktemp("site"), changes))
    return {rule.id: rule for rule in changed.rules}


@pytest.mark.parametrize("rule", _IN_SURVEILLANCE)
def test_a_card_tells_the_interval_of_the_site_and_calls_it_so(every_17_months: Mapping[str, Rule], rule: str) -> None:
    told = f"{every_17_months[rule].title} {every_17_months[rule].recommend}"

    assert "17 months" in told
    assert "within" not in told or "within 17 months" in told
    assert "source interval" not in told.partition(",")[0]


@pytest.mark.parametrize("rule", shipped_knowledge().rules, ids=lambda rule: rule.id)
def test_no_card_shows_a_placeholder(rule: Rule) -> None:
    assert "{" not in rule.title + rule.recommend


def test_a_signature_ends_with_a_change_of_a_statement(tmp_path: Path) -> None:
    statements = dict(shipped_knowledge().statements)
    changed = {**statements, "DUO-TX-01": replace(statements["DUO-TX-01"], verdict="disputed")}
    path = tmp_path / "endoscopic-resection.toml"
    path.write_text(SMALL_RULE)

    hashes = {load_rule(path, VOCABULARY, held, KNOWLEDGE.items).hash for held in (statements, changed)}

    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[rules.no-such-rule]\nmode = "off"\n', "site.toml: rules.no-such-rule: no rule called 'no-such-rule'"),
        (f'[rules.{STEP}]\nmode = "quiet"\n', f"site.toml: rules.{STEP}.mode: expected on, silent or off"),
        (f"[rules.{STEP}]\nmonths = 6\n", f"site.toml: rules.{STEP}.months: the rule has no interval"),
        (f"[rules.{INTERVAL}]\nmonths = 0\n", f"site.toml: rules.{INTERVAL}.months: expected a whole number of months"),
        (f"[rules.{STEP}]\nmood = 1\n", f"site.toml: rules.{STEP}: unknown key mood"),
        (f'[[signed]]\nrule = "{STEP}"\nname = "A"\ndate = 2026-11-01\n', "site.toml: signed[0]: hash is missing"),
        (
            f'[[signed]]\nrule = "{STEP}"\nname = "A"\ndate = "today"\nhash = "0"\n',
            "site.toml: signed[0]: date: expected",
        ),
        ('[[signed]]\nrule = "x"\nname = "A"\ndate = 2026-11-01\nhash = "0"\n', "site.toml: signed[0]: no rule called"),
        (
            f'[[signed]]\nrule = "{STEP}"\nname = " "\ndate = 2026-11-01\nhash = "0"\n',
            f"site.toml: signed: {STEP}: exp",
        ),
        (f"[rules.{INTERVAL}]\nmonths = true\n", f"site.toml: rules.{INTERVAL}: months: expected a whole number"),
        (f"[rules]\n{STEP} = 3\n", f"site.toml: rules.{STEP}: expected a table"),
        ("rules = 3\n", "site.toml: rules: expected a table"),
        ("[rules", "site.toml: "),
        ("[value_set.gastrin]\ncodes = []\n", "site.toml: unknown key value_set"),
        (
            '[services.net-surveillance]\nmode = "on"\nmonths = 3\n',
            "site.toml: services.net-surveillance: unknown key months",
        ),
        ("[services.net-surveillance]\n", "site.toml: services.net-surveillance.mode: expected on, silent or off"),
    ],
)
def test_a_wrong_decision_refuses_to_start_and_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = overlay(tmp_path, text)

    with pytest.raises(DefinitionError) as told:
        load_knowledge(path)

    assert str(told.value).startswith(message)
