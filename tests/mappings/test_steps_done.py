"""Work-up steps: done, ordered or absent, and the studies that leave it open."""

from __future__ import annotations

import pytest
from chart_builder import (
    TERMINOLOGY,
    VOCABULARY,
    Element,
    Resource,
    care_plan,
    coding,
    concept,
    encounter,
    finding,
    local,
    observation,
    order,
    procedure,
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
ORDERABLE = {d.name: d.order for d in VOCABULARY.values() if d.order is not None}


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
@pytest.mark.parametrize("status", ["active", "on-hold", "draft"])
def test_step_is_ordered_by_an_open_request(name: str, order_set: str, status: str) -> None:
    found = value(name, order(order_set, status=status))

    assert found == "ordered"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_step_that_was_done_is_done_even_if_it_is_ordered_again(name: str, order_set: str) -> None:
    found = value(name, *EXAMPLES[name].chart, order(order_set))

    assert found == "done"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
@pytest.mark.parametrize("status", ["revoked", "completed", "entered-in-error", "unknown"])
def test_request_that_is_not_open_orders_nothing(name: str, order_set: str, status: str) -> None:
    found = value(name, order(order_set, status=status))

    assert found == "absent"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_code_in_which_a_step_is_suggested_is_read_as_its_order(name: str, order_set: str) -> None:
    preferred = TERMINOLOGY.preferred(order_set)
    code = {"coding": [{"system": preferred.system, "code": preferred.code}]}

    found = value(name, order(code))

    assert found == "ordered"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_open_orders_name_the_step(name: str, order_set: str) -> None:
    found = value("open_orders", order(order_set))

    assert name in str(found)


def test_open_orders_are_incomplete_after_an_incomplete_search() -> None:
    found = finding("open_orders", order("ct_abdomen"), complete=False)

    assert found.value == frozenset({"abdominal_imaging"})
    assert not found.complete


@pytest.mark.parametrize("searches", [{}, {"complete": {"ServiceRequest"}}])
def test_open_orders_are_complete_after_a_complete_search_for_orders(searches: dict[str, set[str]]) -> None:
    found = finding("open_orders", order("ct_abdomen"), **searches)

    assert found.complete


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_order_alone_settles_nothing_after_an_incomplete_search_for_results(name: str, order_set: str) -> None:
    found = finding(name, order(order_set), complete={"ServiceRequest"})

    assert found.state is State.UNKNOWN


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


@pytest.mark.parametrize("resource", [study("ct_abdomen"), report("ct_abdomen"), procedure("ct_abdomen")])
def test_imaging_is_done_by_study_report_and_procedure(resource: Resource) -> None:
    found = value("abdominal_imaging", resource)

    assert found == "done"


@pytest.mark.parametrize(("description", "expected"), [("CT abdomen", "done"), ("CT ABDOMEN", "done")])
def test_study_without_code_is_read_by_its_description(description: str, expected: str) -> None:
    found = finding("abdominal_imaging", study(None, modality=["CT"], description=description))

    assert found.value == expected
    assert found.evidence[0].by_text


def series(modality: str, site: str, **more: object) -> Element:
    """A series of a study, with its body site as R4 writes it."""
    return {
        "uid": "1.2.3",
        "modality": coding("DICOM", modality)["coding"][0],
        "bodySite": {"system": "http://snomed.info/sct", "code": site},
        **more,
    }


@pytest.mark.parametrize("modality", ["CT", "MR"])
@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("818981001", "abdominal_imaging"),
        ("416775004", "abdominal_imaging"),
        ("51185008", "chest_imaging"),
        ("416775004", "chest_imaging"),
    ],
)
def test_series_is_read_by_modality_and_body_site(modality: str, site: str, name: str) -> None:
    found = finding(name, study(None, series=[series(modality, site)]))

    assert found.value == "done"


def test_series_of_r5_is_read_by_modality_and_body_site() -> None:
    site = {"concept": coding("SNOMED CT", "818981001")}
    of_r5 = {"uid": "1.2.3", "modality": coding("DICOM", "CT"), "bodySite": site}

    found = finding("abdominal_imaging", study(None, series=[of_r5]), version=FhirVersion.R5)

    assert found.value == "done"


def test_series_of_another_site_leaves_the_region_open() -> None:
    found = finding("abdominal_imaging", study(None, series=[series("CT", "38266002")]))

    assert found.state is State.UNKNOWN


def test_series_is_read_by_its_description() -> None:
    found = finding("abdominal_imaging", study(None, series=[series("CT", "38266002", description="CT abdomen")]))

    assert found.value == "done"


@pytest.mark.parametrize("nuclear", ["PT", "NM"])
def test_ct_series_beside_nuclear_images_is_no_ct_of_the_abdomen(nuclear: str) -> None:
    both = [series(nuclear, "38266002"), series("CT", "818981001", description="CT abdomen")]

    found = finding("abdominal_imaging", study(None, series=both))

    assert found.value != "done"


