"""What is locked installs on every Python that the project promises to run on."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]


def promised() -> str:
    """The oldest Python that is promised, without a patch release: Debian 12 stays at 3.11.2."""
    written: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    return f"{written.removeprefix('>=')}.0"


def locked(file: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==", (ROOT / file).read_text(), re.MULTILINE))


def refuses(name: str, python: str) -> bool:
    asked = metadata(name).get("Requires-Python")
    return asked is not None and not SpecifierSet(asked).contains(python)


def test_no_locked_library_asks_for_a_later_patch_release_of_python() -> None:
    names = locked("requirements.txt") | locked("requirements-dev.txt")

    assert len(names) > 100
    assert [name for name in names if refuses(name, promised())] == []


def test_a_library_that_asks_for_a_later_python_would_be_found() -> None:
    assert refuses("flask", "3.8.0")
