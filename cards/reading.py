"""What pages tell besides rules and statements: words of references, dangers of the letter."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cards.knowledge_errors import RuleError

_HERE = Path(__file__).parent


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
    says = {name: str(table.get("says", "")) for name, table in _toml("sources.toml").items()}
    return Reading(says, tuple(_danger(row) for row in _toml("dangers.toml").get("danger", ())))


def _danger(row: Mapping[str, Any]) -> Danger:
    try:
        return Danger(row["id"], row["what"], row["why"], frozenset(row["statements"]))
    except KeyError as missing:
        raise RuleError(f"dangers.toml: {row.get('id', 'danger')}: {missing.args[0]} is missing") from None


def _toml(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((_HERE / name).read_text())
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{name}: {error}") from None
