"""The page about security names a test for every threat and fault, and each of these tests exists."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_every_test_that_the_page_names_exists() -> None:
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts]
    defined = {name for path in files for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE)}

    assert named_in(PAGE) - defined == set()


def test_every_threat_and_every_fault_has_a_test() -> None:
    named = rows("Threats") + rows("Faults and their expected answers")

    assert len(named) > 30
    assert [row for row in named if not named_in(row[-1])] == []


def test_no_threat_was_dropped_from_the_page() -> None:
    assert [threat for threat in THREATS if f"| {threat}" not in PAGE] == []
