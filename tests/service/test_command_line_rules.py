"""What all commands hold to: --json, exit codes, completion, and a line each in the documentation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from stories import PATIENTS

from service.cli import main

pytestmark = pytest.mark.usefixtures("settings_of_the_tests")
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command-line.md").read_text()
RULE = "growth-of-pancreatic-net"
REQUEST = str(PATIENTS / "pancreatic_net_growing_past_20_mm" / "request.json")


def commands(group: click.Group = main, before: str = "hoofbeats") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def test_every_command_gives_json() -> None:
    without = {name for name, command in commands() if not any("--json" in param.opts for param in command.params)}

    assert without == {"hoofbeats serve", "hoofbeats build-sheet"}


def test_every_command_is_in_the_documentation_and_nothing_else_is() -> None:
    listed = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `hoofbeats ")}

    named = {next(name for name, _ in commands() if line == name or line.startswith(f"{name} ")) for line in listed}

    assert named == {name for name, _ in commands()}
    assert len(listed) == len(named)


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["knowledge", "hash", RULE], {"rule", "hash"}),
        (["knowledge", "export", "sets"], {"folder", "resources"}),
        (["knowledge", "catalogue", "--folder", "pages"], {"folder", "pages"}),
        (["database", "upgrade"], {"upToDate"}),
        (["feedback", "forget-comments"], {"deleted"}),
        (["explain", REQUEST, "--why-not", RULE, "--service", "net-patient-view"], {"rule", "outcome", "when"}),
    ],
    ids=lambda given: given[-1] if isinstance(given, list) else "",
)
def test_json_is_all_that_is_printed(arguments: list[str], keys: set[str]) -> None:
    CliRunner().invoke(main, ["database", "upgrade"])

    result = CliRunner().invoke(main, [*arguments, "--json"])

    assert (result.exit_code, result.stderr) == (0, "")
    assert keys <= set(json.loads(result.stdout))


@pytest.fixture
def card() -> dict[str, Any]:
    answer = CliRunner().invoke(main, ["evaluate", REQUEST, "--service", "net-patient-view"]).stdout
    made: dict[str, Any] = json.loads(answer)["cards"][0]
    return made


def proven(card: object) -> tuple[int, dict[str, Any]]:
    """The exit code and the answer of `verify` for a card."""
    Path("card.json").write_text(json.dumps(card))
    result = CliRunner().invoke(main, ["verify", "card.json", REQUEST, "--json"])
    return result.exit_code, json.loads(result.stdout or "{}")


def test_a_card_that_follows_is_proven(card: dict[str, Any]) -> None:
    assert proven(card) == (0, {"follows": True, "differences": []})


def test_a_card_that_does_not_follow_is_said_in_json_and_by_the_exit_code(card: dict[str, Any]) -> None:
    code, told = proven({**card, "summary": "Another"})

    assert (code, told["follows"]) == (1, False)
    assert told["differences"] == [f"summary: Another in place of {card['summary']}"]


def test_the_line_of_the_detail_that_was_changed_is_named(card: dict[str, Any]) -> None:
    lines = card["detail"].splitlines()
    changed = "\n".join([*lines[:3], "Something else.", *lines[4:]])

    _, told = proven({**card, "detail": changed})

    assert told["differences"] == [f"detail, line 4: Something else. in place of {lines[3] or 'nothing'}"]


def test_a_statement_that_was_added_is_named(card: dict[str, Any]) -> None:
    proof = card["extension"]["org.hoofbeats.card"]
    number = len(proof["statements"])
    added = {**proof, "statements": [*proof["statements"], "GEN-TX-01"]}

    _, told = proven({**card, "extension": {"org.hoofbeats.card": added}})

    assert told["differences"] == [f"extension.org.hoofbeats.card.statements[{number}]: GEN-TX-01 in place of nothing"]


@pytest.mark.parametrize(
    "card",
    [
        {},
        [],
        {"extension": []},
        {"extension": {"org.hoofbeats.card": []}},
        {"extension": {"org.hoofbeats.card": {"kind": "horoscope"}}},
    ],
)
def test_what_is_no_card_is_said_to_be_none(card: object) -> None:
    Path("card.json").write_text(json.dumps(card))

    result = CliRunner().invoke(main, ["verify", "card.json", REQUEST])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["settings"], 0), (["knowledge", "hash", "no-such-rule"], 1), (["evaluate", "nowhere.json"], 2), (["settle"], 2)],
    ids=["done", "wrong", "no file", "no command"],
)
def test_exit_codes_are_those_of_the_documentation(arguments: list[str], code: int) -> None:
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == code
    assert f"| {code} |" in PAGE


def test_a_rule_that_is_not_there_is_told_with_those_that_come_near() -> None:
    result = CliRunner().invoke(main, ["knowledge", "hash", "growth-of-pancreatic-tumour"])

    assert result.stderr.startswith("Error: no rule called 'growth-of-pancreatic-tumour'; did you mean ")
    assert RULE in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str) -> None:
    told = CliRunner().invoke(main, env={"_HOOFBEATS_COMPLETE": f"{shell}_source"}, prog_name="hoofbeats")

    assert told.exit_code == 0
    assert "_HOOFBEATS_COMPLETE" in told.stdout
    assert f"_HOOFBEATS_COMPLETE={shell}_source hoofbeats" in PAGE


def test_the_names_of_rules_complete() -> None:
    asked = {
        "COMP_WORDS": "hoofbeats knowledge hash growth-",
        "COMP_CWORD": "3",
        "_HOOFBEATS_COMPLETE": "bash_complete",
    }

    told = CliRunner().invoke(main, env=asked, prog_name="hoofbeats")

    assert f"plain,{RULE}" in told.stdout.splitlines()


def test_whoever_serves_at_a_terminal_is_told_where_the_clinic_opens(tmp_path: Path) -> None:
    terminal, other_end = os.openpty()
    command = [Path(sys.executable).with_name("hoofbeats"), "serve"]
    settings = {"HOOFBEATS_BASE_URL": "http://clinic.example:8123", "PATH": os.environ["PATH"]}

    serving = subprocess.Popen(command, cwd=tmp_path, env=settings, stdout=other_end, stderr=subprocess.DEVNULL)  # noqa: S603
    told = os.read(terminal, 200).decode()
    serving.kill()
    serving.wait()

    assert told.startswith("The clinic opens at http://clinic.example:8123/ ")
