"""The requests of all patients, and the ways in which an element of one is lost, changed or put elsewhere."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

from hypothesis import strategies as st
from stories import STORIES, request_of

REQUESTS = [request_of(story) for story in STORIES]
OTHER_TYPES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "text",
    [],
    {},
    [None],
    [[]],
    {"coding": {}},
    "2026-13-45",
    {"x": [1]},
)
Way: TypeAlias = tuple[Any, ...]


def places(element: Any, path: Way = ()) -> list[Way]:
    """The way to every element below the top."""
    found = [path] if path else []
    keys = element if isinstance(element, dict) else range(len(element)) if isinstance(element, list) else ()
    for key in keys:
        found += places(element[key], (*path, key))
    return found


def parent_of(element: Any, way: Way) -> Any:
    """What holds the element that a way leads to."""
    for key in way[:-1]:
        element = element[key]
    return element


def mutated(body: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    """A body with one to three of its elements dropped, retyped, doubled or reordered."""
    body = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 3))):
        ways = places(body)
        if not ways:
            return body
        way = draw(st.sampled_from(ways))
        parent = parent_of(body, way)
        match draw(st.sampled_from(["drop", "retype", "double", "reorder"])):
            case "drop":
                del parent[way[-1]]
            case "retype":
                parent[way[-1]] = copy.deepcopy(draw(st.sampled_from(OTHER_TYPES)))
            case "double" if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[way[-1]]))
            case "reorder" if isinstance(parent, list):
                parent.reverse()
            case _:
                pass
    return body
