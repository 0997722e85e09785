"""The page about security names a test for every threat and fault, and each of these tests exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from remove_defences import Removal, removals

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
THREATS = (
    *(
        "Forged client",
        "Replay",
        "Key server as a lever",
        "Sent to a foreign server",
        "Tokens leak",
        "Patient data leaks",
    ),
    *("Size bombs", "Card injection", "Another patient's data", "Hostile web pages", "Supply chain", "Error oracle"),
)


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named_in(text: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", text))


def defined() -> Counter[str]:
    """The names of all tests, and how often each is given."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts]
    return Counter(name for path in files for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE))


def test_every_test_that_the_page_names_exists() -> None:
    assert named_in(PAGE) - set(defined()) == set()


def test_no_two_tests_have_one_name_by_which_the_page_and_removals_find_them() -> None:
    assert [name for name, times in defined().items() if times > 1] == []


def test_every_threat_and_every_fault_has_a_test() -> None:
    named = rows("Threats") + rows("Requirements of CDS Hooks on trust") + rows("Faults and their expected answers")

    assert len(named) > 60
    assert [row for row in named if not named_in(row[-1])] == []


def test_every_threat_and_requirement_has_a_removal_that_its_test_notices() -> None:
    noticing = {removal.test for removal in removals()}

    bare = [
        row[:2]
        for row in rows("Threats") + rows("Requirements of CDS Hooks on trust")
        if not named_in(row[-1]) & noticing
    ]

    assert bare == []


@pytest.mark.parametrize("removal", removals(), ids=lambda removal: removal.what)
def test_what_a_removal_takes_away_is_there_once(removal: Removal) -> None:
    assert [(ROOT / file).read_text().count(old) for file, old, _ in removal.edits] == [1] * len(removal.edits)


def test_no_requirement_on_trust_was_dropped_from_the_page() -> None:
    said = re.findall(r"X\d+", " ".join(row[0] for row in rows("Requirements of CDS Hooks on trust")))

    assert sorted(said) == sorted(f"X{number}" for number in range(1, 23))


def test_the_results_of_the_faults_are_of_the_faults_that_are_listed_and_as_expected() -> None:
    lines = (ROOT / "docs" / "chaos.md").read_text().partition("|---|---|---|\n")[2].splitlines()
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]

    assert [row[:2] for row in found] == [row[:2] for row in rows("Faults and their expected answers")]
    assert [row for row in found if not row[2].endswith(" as expected") or "NOT" in row[2]] == []


def test_no_threat_was_dropped_from_the_page() -> None:
    assert [threat for threat in THREATS if f"| {threat}" not in PAGE] == []
