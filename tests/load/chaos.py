"""Every fault of docs/security.md with its expected answer: made to happen, and the results written to docs/chaos.md.

    make chaos

Ends with 1 where an answer is not the expected one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
RESULTS = ROOT / "docs" / "chaos.md"
HEAD = """# What happens when things break

Written by `make chaos`, which makes each fault happen and looks at the answer; the tests are named in
[Security](security.md#faults-and-their-expected-answers).

| fault | answer | result |
|---|---|---|
"""


def faults() -> list[tuple[str, str, list[str]]]:
    """Every fault with its expected answer and its tests."""
    section = PAGE.read_text().partition("\n## Faults and their expected answers\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return [(fault, answer, re.findall(r"`(test_\w+)`", named)) for fault, answer, named in rows[2:]]


def main() -> int:
    """Runs the tests of all faults and writes down what came of them."""
    rows = faults()
    outcomes = _run([name for _, _, tests in rows for name in tests])
    lines = [f"| {fault} | {answer} | {_result(tests, outcomes)} |" for fault, answer, tests in rows]
    RESULTS.write_text(HEAD + "\n".join(lines) + "\n")
    print(RESULTS.read_text())  # noqa: T201
    return 0 if all(line.endswith(" as expected |") for line in lines) else 1


def _run(tests: Sequence[str]) -> Mapping[str, list[str]]:
    """The outcomes of each test's cases."""
    text = {path: path.read_text() for path in (ROOT / "tests" / "service").glob("test_*.py")}
    nodes = [f"{path}::{name}" for name in sorted(set(tests)) for path in text if f"\ndef {name}(" in text[path]]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-n", "0", f"--junitxml={report}", *nodes]
        subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603
        outcomes: dict[str, list[str]] = defaultdict(list)
        for case in ET.parse(report).iter("testcase"):  # noqa: S314
            outcomes[str(case.get("name")).partition("[")[0]].append(case[0].tag if len(case) else "passed")
    return outcomes


def _result(tests: Sequence[str], outcomes: Mapping[str, list[str]]) -> str:
    cases = [outcome for name in tests for outcome in outcomes.get(name, ["not run"])]
    wrong = [case for case in cases if case not in ("passed", "properties")]
    return f"{len(wrong)} of {len(cases)} NOT as expected" if wrong else f"{len(cases)} of {len(cases)} as expected"


if __name__ == "__main__":
    sys.exit(main())
