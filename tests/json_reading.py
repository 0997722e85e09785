"""What a test reads out of JSON."""

from __future__ import annotations

from collections.abc import Iterator


def empties(value: object, place: str = "$") -> Iterator[str]:
    """The places of every null, empty string, empty list and empty object."""
    if value is None or value in ("", [], {}):
        yield place
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from empties(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from empties(inner, f"{place}[{number}]")


def utf16_units(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2
