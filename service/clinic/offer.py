"""What the clinic offers to order and shows in its chart, with the codes of the value sets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mappings.errors import DefinitionError
from mappings.requests import ordering
from mappings.tables import read_file
from mappings.value_sets import Terminology

_FILE = Path(__file__).with_name("clinic.toml")


def offer_of(terminology: Terminology, file: Path = _FILE) -> dict[str, Any]:
    """Tours, parts, orders as drafts, facts and series by code; raises DefinitionError where a value set lacks one."""
    held = read_file(file)
    return {
        "tours": held.get("tours", []),
        "parts": held.get("parts", []),
        "orders": [_order(row, terminology) for row in held["orders"]],
        "facts": [{**row, "codes": _codes(row["sets"], terminology)} for row in held["facts"]],
        "series": [{**row, "codes": _codes(row["sets"], terminology)} for row in held["series"]],
    }


def _order(row: dict[str, str], terminology: Terminology) -> dict[str, Any]:
    """An order as it is drafted, still without its patient and its id."""
    for member in terminology.value_sets[row["set"]].members:
        if member.code == row["code"]:
            draft = ordering(row["kind"], terminology.coding(member), row["name"])
            return {"name": row["name"], "group": row["group"], "resource": draft}
    raise DefinitionError(f"{_FILE.name}: {row['name']}: {row['code']} is not in the value set {row['set']}")


def _codes(sets: Iterable[str], terminology: Terminology) -> list[str]:
    """Every code of some value sets as system|code, in every spelling of the system."""
    return [
        f"{spelling}|{member.code}"
        for name in sets
        for member in terminology.value_sets[name].members
        for spelling in sorted(terminology.systems[member.system].spellings())
    ]
