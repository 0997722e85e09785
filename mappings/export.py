"""The value sets as FHIR R4: a ValueSet each, and one ConceptMap from every code to what it means here."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from mappings.value_sets import Terminology, ValueSet

BASE = "https://hoofbeats.example/fhir"
_PUBLISHER = "Hoofbeats"


def value_set_resources(terminology: Terminology) -> Iterator[dict[str, Any]]:
    """A ValueSet for each value set that has codes."""
    for value_set in terminology.value_sets.values():
        if value_set.members:
            yield _value_set(value_set, terminology)


def concept_map(terminology: Terminology) -> dict[str, Any]:
    """From each code to the value sets that it belongs to, by system."""
    rows = sorted(
        (terminology.systems[member.system].url, member.code, member.display, value_set.name, value_set.meaning)
        for value_set in terminology.value_sets.values()
        for member in value_set.members
    )
    return {
        "resourceType": "ConceptMap",
        "id": "hoofbeats-codes",
        "url": f"{BASE}/ConceptMap/codes",
        "name": "HoofbeatsCodes",
        "title": "What each code means to Hoofbeats",
        "status": "draft",
        "publisher": _PUBLISHER,
        "group": [_group(system, list(of_system)) for system, of_system in groupby(rows, key=lambda row: row[0])],
    }


def _value_set(value_set: ValueSet, terminology: Terminology) -> dict[str, Any]:
    members = sorted(value_set.members, key=lambda m: (m.system, m.code))
    return {
        "resourceType": "ValueSet",
        "id": value_set.name.replace("_", "-"),
        "url": f"{BASE}/ValueSet/{value_set.name.replace('_', '-')}",
        "name": "".join(part.capitalize() for part in value_set.name.split("_")),
        "title": value_set.name.replace("_", " "),
        "status": "draft",
        "publisher": _PUBLISHER,
        "description": value_set.meaning,
        "compose": {
            "include": [
                {
                    "system": terminology.systems[system].url,
                    "concept": [{"code": m.code, **({"display": m.display} if m.display else {})} for m in of_system],
                }
                for system, of_system in groupby(members, key=lambda m: m.system)
            ]
        },
    }


def _group(system: str, rows: list[tuple[str, str, str, str, str]]) -> dict[str, Any]:
    elements = []
    for (code, display), of_code in groupby(rows, key=lambda row: (row[1], row[2])):
        targets = [{"code": name, "display": meaning, "equivalence": "wider"} for _, _, _, name, meaning in of_code]
        elements.append({"code": code, **({"display": display} if display else {}), "target": targets})
    return {"source": system, "target": f"{BASE}/CodeSystem/value-set", "element": elements}
