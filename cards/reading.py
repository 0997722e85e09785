"""What pages tell besides rules and statements: words of references, dangers of the letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cards.knowledge_errors import RuleError
from cards.tables import HERE, read_tables


@dataclass(frozen=True, slots=True)
class Danger:
    """What would be dangerous if a source were followed to the letter, and why."""

    id: str
    what: str
    why: str
    statements: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reference says by source, and all dangers."""

    says: Mapping[str, str]
    dangers: tuple[Danger, ...]


def load_reading() -> Reading:
    """All of it; raises RuleError naming file and key."""
    says = {name: str(table.get("says", "")) for name, table in read_tables(HERE / "sources.toml").items()}
    return Reading(says, tuple(_danger(row) for row in read_tables(HERE / "dangers.toml").get("danger", ())))


def _danger(row: Mapping[str, Any]) -> Danger:
    try:
        return Danger(row["id"], row["what"], row["why"], frozenset(row["statements"]))
    except KeyError as missing:
        raise RuleError(f"dangers.toml: {row.get('id', 'danger')}: {missing.args[0]} is missing") from None
