"""What cannot be relied on: a result that may be the latest and cannot be read, a status that nobody can tell."""

from __future__ import annotations

import pytest
from chart_builder import (
    VOCABULARY,
    Element,
    coding,
    condition,
    finding,
    marker,
    mm,
    observation,
    percent,
    record_from,
    value,
)

from mappings.findings import State

OLD = observation("ki67_index", percent(2), on="2024-01-10")
LATER = observation("ki67_index", percent(25), on="2026-01-10")
NET = condition("nen_of_duodenum", id="net")


@pytest.mark.parametrize(
    "broken", [{"status": 5}, {"valueQuantity": {"value": "<5", "unit": "%"}}, {"valueQuantity": [8]}], ids=str
)
def test_older_value_is_not_the_latest_where_a_later_result_cannot_be_read(broken: Element) -> None:
    found = finding("ki67_index", OLD, {**LATER, **broken})

    assert found.state is State.UNKNOWN
    assert [conflict.partition(": ")[0] for conflict in found.conflicts] == [f"Observation/{LATER['id']}"]


def test_component_tells_what_an_unreadable_result_was_of() -> None:
    parts = [{"code": coding("LOINC", "29593-1"), **percent(25)}]
    panel = observation(coding("LOINC", "60568-3"), component=parts)

    found = finding("ki67_index", OLD, {**panel, "status": 5})

    assert found.state is State.UNKNOWN


def test_unreadable_result_of_something_else_leaves_a_value_alone() -> None:
    size = {**observation("tumour_size", mm(12)), "status": 5}

    found = value("ki67_index", OLD, size)

    assert found == "2 %"


def test_unreadable_result_does_not_undo_a_step_that_was_done() -> None:
    found = value("ki67_assessment", OLD, {**LATER, "status": 5})

    assert found == "done"


def test_unreadable_problem_leaves_the_site_unknown_and_the_disease_active() -> None:
    pancreas = {**condition("nen_of_pancreas"), "clinicalStatus": 5}

    site, status = (finding(name, NET, pancreas) for name in ("primary_site", "diagnosis_status"))

    assert (site.state, status.value) == (State.UNKNOWN, "active")


def test_unreadable_problem_may_be_the_disease_come_back() -> None:
    remission = condition("nen_of_duodenum", id="net", clinical="remission")
    again = {**condition("nen_of_duodenum"), "clinicalStatus": 5}

    found = finding("diagnosis_status", remission, again)

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("name", ["synaptophysin_immunostain", "chromogranin_a_test"])
def test_step_whose_result_has_lost_its_value_is_neither_done_nor_absent(name: str) -> None:
    empty = observation(VOCABULARY[name].value_sets[0])

    found = finding(name, empty)

    assert found.state is State.UNKNOWN


def test_panel_that_names_its_members_is_done() -> None:
    panel = observation("electrolytes", hasMember=[{"reference": "Observation/potassium"}])

    found = value("electrolytes_test", panel)

    assert found == "done"


@pytest.mark.parametrize("status", ["fnal", "F", "done", "banana"])
def test_status_that_fhir_does_not_have_leaves_the_finding_unknown(status: str) -> None:
    found = finding("ki67_index", OLD, {**LATER, "status": status})

    assert found.state is State.UNKNOWN


def test_status_is_read_whatever_its_case() -> None:
    found = value("ki67_index", {**LATER, "status": "Final"})

    assert found == "25 %"


@pytest.mark.parametrize("element", ["clinicalStatus", "verificationStatus"])
@pytest.mark.parametrize(
    "status", [{}, {"coding": []}, {"coding": [{"code": "perhaps"}]}, {"text": "see notes"}], ids=str
)
def test_problem_of_a_status_that_nobody_can_tell_is_unread(element: str, status: Element) -> None:
    found = finding("diagnosis_status", {**NET, element: status})

    assert found.state is State.UNKNOWN


def test_status_of_a_problem_in_words_is_read() -> None:
    said = {"clinicalStatus": {"text": "Remission"}, "verificationStatus": {"coding": [{"display": "Confirmed"}]}}

    found = value("diagnosis_status", {**NET, **said})

    assert found == "remission"


def test_record_names_the_resource_that_could_not_be_read() -> None:
    record = record_from({**marker("gastrin", 60, 100), "id": "g1", "status": 7})

    record.observations.of("gastrin")

    assert [problem.resource for problem in record.unusable] == ["Observation/g1"]


def test_result_that_could_not_be_read_leaves_open_what_it_is_of_and_nothing_else() -> None:
    broken = {**marker("gastrin", 60, 100), "status": 7}

    found = {name: finding(name, broken).state for name in ("gastrin_test", "gastrin_elevated", "ki67_index")}

    assert found == {
        "gastrin_test": State.UNKNOWN,
        "gastrin_elevated": State.UNKNOWN,
        "ki67_index": State.ABSENT,
    }
