"""The commands about the knowledge begin a rule, and print the source attributes of rules."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from stated import RULES

from service.cli import main


def test_command_writes_the_rule_and_says_what_to_do_next(tmp_path: Path) -> None:
    (tmp_path / "duodenum").mkdir()

    result = CliRunner().invoke(main, ["knowledge", "new", "duodenum", "a-rule", "--folder", str(tmp_path)])

    assert result.exit_code == 0
    assert (tmp_path / "duodenum" / "a-rule.toml").is_file()
    assert "6. hoofbeats knowledge check" in result.output


def test_command_says_which_families_there_are() -> None:
    result = CliRunner().invoke(main, ["knowledge", "new", "thymus", "a-rule"])

    assert result.exit_code == 1
    assert "no family called 'thymus': expected duodenum, " in result.output


def test_command_prints_the_thirteen_attributes_of_one_rule() -> None:
    result = CliRunner().invoke(main, ["knowledge", "attributes", "germline-test-in-duodenopancreatic-net"])

    printed = json.loads(result.stdout)
    assert printed["rule"] == "germline-test-in-duodenopancreatic-net"
    assert len(printed["attributes"]) == 13


def test_command_prints_the_attributes_of_every_rule() -> None:
    result = CliRunner().invoke(main, ["knowledge", "attributes"])

    assert [held["rule"] for held in json.loads(result.stdout)] == list(RULES)


def test_command_says_that_there_is_no_such_rule() -> None:
    result = CliRunner().invoke(main, ["knowledge", "attributes", "none"])

    assert result.exit_code == 1
    assert "no rule called 'none'" in result.output
