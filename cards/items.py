"""Work-up items: what a card lists as missing, in which order, and how each is ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cards.criteria import Group, parse_group
from mappings.codes import Coding
from mappings.errors import DefinitionError
from mappings.tables import Keys, checked, read_tables
from mappings.value_sets import Terminology
from mappings.vocabulary import Definition, Kind, Vocabulary, find

_FILE = Path(__file__).parent / "items.toml"
_REQUIRED: Keys = {"name": str, "weight": int, "blocking": bool}
_OPTIONAL: Keys = {"category": str, "request": str, "parts": list, "left_to": dict, "otherwise": dict}
_OTHERWISE: Keys = {"when": dict, "order": str, "remark": str}
_REQUESTS = ("ServiceRequest", "MedicationRequest")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """For whom an item is ordered in another code, the value set whose preferred code it is, and what a card says."""

    when: Group
    value_set: str
    order: Coding
    remark: str


@dataclass(frozen=True, slots=True)
class Item:
    """A work-up item: its name on the card, its weight, and the code in which it is ordered, if it can be.

    `request` is the type of the resource that orders it; `parts` are the findings that it stands for where it is no
    single finding of the vocabulary, `left_to` the items that ask for a part in its stead.
    """

    key: str
    name: str
    weight: int
    blocking: bool
    category: str
    order: Coding | None
    parts: tuple[Definition, ...]
    left_to: Mapping[str, str] = field(hash=False)
    request: str = "ServiceRequest"
    otherwise: Otherwise | None = None


def load_items(vocabulary: Vocabulary, terminology: Terminology) -> Mapping[str, Item]:
    """Every item by its key; raises DefinitionError naming file and key."""
    tables = read_tables(_FILE, _REQUIRED, _OPTIONAL)
    return {key: _item(key, table, vocabulary, terminology) for key, table in tables.items()}


def _item(key: str, table: Mapping[str, Any], vocabulary: Vocabulary, terminology: Terminology) -> Item:
    request = table.get("request", "ServiceRequest")
    if request not in _REQUESTS:
        raise DefinitionError(
            f"cards/items.toml: {key}: request: expected one of {', '.join(_REQUESTS)}, not {request!r}"
        )
    order = _order(key, vocabulary, terminology)
    if order is not None and not table.get("category"):
        raise DefinitionError(f"cards/items.toml: {key}: category is missing, although the step can be ordered")
    return Item(
        key,
        table["name"],
        table["weight"],
        table["blocking"],
        table.get("category", ""),
        order,
        tuple(find(vocabulary, part) for part in table.get("parts", ())),
        table.get("left_to", {}),
        request,
        _otherwise(key, table["otherwise"], vocabulary, terminology) if "otherwise" in table else None,
    )


def _order(key: str, vocabulary: Vocabulary, terminology: Terminology) -> Coding | None:
    definition = vocabulary.get(key)
    if definition is None or definition.kind is not Kind.STEP or definition.order is None:
        return None
    return terminology.preferred(definition.order)


def _otherwise(key: str, table: Mapping[str, Any], vocabulary: Vocabulary, terminology: Terminology) -> Otherwise:
    place = f"cards/items.toml: {key}.otherwise"
    checked(table, place, _OTHERWISE, {})
    when = parse_group(table["when"], vocabulary, f"{place}.when")
    return Otherwise(when, table["order"], terminology.preferred(table["order"]), table["remark"])
