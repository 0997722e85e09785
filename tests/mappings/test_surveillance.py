"""Time since studies and tests: counted in calendar months, as an interval where a day or a study is not certain."""

from __future__ import annotations

from datetime import date

import pytest
from chart_builder import (
    Resource,
    finding,
    marker,
    procedure,
    report,
    study,
    value,
    without_date,
)
from finding_examples import NET, REASON

from mappings.findings import State
from mappings.screening.types import READ_TYPES

CT = "months_since_abdominal_imaging"
EUS = "months_without_eus_after_endoscopic_resection"
ENDOSCOPY = "months_without_endoscopy_after_endoscopic_resection"


def removed(on: str = "2026-05-20", operation: str = "endoscopic_resection") -> Resource:
    return procedure(operation, reason=REASON, on=on)


@pytest.mark.parametrize(
    ("day", "today", "expected"),
    [
        ("2026-05-20", date(2026, 11, 20), "6 mo"),
        ("2026-05-20", date(2026, 11, 19), "5.94 mo"),
        ("2026-05-20", date(2026, 11, 21), "6.03 mo"),
        ("2026-01-31", date(2026, 2, 28), "1 mo"),
        ("2026-01-31", date(2026, 3, 1), "1.03 mo"),
        ("2026-01-30", date(2026, 2, 28), "1 mo"),
        ("2024-02-29", date(2025, 2, 28), "12 mo"),
        ("2023-08-31", date(2024, 2, 29), "6 mo"),
        ("2025-12-31", date(2026, 12, 31), "12 mo"),
        ("2026-11-20", date(2026, 11, 20), "0 mo"),
        ("2026-11-25", date(2026, 11, 20), "0 mo"),
    ],
)
def test_months_are_counted_by_the_calendar(day: str, today: date, expected: str) -> None:
    found = value(CT, study("ct_abdomen", on=day), today=today)

    assert found == expected


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-05", "5.62–6.59 mo"), ("2025", "10.62–22.59 mo"), ("2026", "0–10.59 mo")]
)
def test_months_since_a_day_that_is_not_certain_are_an_interval(day: str, expected: str) -> None:
    found = value(CT, study("ct_abdomen", on=day))

    assert found == expected


def test_latest_study_counts() -> None:
    found = value(CT, study("ct_abdomen", on="2024-05-20"), study("mri_abdomen", on="2026-05-20"))

    assert found == "6 mo"


def test_year_of_one_study_does_not_widen_what_the_day_of_another_tells() -> None:
    found = value(CT, study("ct_abdomen", on="2026"), study("mri_abdomen", on="2026-05-20"))

    assert found == "0–6 mo"


def test_resection_after_the_study_counts() -> None:
    found = value(CT, NET, study("ct_abdomen", on="2024-05-20"), removed("2026-08-20"))

    assert found == "3 mo"


def test_resection_before_the_study_does_not_count() -> None:
    found = value(CT, NET, removed("2020-05-20"), study("ct_abdomen", on="2026-05-20"))

    assert found == "6 mo"


def test_resection_without_any_study_counts() -> None:
    found = value(CT, NET, removed("2026-05-20"))

    assert found == "6 mo"


def test_later_resection_that_may_have_been_of_the_tumour_makes_an_interval() -> None:
    found = value(CT, NET, study("ct_abdomen", on="2025-11-20"), procedure("duodenal_surgery", on="2026-08-20"))

    assert found == "3–12 mo"


def test_later_scan_without_a_region_makes_an_interval() -> None:
    uncoded = study(None, modality=["CT"], on="2026-08-20")

    found = value(CT, study("ct_abdomen", on="2025-11-20"), uncoded)

    assert found == "3–12 mo"


def test_latest_study_alone_is_the_evidence() -> None:
    found = finding(CT, study("ct_abdomen", on="2024-05-20"), study("mri_abdomen", on="2026-05-20"))

    assert [str(evidence.date) for evidence in found.evidence] == ["2026-05-20"]


def test_later_doubtful_study_is_evidence_beside_the_certain_one() -> None:
    found = finding(CT, study("ct_abdomen", on="2025-11-20"), study(None, modality=["CT"], on="2026-08-20"))

    assert [str(evidence.date) for evidence in found.evidence] == ["2025-11-20", "2026-08-20"]


def test_doubtful_study_of_the_same_day_is_no_evidence() -> None:
    found = finding(CT, study("ct_abdomen", on="2025-11-20"), study(None, modality=["CT"], on="2025-11-20"))

    assert len(found.evidence) == 1


def test_earlier_scan_without_a_region_does_not_matter() -> None:
    uncoded = study(None, modality=["CT"], on="2024-08-20")

    found = value(CT, study("ct_abdomen", on="2025-11-20"), uncoded)

    assert found == "12 mo"


