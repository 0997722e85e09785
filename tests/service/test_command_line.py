"""The command line prints what it is asked for, or one clear line and exit code 1."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hook_requests import TODAY, chart, ki67, request, search

from service.cli import main

pytestmark = pytest.mark.usefixtures("settings_of_the_tests")
KNOWN = "; there are services for patient-view, order-select, order-sign"


def test_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.rstrip().endswith(version("hoofbeats"))


def test_folder_that_cannot_be_written_is_one_clear_line() -> None:
    result = CliRunner().invoke(main, ["knowledge", "export", "/proc/nowhere"])

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("Error: /proc/nowhere: ")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def written(folder: Path, body: object) -> str:
    """The path of a file that holds a request."""
    path = folder / "request.json"
    path.write_text(body if isinstance(body, str) else json.dumps(body))
    return str(path)


def test_evaluate_prints_the_cards_of_each_service_of_the_hook(tmp_path: Path) -> None:
    result = run("evaluate", written(tmp_path, request()))

    answers: Any = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {id: len(answer["cards"]) for id, answer in answers.items()} == {
        "net-patient-view": 1,
        "net-surveillance": 0,
    }


def test_evaluate_prints_the_cards_of_one_service(tmp_path: Path) -> None:
    result = run("evaluate", "--service", "net-patient-view", written(tmp_path, request()))

    assert len(json.loads(result.stdout)["cards"]) == 1


def test_evaluate_obeys_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOFBEATS_SSTR_PET", "unavailable")

    result = run("evaluate", "--service", "net-patient-view", written(tmp_path, request()))

    assert "receptor-scintigraphy-where-pet-is-unavailable" in result.stdout


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "{",
            "Error: request.json is not JSON: Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)",
        ),
        ("", "Error: request.json is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[]", f"Error: no service answers the hook ''{KNOWN}"),
        ("7", f"Error: no service answers the hook ''{KNOWN}"),
        ("{}", f"Error: no service answers the hook ''{KNOWN}"),
        (request(hook="encounter-start"), f"Error: no service answers the hook 'encounter-start'{KNOWN}"),
        (request(hookInstance=None), "Error: hookInstance is missing"),
        (request(context={"userId": "Practitioner/1"}), "Error: context.patientId is missing"),
        (request(prefetch=[]), "Error: prefetch is not an object"),
    ],
)
def test_evaluate_of_a_broken_file_says_so_in_one_line(tmp_path: Path, body: object, message: str) -> None:
    result = run("evaluate", written(tmp_path, body))

    assert (result.exit_code, result.stderr, result.stdout) == (1, f"{message}\n", "")


def test_evaluate_without_any_data_says_what_is_needed(tmp_path: Path) -> None:
    result = run("evaluate", written(tmp_path, request(None)))

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "Condition resources are needed" in result.stderr


def test_evaluate_of_a_file_that_is_not_there_says_so() -> None:
    result = run("evaluate", "nowhere.json")

    assert result.exit_code == 2
    assert "'nowhere.json' does not exist" in result.stderr


def test_evaluate_of_bytes_that_are_no_text_says_so_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_bytes(b"\xff\xfe\x00{")

    result = run("evaluate", str(path))

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("command", [["settings"], ["evaluate"]])
def test_wrong_setting_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setenv("HOOFBEATS_PORT", "http")

    result = run(*command, *([written(tmp_path, request())] if command == ["evaluate"] else []))

    assert (result.exit_code, result.stderr) == (
        1,
        "Error: HOOFBEATS_PORT: expected a port from 1 to 65535, not 'http'\n",
    )


def test_settings_are_printed_as_json_with_their_source() -> None:
    rows = {row["variable"]: row for row in json.loads(run("settings", "--json").stdout)}

    assert (rows["HOOFBEATS_TODAY"]["value"], rows["HOOFBEATS_TODAY"]["source"]) == (TODAY, "environment")
    assert set(rows["HOOFBEATS_PORT"]) == {"variable", "value", "source", "meaning"}


def test_settings_are_printed_as_a_table() -> None:
    result = run("settings")

    assert result.exit_code == 0
    assert "HOOFBEATS_TODAY" in result.stdout


def test_check_of_the_knowledge_prints_counts() -> None:
    result = run("knowledge", "check")

    assert result.exit_code == 0
    assert result.stdout.startswith("279 statements, ")
    assert result.stdout.strip().endswith(" tipping pairs, 0 failing")


def test_every_command_says_what_it_does() -> None:
    result = run("--help")

    commands = [line.split(maxsplit=1) for line in result.stdout.partition("Commands:\n")[2].splitlines() if line]
    assert {"serve", "evaluate", "explain", "settings", "knowledge"} <= {name for name, _ in commands}


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_prints_the_same_bytes(tmp_path: Path, seed: str) -> None:
    path = written(tmp_path, request(chart(observations=search(ki67()))))
    here = run("evaluate", path).stdout_bytes

    there = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-c", "from service.cli import main; main()", "evaluate", path],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    ).stdout

    assert there == here
