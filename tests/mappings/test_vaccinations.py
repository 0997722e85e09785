"""Vaccinations before a splenectomy: complete with all three, whatever product holds them."""

from __future__ import annotations

import pytest
from chart_builder import coding, finding, vaccination, value
from finding_examples import EXAMPLES

from mappings.findings import State
from mappings.screening.types import READ_TYPES


@pytest.mark.parametrize("missing", ["pneumococcal_vaccine", "hib_vaccine", "meningococcal_vaccine"])
def test_vaccines_are_incomplete_where_one_is_missing(missing: str) -> None:
    others = [
        v for v in EXAMPLES["splenectomy_vaccines"].chart if v["vaccineCode"] != vaccination(missing)["vaccineCode"]
    ]

    found = finding("splenectomy_vaccines", *others)

    assert found.value == "incomplete"
    assert len(found.evidence) == 2


def test_combined_vaccine_counts_for_both() -> None:
    combined = vaccination(coding("CVX", "148"))

    found = value("splenectomy_vaccines", combined, vaccination("pneumococcal_vaccine"))

    assert found == "complete"


def test_vaccines_are_unknown_after_an_incomplete_search() -> None:
    found = finding("splenectomy_vaccines", vaccination("hib_vaccine"), complete=READ_TYPES - {"Immunization"})

    assert found.state is State.UNKNOWN
