"""Data files in TOML, read whole: their tables have known keys of known kinds, and a fault names file and key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import tomli

from mappings.errors import DefinitionError, place_of

# The keys that a table may have, each with the kind of its value.
Keys = Mapping[str, type]
_KINDS = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    date: "a date",
}


def read_file(path: Path, place: str = "") -> dict[str, Any]:
    """All of a file; raises DefinitionError, by the name of the place or of the file, where it is no TOML."""
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise DefinitionError(f"{place or place_of(path)}: {error}") from None


def read_tables(path: Path, required: Keys, optional: Keys) -> dict[str, dict[str, Any]]:
    """The tables of a file by their names; raises DefinitionError naming file, table and key."""
    place = place_of(path)
    return {name: checked(table, f"{place}: {name}", required, optional) for name, table in read_file(path).items()}


def checked(table: object, place: str, required: Keys, optional: Keys) -> dict[str, Any]:
    """A table that has every required key and no unknown one, each of its kind; raises DefinitionError."""
    if not isinstance(table, dict):
        raise DefinitionError(f"{place}: expected a table")
    for key in required:
        if key not in table:
            raise DefinitionError(f"{place}: {key} is missing")
    for key, value in table.items():
        kind = required.get(key) or optional.get(key)
        if kind is None:
            raise DefinitionError(f"{place}: unknown key {key}")
        if not _is_of(value, kind):
            raise DefinitionError(f"{place}: {key}: expected {_KINDS[kind]}")
    return table


def rows(table: Mapping[str, Any], key: str, place: str, required: Keys, optional: Keys) -> list[dict[str, Any]]:
    """The tables in a list, none where there is no list; raises DefinitionError naming the row and key."""
    listed = table.get(key, [])
    if not isinstance(listed, list):
        raise DefinitionError(f"{place}: {key}: expected a list")
    return [checked(row, f"{place}: {key}[{number}]", required, optional) for number, row in enumerate(listed)]


def positive(text: object, place: str) -> Decimal:
    """A number above 0 that is written as text, so that no digit of it is lost; raises DefinitionError."""
    try:
        number = Decimal(text) if isinstance(text, str) else Decimal()
    except InvalidOperation:
        number = Decimal()
    if not number.is_finite() or number <= 0:
        raise DefinitionError(f"{place}: expected a number above 0 as text, not {text!r}")
    return number


def _is_of(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