@pytest.mark.parametrize("modality", ["CT", "MR"])
@pytest.mark.parametrize("name", ["abdominal_imaging", "chest_imaging"])
@pytest.mark.parametrize("code", [None, local("RAD-1"), words("staging scan")])
def test_scan_without_a_known_region_is_neither_done_nor_missing(
    name: str, modality: str, code: Element | None
) -> None:
    found = finding(name, study(code, modality=[modality]))

    assert found.state is State.UNKNOWN
    assert "region" in found.conflicts[0]


def test_scan_of_another_region_is_no_abdominal_imaging() -> None:
    found = value("abdominal_imaging", study("ct_chest", modality=["CT"]))

    assert found == "absent"


def test_scan_whose_code_we_do_not_know_in_a_known_system_is_of_another_region() -> None:
    found = value("abdominal_imaging", study(coding("LOINC", "24725-4"), modality=["CT"]))

    assert found == "absent"


@pytest.mark.parametrize("status", ["registered", "cancelled", "entered-in-error"])
def test_cancelled_scan_without_a_region_does_not_matter(status: str) -> None:
    found = value("abdominal_imaging", study(None, modality=["CT"], status=status))

    assert found == "absent"


def test_scan_without_a_region_does_not_matter_beside_one_with() -> None:
    found = value("abdominal_imaging", study(None, modality=["CT"]), study("ct_abdomen"))

    assert found == "done"


def test_pet_with_ct_is_no_ct_of_the_abdomen() -> None:
    found = value("abdominal_imaging", study("sstr_pet", modality=["PT", "CT"]))

    assert found == "absent"


def test_scan_with_a_second_modality_and_no_region_is_neither_done_nor_missing() -> None:
    found = finding("abdominal_imaging", study(None, modality=["CT", "SR"]))

    assert found.state is State.UNKNOWN


def test_uncoded_pet_with_ct_leaves_receptor_imaging_open() -> None:
    found = finding("sstr_imaging", study(None, modality=["PT", "CT"]))

    assert found.state is State.UNKNOWN


def test_scan_of_another_region_in_words_is_no_abdominal_imaging() -> None:
    found = value("abdominal_imaging", study(words("CT chest"), modality=["CT"]))

    assert found == "absent"


def test_uncoded_pet_with_ct_is_no_ct_without_a_region() -> None:
    found = value("abdominal_imaging", study(None, modality=["PT", "CT"]))

    assert found == "absent"


@pytest.mark.parametrize("name", ["sstr_imaging", "fdg_pet"])
@pytest.mark.parametrize(
    "pet", [study("pet_tracer_unstated"), study(None, modality=["PT"]), report("pet_tracer_unstated")]
)
def test_pet_without_a_tracer_is_neither_done_nor_missing(name: str, pet: Resource) -> None:
    found = finding(name, pet)

    assert found.state is State.UNKNOWN
    assert "tracer" in found.conflicts[0]


def test_pet_without_a_tracer_leaves_an_ordered_one_open() -> None:
    found = finding("sstr_imaging", study(None, modality=["PT"]), order("sstr_pet"))

    assert found.state is State.UNKNOWN


def test_fdg_pet_leaves_receptor_imaging_missing() -> None:
    found = value("sstr_imaging", study("fdg_pet", modality=["PT", "CT"]))

    assert found == "absent"


def test_tracer_beside_a_generic_code_tells_the_study() -> None:
    codes = {"coding": [coding("LOINC", "44139-4")["coding"][0], coding("HCPCS", "A9587")["coding"][0]]}

    found = value("sstr_imaging", report(codes))

    assert found == "done"


def test_scintigraphy_is_receptor_imaging() -> None:
    found = value("sstr_imaging", study("sstr_scintigraphy", modality=["NM"]))

    assert found == "done"


def test_scan_that_was_done_says_nothing_of_receptor_expression() -> None:
    found = finding("sstr_status", study("sstr_pet", modality=["PT"]))

    assert found.state is State.ABSENT


@pytest.mark.parametrize(("available", "expected"), [(True, "yes"), (False, "no")])
def test_availability_of_receptor_pet_is_the_setting_of_the_site(available: bool, expected: str) -> None:
    found = value("sstr_pet_available", sstr_pet=available)

    assert found == expected


def test_transthoracic_echocardiography_in_words_is_read() -> None:
    found = value("echocardiography", report(words("Transthoracic echocardiogram")))

    assert found == "done"


def test_tumour_board_as_an_encounter_is_done() -> None:
    found = value("tumour_board", encounter("tumour_board"))

    assert found == "done"


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


def test_order_of_a_past_date_is_still_open() -> None:
    found = value("chromogranin_a_test", order("chromogranin_a", on="2019-01-01"))

    assert found == "ordered"


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
