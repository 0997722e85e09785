"""Work-up steps that are done or absent: by results, studies, procedures, and what keeps them from being either."""

from __future__ import annotations

import pytest
from chart_builder import (
    VOCABULARY,
    care_plan,
    coding,
    concept,
    encounter,
    finding,
    local,
    observation,
    order,
    quantity,
    record_from,
    report,
    said,
    study,
    value,
    with_status,
    words,
)
from finding_examples import EXAMPLES

from mappings.fhir.models import FhirVersion
from mappings.findings import State
from mappings.screening.types import READ_TYPES
from mappings.vocabulary import Kind

STEPS = [d.name for d in VOCABULARY.values() if d.kind is Kind.STEP]


@pytest.mark.parametrize("name", ["chromogranin_a_test", "gastrin_test", "nse_test", "germline_test"])
def test_result_without_a_value_is_not_done(name: str) -> None:
    empty = observation(EXAMPLES[name].chart[0]["code"], None, dataAbsentReason=words("specimen lost"))

    found = value(name, empty)

    assert found == "absent"


def test_panel_with_a_value_in_one_part_is_done() -> None:
    part = {"code": coding("LOINC", "2951-2"), **quantity(140, "mmol/L")}

    found = value("electrolytes_test", observation(coding("LOINC", "24326-1"), component=[part]))

    assert found == "done"


def test_panel_whose_parts_are_all_empty_is_not_done() -> None:
    part = {"code": coding("LOINC", "2951-2"), "dataAbsentReason": words("not done")}

    found = value("electrolytes_test", observation(coding("LOINC", "24326-1"), component=[part]))

    assert found == "absent"


def test_part_of_a_panel_is_done_only_where_it_has_a_value_of_its_own() -> None:
    empty = {"code": concept("chromogranin_a"), "dataAbsentReason": words("not done")}
    gastrin = {"code": concept("gastrin"), **quantity(60, "ng/L")}

    found = value("chromogranin_a_test", observation(local("HORMONES"), component=[empty, gastrin]))

    assert found == "absent"


def test_newest_of_several_studies_is_the_evidence() -> None:
    found = finding("abdominal_imaging", study("ct_abdomen", on="2024-05-04"), study("mri_abdomen", on="2026-05-04"))

    assert str(found.date) == "2026-05-04"
    assert len(found.evidence) == 1


def test_the_same_study_as_image_and_report_is_one_step_with_both_as_evidence() -> None:
    found = finding("abdominal_imaging", study("ct_abdomen"), report("ct_abdomen"))

    assert len(found.evidence) == 2


def test_tumour_board_as_an_encounter_is_done() -> None:
    found = value("tumour_board", encounter("tumour_board"))

    assert found == "done"


def test_encounter_of_r5_is_dated_by_when_it_really_was() -> None:
    was = encounter("tumour_board", status="completed", on="2026-05-04")
    of_r5 = {**was, "class": [{"coding": [{"code": "AMB"}]}], "actualPeriod": was["period"]}
    del of_r5["period"]

    found = finding("tumour_board", of_r5, version=FhirVersion.R5)

    assert str(found.date) == "2026-05-04"


@pytest.mark.parametrize("status", ["planned", "cancelled", "arrived", "entered-in-error"])
def test_tumour_board_that_has_not_met_is_not_done(status: str) -> None:
    found = value("tumour_board", encounter("tumour_board", status=status))

    assert found == "absent"


def test_tumour_board_in_an_active_care_plan_is_ordered() -> None:
    found = value("tumour_board", care_plan("tumour_board"))

    assert found == "ordered"


def test_referral_to_a_tumour_board_is_no_discussion() -> None:
    found = value("tumour_board", order("tumour_board"))

    assert found == "ordered"


def test_type_that_only_counts_where_it_is_sent_does_not_keep_a_step_from_being_absent() -> None:
    found = value("tumour_board", sent=READ_TYPES - {"Encounter", "CarePlan"})

    assert found == "absent"


@pytest.mark.parametrize("kind", ["Procedure", "ServiceRequest"])
def test_type_that_was_never_searched_keeps_a_step_from_being_absent(kind: str) -> None:
    found = finding("tumour_board", sent=READ_TYPES - {kind})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("name", STEPS)
def test_step_of_an_unreadable_resource_is_unknown(name: str) -> None:
    chart = [{**with_status(r, "final"), "code": "broken", "procedureCode": "broken"} for r in EXAMPLES[name].chart]
    unreadable = [{**resource, "relationship": "broken"} for resource in chart]

    found = finding(name, *unreadable)

    assert found.state is State.UNKNOWN


def test_search_of_all_types_is_the_default_of_these_tests() -> None:
    record = record_from()

    incomplete = [kind for kind in READ_TYPES if not record.search(kind).complete]

    assert incomplete == []


def test_text_result_of_a_marker_is_done() -> None:
    found = value("chromogranin_a_test", observation("chromogranin_a", said("haemolysed, repeat")))

    assert found == "done"
