"""What can be wrong with our own files.

DefinitionError          a data file of ours is wrong: refuse to start
└── UnknownName          it names something that no other file defines
"""

from __future__ import annotations

from pathlib import Path


class DefinitionError(Exception):
    """A data file of ours is wrong; the message names file, key and what was expected."""


class UnknownName(DefinitionError):
    """A data file names a finding, value set, system or statement that does not exist."""


def place_of(path: Path) -> str:
    """A data file as messages name it, with its folder: value sets and findings have files of the same names."""
    return f"{path.parent.name}/{path.name}"