def test_later_pet_without_a_tracer_makes_an_interval() -> None:
    unstated = report("pet_tracer_unstated", on="2026-08-20")

    found = value("months_since_sstr_imaging", study("sstr_pet", on="2025-11-20"), unstated)

    assert found == "3–12 mo"


def test_scan_without_a_region_alone_leaves_it_unknown() -> None:
    found = finding(CT, study(None, modality=["CT"]))

    assert found.state is State.UNKNOWN


def test_later_study_without_a_day_makes_an_interval() -> None:
    found = value(CT, study("ct_abdomen", on="2025-11-20"), without_date(study("mri_abdomen")))

    assert found == "0–12 mo"


def test_study_without_a_day_alone_leaves_it_unknown() -> None:
    found = finding(CT, without_date(study("ct_abdomen")))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "registered"])
def test_study_that_was_not_done_does_not_count(status: str) -> None:
    found = value(CT, study("ct_abdomen", on="2025-11-20"), study("mri_abdomen", on="2026-08-20", status=status))

    assert found == "12 mo"


@pytest.mark.parametrize("kind", ["ImagingStudy", "DiagnosticReport", "Procedure", "ServiceRequest"])
def test_months_are_unknown_where_a_later_study_might_not_be_here(kind: str) -> None:
    found = finding(CT, study("ct_abdomen"), complete=READ_TYPES - {kind})

    assert found.state is State.UNKNOWN


def test_months_since_a_marker_are_unknown_where_a_resection_might_not_be_here() -> None:
    sample = marker("chromogranin_a", 50, 100)

    found = finding("months_since_chromogranin_a", sample, complete=READ_TYPES - {"Procedure"})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("months_since_pancreatic_imaging", study("mri_abdomen", on="2026-05-20")),
        ("months_since_pancreatic_imaging", procedure("endoscopic_ultrasound", on="2026-05-20")),
        ("months_since_staging_imaging", study("sstr_pet", on="2026-05-20")),
        ("months_since_tumour_marker", marker("chromogranin_a", 50, 100, on="2026-05-20")),
        ("months_since_tumour_marker", marker("nse", 5, 16, on="2026-05-20")),
    ],
)
def test_any_of_the_steps_counts(name: str, resource: Resource) -> None:
    found = value(name, resource)

    assert found == "6 mo"


def test_chest_ct_is_no_abdominal_imaging() -> None:
    found = finding(CT, study("ct_chest"))

    assert found.state is State.NOT_APPLICABLE


def test_months_without_ultrasound_are_counted_from_the_endoscopic_resection() -> None:
    found = value(EUS, NET, removed("2025-11-20"))

    assert found == "12 mo"


def test_surgery_is_no_endoscopic_resection() -> None:
    found = finding(EUS, NET, removed(operation="duodenal_surgery"))

    assert found.state is State.NOT_APPLICABLE


def test_ultrasound_after_the_resection_ends_the_wait() -> None:
    found = finding(EUS, NET, removed("2025-11-20"), procedure("endoscopic_ultrasound", on="2026-02-20"))

    assert found.state is State.NOT_APPLICABLE


@pytest.mark.parametrize("day", ["2025-11-20", "2025-11-19", "2024"])
def test_ultrasound_before_or_on_the_day_of_the_resection_does_not_end_the_wait(day: str) -> None:
    found = value(EUS, NET, removed("2025-11-20"), procedure("endoscopic_ultrasound", on=day))

    assert found == "12 mo"


@pytest.mark.parametrize("day", ["2025", "2025-11", ""])
def test_ultrasound_that_may_have_been_before_or_after_the_resection_leaves_it_open(day: str) -> None:
    found = finding(EUS, NET, removed("2025-11-20"), procedure("endoscopic_ultrasound", on=day))

    assert found.state is State.UNKNOWN


def test_later_resection_begins_the_wait_again() -> None:
    ultrasound = procedure("endoscopic_ultrasound", on="2025-02-20")

    found = value(EUS, NET, removed("2024-11-20"), ultrasound, removed("2025-11-20"))

    assert found == "12 mo"


def test_endoscopic_resection_without_a_day_leaves_it_open() -> None:
    undated = without_date(removed())

    found = finding(EUS, NET, undated, procedure("endoscopic_ultrasound", on="2026-02-20"))

    assert found.state is State.UNKNOWN


def test_endoscopic_resection_without_a_reason_leaves_it_open() -> None:
    found = finding(EUS, NET, procedure("endoscopic_resection", on="2025-11-20"))

    assert found.state is State.UNKNOWN


def test_endoscopy_after_the_resection_ends_only_the_wait_for_endoscopy() -> None:
    chart = [NET, removed("2025-11-20"), procedure("upper_endoscopy", on="2026-02-20")]

    states = [finding(name, *chart).state for name in (EUS, ENDOSCOPY)]

    assert states == [State.KNOWN, State.NOT_APPLICABLE]
