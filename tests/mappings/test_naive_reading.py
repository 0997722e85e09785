"""Danger D17 of cards/dangers.toml does not happen: no amount is read naively; for statuses see test_every_finding."""

from __future__ import annotations

import pytest
from chart_builder import Element, condition, observation, percent, quantity, said, stated, value

_NET = condition("nen_of_duodenum")


@pytest.mark.parametrize(
    ("amount", "grade"),
    [(percent(1, "<"), "G1"), (said("3-5 %"), "G2"), (said("2-3 %"), "indeterminate"), (percent(20), "G2")],
)
def test_d17_ki67_with_comparator_or_range_is_graded_by_the_whole_of_it(amount: Element, grade: str) -> None:
    well = observation("differentiation", stated("well_differentiated"))

    assert value("grade", _NET, observation("ki67_index", amount), well) == grade


def test_d17_size_in_centimetres_is_no_size_in_millimetres() -> None:
    assert value("tumour_size", observation("tumour_size", quantity(1.2, "cm"))) == "12 mm"
