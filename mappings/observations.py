"""Observations of a record by value set: a chart has thousands, and readers ask for a few of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from mappings.entries import Observation
from mappings.screening.page import Screened

Read = Callable[[Screened], Observation | None]


class Observations:
    """The observations of a record, in its order; each is read once, when one of its value sets is first asked for.

    Where nobody can tell all its value sets, it may be of any, and is read with the first.
    """

    def __init__(self, screened: Sequence[Screened], read: Read) -> None:
        self._screened = screened
        self._read = read
        self._held: dict[int, Observation | None] = {}
        self._unsure = [place for place, held in enumerate(screened) if not held.sets_are_sure]
        alike: dict[frozenset[str], list[int]] = {}
        for place, held in enumerate(screened):
            alike.setdefault(held.value_sets, []).append(place)
        self._places: dict[str, list[int]] = {}
        for value_sets, places in alike.items():
            for value_set in value_sets:
                self._places.setdefault(value_set, []).extend(places)
        self._unread = set(self._places)

    def of(self, value_set: str) -> Sequence[Observation]:
        """Those that could be read of which the code or that of a component is in a value set."""
        self._unread.discard(value_set)
        places = self._places.get(value_set)
        if places is None:
            return ()
        return [held for place in sorted(places) if (held := self._at(place)) is not None]

    def look_at(self, value_sets: Collection[str]) -> None:
        """Reads those of some value sets, and those that may be of any."""
        if self._unsure:
            self.look_at_unsure()
        if self._unread.isdisjoint(value_sets):
            return
        for value_set in sorted(self._unread.intersection(value_sets)):  # what cannot be read is named in this order
            self.of(value_set)

    def look_at_unsure(self) -> None:
        """Reads those that may be of any value set."""
        unsure, self._unsure = self._unsure, []
        for place in unsure:
            self._at(place)

    def _at(self, place: int) -> Observation | None:
        if place not in self._held:
            self._held[place] = self._read(self._screened[place])
        return self._held[place]
