"""Problems: the entries of the problem list that are of some value sets, by whether they are so now."""

from __future__ import annotations

from typing import NamedTuple

from mappings.chart import Chart
from mappings.entries import Condition


class Problems(NamedTuple):
    """The problems of some value sets: confirmed and active, suspected and active, in remission."""

    confirmed: tuple[Condition, ...]
    suspected: tuple[Condition, ...]
    in_remission: tuple[Condition, ...]


_NO_PROBLEMS = Problems((), (), ())


def problems_of(chart: Chart, *value_sets: str) -> Problems:
    """The problems of which the code or a morphology is in one of the value sets, in the order of the record."""
    held: dict[str, list[Condition]] = {}
    for condition in chart.record.entries(Condition, "Condition"):
        if not condition.sets.isdisjoint(value_sets):
            held.setdefault(condition.state, []).append(condition)
    if not held:
        return _NO_PROBLEMS
    return Problems(tuple(held.get("active", ())), tuple(held.get("suspected", ())), tuple(held.get("remission", ())))
