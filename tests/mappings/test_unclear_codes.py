"""A resource of which nobody can tell what it is of, or of whom, may be what is looked for."""

from __future__ import annotations

import pytest
from chart_builder import (
    Element,
    Resource,
    coding,
    condition,
    drug,
    finding,
    local,
    marker,
    observation,
    percent,
    procedure,
    quantity,
    record_from,
    report,
    study,
    value,
)

from mappings.findings import State

OLD = observation("ki67_index", percent(2), on="2024-01-10")


@pytest.mark.parametrize("code", [None, {}, {"coding": []}, {"coding": [{}]}, {"coding": [{"code": "X"}]}], ids=str)
@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("diagnosis_status", condition("chronic_kidney_disease")),
        ("ki67_index", observation("ki67_index", percent(8))),
        ("histopathology", report("pathology_report")),
        ("tumour_board", procedure("tumour_board")),
    ],
)
def test_resource_that_does_not_say_what_it_is_of_may_be_anything(name: str, resource: Resource, code: object) -> None:
    found = finding(name, {**resource, "code": code})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    "code", [{"text": "Walk"}, {"coding": [{"display": "Walk"}]}, coding("LOINC", "8867-4")], ids=str
)
def test_resource_of_something_else_keeps_absence(code: Element) -> None:
    found = finding("ki67_index", observation(code, percent(8)))

    assert found.state is State.ABSENT


def test_withdrawn_resource_need_not_say_what_it_was_of() -> None:
    found = finding("ki67_index", {**OLD, "code": {}, "status": "entered-in-error"})

    assert found.state is State.ABSENT


@pytest.mark.parametrize("reference", ["", "see chart", "2026-13-45"])
def test_resource_of_nobody_knows_whom_keeps_absence_from_being_claimed(reference: str) -> None:
    found = finding("ki67_index", {**OLD, "subject": {"reference": reference}})

    assert found.state is State.UNKNOWN


def test_gastrinoma_is_unknown_where_the_function_is_not_understood() -> None:
    found = finding("gastrinoma", observation("tumour_function", {"valueCodeableConcept": {"text": "see report"}}))

    assert found.state is State.UNKNOWN


def test_scan_whose_modality_names_no_system_is_of_that_modality() -> None:
    scan = {**study(None), "modality": [{"code": "PT"}]}

    found = finding("fdg_pet", scan)

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("step", ["abdominal_imaging", "chest_imaging", "fdg_pet", "sstr_imaging", "echocardiography"])
@pytest.mark.parametrize("modality", [None, [{}], [{"display": "scan"}]], ids=str)
def test_study_without_code_or_modality_may_have_been_any(step: str, modality: object) -> None:
    found = finding(step, {**study(None), "modality": modality})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(("modality", "step"), [("US", "abdominal_imaging"), ("CT", "echocardiography")])
def test_study_without_code_is_of_its_modality(modality: str, step: str) -> None:
    found = value(step, study(None, modality=[modality]))

    assert found == "absent"


@pytest.mark.parametrize("code", [local("OCT", "Depot of the trial"), {"coding": [{"code": "OCT"}]}, local()], ids=str)
def test_drug_in_codes_that_nobody_here_knows_may_be_any(code: Element) -> None:
    taken, begun = (finding(name, drug(code)) for name in ("active_medications", "systemic_therapy_started"))

    assert (taken.state, begun.state) == (State.UNKNOWN, State.UNKNOWN)


@pytest.mark.parametrize("coding", [{"code": "9811-1"}, {"system": "http://loinc.org", "display": "Chromogranin A"}])
def test_half_of_a_code_that_may_have_been_ours_leaves_absence_open(coding: dict[str, str]) -> None:
    record = record_from({**marker("gastrin", 60, 100), "code": {"coding": [coding], "text": "CgA, plasma"}})

    assert not record.search("Observation").complete
    assert record.unusable


@pytest.mark.parametrize("coding", [{"code": "K-77"}, {"system": "https://lab.example", "display": "Potassium"}])
def test_half_of_a_code_that_never_was_ours_keeps_the_search_complete(coding: dict[str, str]) -> None:
    record = record_from({**marker("gastrin", 60, 100), "code": {"coding": [coding], "text": "Potassium"}})

    assert record.search("Observation").complete
    assert not record.unusable


@pytest.mark.parametrize("system", [..., None, "", 5, [None], {}, {"value": "http://loinc.org"}, "http://loinc.org"])
def test_result_whose_code_is_misshapen_leaves_open_what_it_may_be_of(system: object) -> None:
    coding = {"code": "2333-3", **({} if system is ... else {"system": system})}
    misshapen = {**marker("gastrin", 60, 100), "code": {"coding": [coding, 7 if system == "http://loinc.org" else {}]}}
    of_another_day = marker("gastrin", 600, 100)

    elevated = finding("gastrin_elevated", of_another_day, {**misshapen, "id": "misshapen"})

    assert elevated.state is State.UNKNOWN


@pytest.mark.parametrize("system", [5, [None], {}])
def test_result_of_which_the_code_of_a_part_is_misshapen_leaves_open_what_it_may_be_of(system: object) -> None:
    part = {"code": {"coding": [{"system": system, "code": "2333-3"}]}, **quantity(60, "ug/L")}
    misshapen = observation(local("PANEL", "Panel"), {}, component=[part])

    elevated = finding("gastrin_elevated", marker("gastrin", 600, 100), {**misshapen, "id": "misshapen"})

    assert elevated.state is State.UNKNOWN


@pytest.mark.parametrize("lost", [{"code": "9811-1"}, {"system": "http://loinc.org"}, {"display": "some marker"}])
def test_result_with_a_broken_code_that_could_not_be_read_leaves_everything_open(lost: dict[str, str]) -> None:
    gastrin = marker("gastrin", 60, 100)
    code = {"coding": [*gastrin["code"]["coding"], lost], "text": "Gastrin"}

    record = record_from({**gastrin, "code": code, "status": 7})

    assert not record.search("Observation").complete


def test_result_of_which_a_part_has_a_broken_code_and_that_could_not_be_read_leaves_everything_open() -> None:
    part = {"code": {"coding": [{"code": "9811-1"}], "text": "Chromogranin A"}, **quantity(60, "ug/L")}

    record = record_from({**marker("gastrin", 60, 100), "component": [part], "status": 7})

    assert not record.search("Observation").complete
