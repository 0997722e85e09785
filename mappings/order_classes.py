"""Order classes: what an order may be for, which value sets mean it, and what is special about it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mappings.errors import DefinitionError, UnknownName, place_of
from mappings.tables import Keys, read_tables

_FILE = Path(__file__).with_suffix(".toml")
_REQUIRED: Keys = {"words": str}
_OPTIONAL: Keys = {
    "value_sets": list,
    "includes": list,
    "is_drug": bool,
    "stops": str,
    "judged_without_neoplasm": bool,
}


@dataclass(frozen=True, slots=True)
class OrderClass:
    """What an order may be for, in the words of a card, and the value sets that mean it.

    `stops` is the class of which it is the stopping, where it is one. A drug treats no emergency of the tumour,
    however urgently it is ordered.
    """

    name: str
    words: str
    value_sets: tuple[str, ...]
    stops: str
    is_drug: bool
    judged_without_neoplasm: bool


OrderClasses = Mapping[str, OrderClass]


@cache
def order_classes() -> OrderClasses:
    """The shipped classes by name, loaded once; raises DefinitionError."""
    return load_order_classes()


def load_order_classes(path: Path = _FILE) -> OrderClasses:
    """The classes of a file by name, in its order; raises DefinitionError naming file, class and key."""
    tables = read_tables(path, _REQUIRED, _OPTIONAL)
    for name, table in tables.items():
        _check(table, tables, f"{place_of(path)}: {name}")
    return {name: _order_class(name, table, tables) for name, table in tables.items()}


def check_order_classes(classes: OrderClasses, value_sets: Container[str]) -> None:
    """Raises UnknownName where a class is made of a value set that does not exist."""
    for held in classes.values():
        for name in held.value_sets:
            if name not in value_sets:
                raise UnknownName(f"{place_of(_FILE)}: {held.name}: value_sets: no value set called {name!r}")


def _check(table: Mapping[str, Any], tables: Mapping[str, Any], place: str) -> None:
    if ("stops" in table) == bool({"value_sets", "includes"} & table.keys()):
        raise DefinitionError(f"{place}: expected either value_sets and includes, or stops")
    for key, names in (
        ("includes", table.get("includes", [])),
        ("stops", [table["stops"]] if "stops" in table else []),
    ):
        for name in names:
            if name not in tables:
                raise UnknownName(f"{place}: {key}: no class called {name!r}")
    for name in table.get("includes", []):
        if {"includes", "stops"} & tables[name].keys():
            raise DefinitionError(f"{place}: includes: {name} is itself made of other classes")


def _order_class(name: str, table: Mapping[str, Any], tables: Mapping[str, Any]) -> OrderClass:
    parts = [table, *(tables[included] for included in table.get("includes", ()))]
    return OrderClass(
        name=name,
        words=table["words"],
        value_sets=tuple(dict.fromkeys(value_set for part in parts for value_set in part.get("value_sets", ()))),
        stops=table.get("stops", ""),
        is_drug=table.get("is_drug", False),
        judged_without_neoplasm=table.get("judged_without_neoplasm", False),
    )
