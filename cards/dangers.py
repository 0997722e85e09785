"""Dangers of the letter: what would harm a patient if a source were followed word by word."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mappings.errors import DefinitionError
from mappings.tables import Keys, read_file, rows

_FILE = Path(__file__).parent / "dangers.toml"
_KEYS: Keys = {"id": str, "what": str, "why": str, "statements": list}


@dataclass(frozen=True, slots=True)
class Danger:
    """What would be dangerous if a source were followed to the letter, and why."""

    id: str
    what: str
    why: str
    statements: frozenset[str]


def load_dangers() -> tuple[Danger, ...]:
    """All of them; raises DefinitionError naming file and key."""
    place, held = "cards/dangers.toml", read_file(_FILE)
    if set(held) != {"danger"}:
        raise DefinitionError(f"{place}: expected a list of tables danger, and nothing else")
    found = rows(held, "danger", place, _KEYS, {})
    return tuple(Danger(row["id"], row["what"], row["why"], frozenset(row["statements"])) for row in found)
