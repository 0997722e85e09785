"""Danger D17 of cards/dangers.toml does not happen: a record is not read naively."""

from __future__ import annotations

import pytest
from chart_builder import Element, condition, finding, observation, percent, quantity, said, stated, study, value

from mappings.findings import State

_NET = condition("nen_of_duodenum")


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_d17_study_that_was_cancelled_or_is_an_error_is_not_done(status: str) -> None:
    assert value("abdominal_imaging", _NET, study("ct_abdomen", status=status)) == "absent"


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_d17_diagnosis_that_was_refuted_or_is_an_error_is_none(verification: str) -> None:
    found = finding("diagnosis_status", condition("nen_of_duodenum", verification=verification))

    assert found.state is State.ABSENT


@pytest.mark.parametrize("clinical", ["inactive", "resolved"])
def test_d17_diagnosis_of_the_past_is_not_active(clinical: str) -> None:
    assert value("diagnosis_status", condition("nen_of_duodenum", clinical=clinical)) == "inactive"


@pytest.mark.parametrize(
    ("amount", "grade"),
    [(percent(1, "<"), "G1"), (said("3-5 %"), "G2"), (said("2-3 %"), "indeterminate"), (percent(20), "G2")],
)
def test_d17_ki67_with_comparator_or_range_is_graded_by_the_whole_of_it(amount: Element, grade: str) -> None:
    well = observation("differentiation", stated("well_differentiated"))

    assert value("grade", _NET, observation("ki67_index", amount), well) == grade


def test_d17_size_in_centimetres_is_no_size_in_millimetres() -> None:
    assert value("tumour_size", observation("tumour_size", quantity(1.2, "cm"))) == "12 mm"
