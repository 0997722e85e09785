"""What can be wrong with our own files.

DefinitionError          a data file of ours is wrong: refuse to start
└── UnknownName          it names something that no other file defines
"""

from __future__ import annotations


class DefinitionError(Exception):
    """A data file of ours is wrong; the message names file, key and what was expected."""


class UnknownName(DefinitionError):
    """A data file names a finding, value set, system or statement that does not exist."""
