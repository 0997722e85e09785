"""Slips of real records whose meaning is plain, and what they may not be taken for."""

from __future__ import annotations

from typing import Any

import pytest
from chart_builder import condition, drug, finding, observation, order, percent, value, without_date

from mappings.findings import State

NET = condition("nen_of_duodenum")
KI67 = observation("ki67_index", percent(25), on="2026-01-10")
OLD = observation("ki67_index", percent(2), on="2024-01-10")


def without(resource: dict[str, Any], *elements: str) -> dict[str, Any]:
    return {name: element for name, element in resource.items() if name not in elements}


@pytest.mark.parametrize(
    "written", ["2026-05-01T10:00:00", "2026-05-01 10:00", "2026-05-01T10:00Z", "2026-05-01T24:00:00Z", " 2026-05-01 "]
)
def test_day_is_read_whatever_the_time_beside_it(written: str) -> None:
    found = finding("ki67_index", OLD, {**KI67, "effectiveDateTime": written})

    assert (str(found.value), str(found.date)) == ("25 %", "2026-05-01")


@pytest.mark.parametrize("element", ["issued", "effectiveInstant"])
def test_instant_without_its_zone_is_the_day_it_names(element: str) -> None:
    found = finding("ki67_index", OLD, {**without_date(KI67), element: "2026-05-01T10:00:00"})

    assert (str(found.value), str(found.date)) == ("25 %", "2026-05-01")


@pytest.mark.parametrize(
    "written", ["05/01/2026", "01.05.2026", "May 2026", "0001-01-01", "2026-02-30", 1588327200, True, [], {}]
)
def test_result_of_a_day_that_nobody_can_tell_may_be_the_latest(written: object) -> None:
    found = finding("ki67_index", OLD, {**KI67, "effectiveDateTime": written})

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


def test_problem_of_a_day_that_nobody_can_tell_is_a_problem() -> None:
    found = finding("diagnosis_status", {**NET, "recordedDate": "01/05/2026"})

    assert (found.value, found.date) == ("active", None)


def test_end_that_nobody_can_tell_leaves_the_drug_unread() -> None:
    taken = drug("somatostatin_analogues")
    taken["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"]["end"] = "05/01/2024"

    found = finding("active_medications", taken)

    assert found.state is State.UNKNOWN


def test_blanks_around_a_status_or_code_mean_nothing() -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": " 29593-1"}]}

    found = value("ki67_index", {**observation(code, percent(8)), "status": " final"})

    assert found == "8 %"


def test_element_that_is_not_in_a_list_is_one_of_it() -> None:
    site = condition("neuroendocrine_neoplasm", sites=["site_duodenum"])

    found = value("primary_site", {**site, "bodySite": site["bodySite"][0]})

    assert found == "duodenum"


@pytest.mark.parametrize("missing", ["subject", "intent"])
def test_order_and_drug_count_without_what_is_never_read(missing: str) -> None:
    chart = [without(resource, missing) for resource in (order("ct_abdomen"), drug("somatostatin_analogues"))]

    found = value("open_orders", *chart), value("active_medications", *chart)

    assert found == ({"abdominal_imaging"}, {"somatostatin-analogue"})


def test_status_that_is_missing_is_not_guessed() -> None:
    found = finding("ki67_index", without(KI67, "status"))

    assert found.state is State.UNKNOWN
