"""Imaging: which study, report or procedure is which step, and what leaves it open."""

from __future__ import annotations

import pytest
from chart_builder import (
    Element,
    Resource,
    coding,
    finding,
    local,
    order,
    procedure,
    report,
    study,
    value,
    words,
)

from mappings.fhir.models import FhirVersion
from mappings.findings import State


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
