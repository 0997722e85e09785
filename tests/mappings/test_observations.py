"""Observations by value set: which are read when, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.entries import Observation
from mappings.observations import Observations
from mappings.screening.page import Fate, Screened

NAMES = [f"set {letter}" for letter in "hcagfbed"]


def screened(name: str, *value_sets: str, sure: bool = True) -> Screened:
    """An observation of some value sets."""
    sets = frozenset(value_sets)
    return Screened("Observation", name, "", Fate.KEPT, value_sets=sets, sets_are_sure=sure)


class Reading:
    """Notes what is read, and makes nothing of it."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, resource: Screened) -> Iterator[Observation]:
        self.read.append(resource.id)
        return iter(())


def test_what_is_looked_at_is_read_in_the_same_order_in_every_process() -> None:
    reading = Reading()
    observations = Observations([screened(name, name) for name in NAMES], reading)

    observations.look_at({*NAMES})

    assert reading.read == sorted(NAMES)


def test_an_observation_is_read_when_one_of_its_value_sets_is_asked_for_and_no_other() -> None:
    reading = Reading()
    observations = Observations([screened("one", "a", "b"), screened("two", "c")], reading)

    observations.of("b")

    assert reading.read == ["one"]


def test_an_observation_that_may_be_of_any_value_set_is_read_with_the_first() -> None:
    reading = Reading()
    observations = Observations([screened("one", "a"), screened("two", "b", sure=False)], reading)

    observations.look_at({"a"})

    assert reading.read == ["two", "one"]


def test_no_observation_is_read_twice() -> None:
    reading = Reading()
    observations = Observations([screened("one", "a", "b", sure=False)], reading)

    for value_set in ("a", "b", "a"):
        observations.look_at({value_set})
        observations.of(value_set)

    assert reading.read == ["one"]
