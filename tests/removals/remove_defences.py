"""Takes the defences away one at a time, in a copy of the project, and shows that the test of each then fails.

    make removals [ONLY=words]

Ends with 1 where a test still passes without its defence, or does not pass with it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("removals.toml")
_MOST_SECONDS = 300
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "build", "images", "*.db*", ".*_cache", ".hypothesis"
)


@dataclass(frozen=True, slots=True)
class Removal:
    """What is no longer so, the texts that are replaced, and the test that has to fail."""

    what: str
    test: str
    edits: tuple[tuple[str, str, str], ...]


def removals() -> list[Removal]:
    """All removals, in the order of their file."""
    tables = tomllib.loads(LIST.read_text())["removal"]
    return [Removal(t["what"], t["test"], tuple((file, old, new) for file, old, new in t["edits"])) for t in tables]


def places() -> Mapping[str, str]:
    """The file of every test, by the test's name."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts]
    return {
        name: str(path.relative_to(ROOT))
        for path in files
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE)
    }


def main() -> int:
    """Shows for each removal whether its test fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="removals whose words or test contain this")
    only = parser.parse_args().only
    chosen = [removal for removal in removals() if only in removal.what or only in removal.test]
    if not chosen:
        parser.error(f"no removal and no test is called {only!r}")
    where = places()
    with tempfile.TemporaryDirectory(prefix="hoofbeats-removals-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
        nodes = sorted({f"{where[removal.test]}::{removal.test}" for removal in chosen})
        if failed := _failed(copy, nodes, _MOST_SECONDS * 4):
            _tell(f"with every defence in place these fail: {', '.join(sorted(failed))}")
            return 1
        _tell(f"with every defence in place {len(nodes)} tests pass")
        unnoticed = [removal for removal in chosen if not _is_noticed(removal, copy, where)]
    _tell(f"{len(chosen) - len(unnoticed)} of {len(chosen)} removals are noticed")
    return 1 if unnoticed else 0


def _is_noticed(removal: Removal, copy: Path, where: Mapping[str, str]) -> bool:
    with _removed(removal, copy):
        failed = _failed(copy, [f"{where[removal.test]}::{removal.test}"], _MOST_SECONDS)
    noticed = removal.test in failed
    _tell(f"{'fails' if noticed else 'STILL PASSES'}  {removal.test}  when {removal.what}")
    return noticed


@contextmanager
def _removed(removal: Removal, copy: Path) -> Iterator[None]:
    kept = {file: (copy / file).read_text() for file, _, _ in removal.edits}
    try:
        for file, old, new in removal.edits:
            text = (copy / file).read_text()
            if old not in text:
                raise SystemExit(f"{removal.what}: {file} has no {old!r}")
            _write(copy / file, text.replace(old, new, 1))
        yield
    finally:
        for file, text in kept.items():
            _write(copy / file, text)


def _write(path: Path, text: str) -> None:
    """Python tells a changed file by its size and second, which both may be the same."""
    path.write_text(text)
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()


def _failed(copy: Path, nodes: Sequence[str], most_seconds: float) -> set[str]:
    """The names of the tests that fail; one that ends by no failure of its own is no proof."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-rf", "--tb=no", *nodes]
    if len(nodes) == 1:
        command.insert(3, "-x")
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    try:
        ran = subprocess.run(  # noqa: S603
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=most_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        _tell(f"not ended after {most_seconds:.0f} seconds: {', '.join(nodes)}")
        return set()
    if ran.returncode not in (0, 1):
        raise SystemExit(f"the tests did not run: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return {name.partition("[")[0] for name in re.findall(r"^FAILED \S+?::(test_\w+\[?)", ran.stdout, re.MULTILINE)}


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
