"""Which drafts are selected: those that the selections name, or all."""

from typing import Any

import pytest
from draft_builder import DRUG, drafts


@pytest.mark.parametrize(
    ("selections", "selected"),
    [
        (["MedicationRequest/d1"], True),
        (["https://ehr.example/fhir/MedicationRequest/d1"], True),
        (["MedicationRequest/d1/_history/2"], True),
        (["d1"], True),
        (["MedicationRequest/d2"], False),
        (["MedicationRequest/d2", "MedicationRequest/of-another-time"], False),
        ([None, 5, {}], False),
        ([], False),
        (None, True),
    ],
    ids=repr,
)
def test_selected_is_what_the_selections_name(selections: list[Any] | None, selected: bool) -> None:
    read, _ = drafts(DRUG, {**DRUG, "id": "d2"}, selections=selections)

    assert read.selected is selected


@pytest.mark.parametrize("selection", ["MedicationRequest/d3", "ServiceRequest/d1", "of-another-time"])
def test_selections_that_name_nothing_that_is_there_leave_all_selected(selection: str) -> None:
    assert [read.selected for read in drafts(DRUG, {**DRUG, "id": "d2"}, selections=[selection])] == [True, True]
