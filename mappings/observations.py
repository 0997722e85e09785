"""Observations of a record by value set: a chart has thousands, and readers ask for a few of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mappings.adapt import Adapter
from mappings.entries import Entry, Observation


class Observations:
    """Observations that could be read, in the order of the record; each is made an entry when it is first asked for."""

    def __init__(self, resources: Sequence[tuple[Any, str]], adapter: Adapter) -> None:
        self._resources = resources
        self._adapter = adapter
        self._entries: dict[int, Entry] = {}
        self._places: dict[str, list[int]] = {}
        for place, (resource, _) in enumerate(resources):
            for value_set in self._value_sets(resource):
                self._places.setdefault(value_set, []).append(place)

    def of(self, value_set: str) -> Iterator[Observation]:
        """Those of which the code or that of a component is in a value set."""
        for place in self._places.get(value_set, ()):
            entry = self._entry(place)
            if isinstance(entry, Observation):
                yield entry

    def all(self) -> tuple[Entry, ...]:
        """Every one."""
        return tuple(self._entry(place) for place in range(len(self._resources)))

    def _value_sets(self, resource: Any) -> frozenset[str]:
        codes = [resource.code, *(part.code for part in resource.component or () if part is not None)]
        return frozenset().union(*map(self._adapter.value_sets, codes))

    def _entry(self, place: int) -> Entry:
        if place not in self._entries:
            self._entries[place] = self._adapter.entry("Observation", *self._resources[place])
        return self._entries[place]
