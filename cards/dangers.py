"""What would be dangerous if a source were followed to the letter: what pages tell beside its statements."""

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


def load_dangers() -> tuple[Danger, ...]:
    """Every danger; raises RuleError naming file and key."""
    return tuple(map(_danger, read_tables(HERE / "dangers.toml").get("danger", ())))


def _danger(row: Mapping[str, Any]) -> Danger:
    try:
        return Danger(row["id"], row["what"], row["why"], frozenset(row["statements"]))
    except KeyError as missing:
        raise RuleError(f"dangers.toml: {row.get('id', 'danger')}: {missing.args[0]} is missing") from None
