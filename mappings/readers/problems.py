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


def problems_of(chart: Chart, *value_sets: str) -> Problems:
    """The problems of which the code or a morphology is in one of the value sets, in the order of the record."""
    held = [condition for condition in chart.record.entries(Condition, "Condition") if condition.is_a(*value_sets)]
    states = ("active", "suspected", "remission")
    return Problems(*(tuple([condition for condition in held if condition.state == state]) for state in states))
