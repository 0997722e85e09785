"""What says of itself that nobody knows its status is neither evidence nor nothing."""

from __future__ import annotations

import pytest
from chart_builder import (
    Resource,
    finding,
    marker,
    observation,
    percent,
    procedure,
    report,
    study,
    value,
)
from finding_examples import NET, REASON

from mappings.findings import State


@pytest.mark.parametrize(
    ("step", "resource"),
    [
        ("chromogranin_a_test", marker("chromogranin_a", 50, 100, status="unknown")),
        ("sstr_imaging", study("sstr_pet", status="unknown")),
        ("histopathology", report("pathology_report", status="unknown")),
        ("endoscopic_ultrasound", procedure("endoscopic_ultrasound", status="unknown")),
    ],
    ids=["result", "study", "report", "procedure"],
)
def test_step_of_unknown_status_is_not_missing(step: str, resource: Resource) -> None:
    found = finding(step, NET, resource)

    assert found.state is State.UNKNOWN
    assert "status" in found.conflicts[0]


def test_step_of_unknown_status_leaves_the_others_missing() -> None:
    found = value("gastrin_test", NET, marker("chromogranin_a", 50, 100, status="unknown"))

    assert found == "absent"


def test_step_that_was_done_stays_done_beside_one_of_unknown_status() -> None:
    found = value("sstr_imaging", NET, study("sstr_pet"), study("sstr_pet", status="unknown", on="2026-06-01"))

    assert found == "done"


def test_latest_ki67_of_unknown_status_takes_the_older_one_back() -> None:
    later = observation("ki67_index", percent(25), on="2026-06-01", status="unknown")

    found = finding("ki67_index", NET, observation("ki67_index", percent(2)), later)

    assert found.state is State.UNKNOWN


def test_resection_of_unknown_status_leaves_open_whether_the_primary_is_in_place() -> None:
    found = finding("primary_in_situ", NET, procedure("duodenal_surgery", reason=REASON, status="unknown"))

    assert found.state is State.UNKNOWN


def test_surveillance_is_not_overdue_where_a_study_of_unknown_status_may_have_been_it() -> None:
    scan = study("ct_abdomen", on="2025-01-10")

    found = finding("months_since_abdominal_imaging", NET, scan, study("ct_abdomen", on="2026-10-10", status="unknown"))

    assert found.state is State.UNKNOWN
