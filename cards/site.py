"""A site's own file, parsed once: what it adds to value sets, and what it decides about rules and services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mappings.tables import Keys, checked, read_file, rows
from mappings.value_sets import Additions

_TABLES: Keys = {"systems": dict, "value_sets": dict, "rules": dict, "services": dict, "signed": list}
_SIGNED: Keys = {"rule": str, "name": str, "date": date, "hash": str}


@dataclass(frozen=True, slots=True)
class SiteFile:
    """What stands in a site's file of this name: additions, tables of rules and services, signatures."""

    name: str
    additions: Additions
    rules: Mapping[str, dict[str, Any]]
    services: Mapping[str, dict[str, Any]]
    signed: tuple[dict[str, Any], ...]


def read_site(path: Path | None) -> SiteFile:
    """A site's file, empty where a site has none; raises DefinitionError naming file and key."""
    name = path.name if path is not None else ""
    tables = checked(read_file(path, name), name, {}, _TABLES) if path is not None else {}
    return SiteFile(
        name,
        Additions(name, tables.get("systems", {}), tables.get("value_sets", {})),
        _tables(tables, "rules", name, {"mode": str, "months": int}),
        _tables(tables, "services", name, {"mode": str}),
        tuple(rows(tables, "signed", name, _SIGNED, {})),
    )


def _tables(tables: Mapping[str, Any], key: str, file: str, keys: Keys) -> dict[str, dict[str, Any]]:
    return {name: checked(table, f"{file}: {key}.{name}", {}, keys) for name, table in tables.get(key, {}).items()}
