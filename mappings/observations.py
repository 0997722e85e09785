"""Observations of a record by value set: a chart has thousands, and readers ask for a few of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from mappings.adapt import Adapter
from mappings.entries import Entry, Observation


class Readable(msgspec.Struct, frozen=True, gc=False):
    """A resource that could be read, its name, and the value sets that its codes are in."""

    resource: Any
    name: str
    value_sets: frozenset[str]


class Observations:
    """Observations that could be read, in the order of the record; each is made an entry when it is first asked for."""

    def __init__(
        self, readable: Sequence[Readable], adapter: Adapter, checked: Callable[[Entry], Entry] = lambda entry: entry
    ) -> None:
        self._readable = readable
        self._adapter = adapter
        self._checked = checked
        self._entries: dict[int, Entry] = {}
        self._places: dict[str, list[int]] = {}
        for place, held in enumerate(readable):
            for value_set in held.value_sets:
                self._places.setdefault(value_set, []).append(place)

    def of(self, value_set: str) -> list[Observation]:
        """Those of which the code or that of a component is in a value set."""
        entries = map(self._entry, self._places.get(value_set, ()))
        return [entry for entry in entries if isinstance(entry, Observation)]

    def all(self) -> tuple[Entry, ...]:
        """Every one."""
        return tuple(self._entry(place) for place in range(len(self._readable)))

    def _entry(self, place: int) -> Entry:
        if place not in self._entries:
            held = self._readable[place]
            self._entries[place] = self._checked(self._adapter.entry("Observation", held.resource, held.name))
        return self._entries[place]
