"""Markers against their own reference range, and samples drawn on acid suppression."""

from __future__ import annotations

from typing import Any

import pytest
from chart_builder import (
    Element,
    Resource,
    coding,
    drug,
    drug_given,
    drug_statement,
    finding,
    flag,
    local,
    marker,
    medication,
    observation,
    quantity,
    said,
    value,
    without_date,
    words,
)

from mappings.findings import State
from mappings.screening.types import READ_TYPES

SAMPLE = marker("chromogranin_a", 250, 100, on="2026-05-04")
ON_ACID = "chromogranin_a_on_acid_suppression"


def limit(number: object, unit: str = "ug/L") -> dict[str, Any]:
    return {"referenceRange": [{"high": {"value": number, "unit": unit}}]}


@pytest.mark.parametrize(("number", "expected"), [(99, "no"), (100, "no"), (100.1, "yes"), (250, "yes")])
def test_marker_is_raised_above_the_limit_of_its_own_range(number: object, expected: str) -> None:
    found = value("chromogranin_a_elevated", marker("chromogranin_a", number, 100))

    assert found == expected


@pytest.mark.parametrize(("letter", "expected"), [("H", "yes"), ("N", "no"), ("L", "no")])
def test_interpretation_of_the_laboratory_counts_before_the_range(letter: str, expected: str) -> None:
    found = value("chromogranin_a_elevated", marker("chromogranin_a", 100, 100, interpretation=flag(letter)))

    assert found == expected


@pytest.mark.parametrize("letter", ["N", "L"])
def test_result_that_is_called_normal_and_lies_above_its_own_range_is_neither(letter: str) -> None:
    found = finding("gastrin_elevated", marker("gastrin", 100.1, 100, interpretation=flag(letter)))

    assert found.state is State.UNKNOWN
    assert found.conflicts


def test_result_that_is_called_high_is_raised_whatever_its_range() -> None:
    assert value("gastrin_elevated", marker("gastrin", 90, 100, interpretation=flag("H"))) == "yes"


def test_interpretation_that_is_not_known_leaves_it_to_the_range() -> None:
    found = value("chromogranin_a_elevated", marker("chromogranin_a", 250, 100, interpretation=[local("!!")]))

    assert found == "yes"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (quantity(1000, "ug/L", ">"), "yes"),
        (quantity(20, "ug/L", "<"), "no"),
        (quantity(250, "ng/mL"), "yes"),
        (said(">1000 ug/L"), "yes"),
    ],
)
def test_comparator_and_unit_of_the_result_are_heeded(amount: Element, expected: str) -> None:
    found = value("chromogranin_a_elevated", observation("chromogranin_a", amount, **limit(100)))

    assert found == expected


@pytest.mark.parametrize(
    "result",
    [
        observation("chromogranin_a", quantity(250, "ug/L")),
        observation("chromogranin_a", quantity(250), **limit(100)),
        observation("chromogranin_a", quantity(50, "ug/L", ">"), **limit(100)),
        observation("chromogranin_a", quantity(5, "nmol/L"), **limit(100)),
        observation("chromogranin_a", quantity(250, "ug/d"), **limit(100)),
        observation("chromogranin_a", said("1,200 ug/L"), **limit(100)),
        observation("chromogranin_a", said("raised"), **limit(100)),
        observation("chromogranin_a", quantity(250, "ug/L"), referenceRange=[{"text": "up to 100"}]),
        observation(
            "chromogranin_a",
            quantity(250, "ug/L"),
            referenceRange=[{"high": {"value": n, "unit": "ug/L"}} for n in (100, 400)],
        ),
    ],
)
def test_marker_is_neither_raised_nor_normal_where_range_and_result_do_not_tell(result: Resource) -> None:
    found = finding("chromogranin_a_elevated", result)

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("amount", "written"), [(quantity(250, "ug/L"), "250 ug/L"), (quantity(250), "250"), (said("raised"), "raised")]
)
def test_evidence_shows_the_result_as_it_was_written(amount: Element, written: str) -> None:
    found = finding("chromogranin_a_elevated", observation("chromogranin_a", amount, interpretation=flag("H")))

    assert [evidence.text for evidence in found.evidence] == [written]


def test_latest_result_counts() -> None:
    earlier = marker("chromogranin_a", 900, 100, on="2024-05-04")
    later = marker("chromogranin_a", 50, 100, on="2026-05-04")

    found = value("chromogranin_a_elevated", earlier, later)

    assert found == "no"


def test_latest_result_that_does_not_tell_is_not_replaced_by_an_older_one() -> None:
    earlier = marker("chromogranin_a", 900, 100, on="2024-05-04")
    later = marker("chromogranin_a", 50, None, on="2026-05-04")

    found = finding("chromogranin_a_elevated", earlier, later)

    assert found.state is State.UNKNOWN


def test_urine_and_plasma_of_one_day_that_disagree_are_named() -> None:
    found = finding("hiaa_elevated", marker("hiaa_urine", 20, 8, "mg/d"), marker("hiaa_plasma", 10, 22))

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


@pytest.mark.parametrize(
    ("amount", "above", "expected"),
    [
        (quantity(100, "pmol/L"), limit(150, "ng/L"), "yes"),
        (quantity(100, "pmol/L"), limit(250, "ng/L"), "no"),
        (quantity(100, "ng/L"), limit(40, "pmol/L"), "yes"),
        (quantity(100, "ng/L"), limit(60, "pmol/L"), "no"),
    ],
)
def test_mass_and_moles_are_compared_by_the_molar_mass_of_the_marker(
    amount: Element, above: dict[str, Any], expected: str
) -> None:
    assert value("gastrin_elevated", observation("gastrin", amount, **above)) == expected


def test_gastrin_after_secretin_is_no_gastrin() -> None:
    found = finding("gastrin_elevated", marker("secretin_test", 1000, 200))

    assert found.state is State.ABSENT


def test_chromogranin_in_tissue_is_no_chromogranin_in_blood() -> None:
    found = value("chromogranin_a_test", observation("chromogranin_a_immunostain", said("Positive")))

    assert found == "absent"


@pytest.mark.parametrize("begun", ["2026-05-03", "2026-04", "2025"])
@pytest.mark.parametrize("suppressor", ["proton_pump_inhibitors", "h2_blockers"])
def test_drug_that_began_before_the_sample_spoils_it(suppressor: str, begun: str) -> None:
    found = value(ON_ACID, SAMPLE, drug(suppressor, start=begun))

    assert found == "yes"


@pytest.mark.parametrize("begun", ["2026-05-05", "2026-06", "2027"])
def test_drug_that_began_after_the_sample_does_not_spoil_it(begun: str) -> None:
    found = value(ON_ACID, SAMPLE, drug("proton_pump_inhibitors", start=begun))

    assert found == "no"


@pytest.mark.parametrize("begun", ["2026-05-04", "2026-05", "2026", ""])
def test_drug_that_may_have_begun_on_the_day_of_the_sample_or_around_it_leaves_it_open(begun: str) -> None:
    found = finding(ON_ACID, SAMPLE, drug("proton_pump_inhibitors", start=begun))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("end", "expected"), [("2026-05-03", "no"), ("2026-04", "no"), ("2026-05-04", "yes"), ("2026-05-05", "yes")]
)
@pytest.mark.parametrize("status", ["stopped", "completed", "active"])
def test_end_of_the_drug_decides(status: str, end: str, expected: str) -> None:
    stopped = drug("proton_pump_inhibitors", status=status, start="2026-01-15", end=end)

    found = value(ON_ACID, SAMPLE, stopped)

    assert found == expected


@pytest.mark.parametrize("status", ["stopped", "completed", "on-hold", "unknown"])
def test_drug_that_is_not_active_and_has_no_end_leaves_it_open(status: str) -> None:
    found = finding(ON_ACID, SAMPLE, drug("proton_pump_inhibitors", status=status, start="2026-01-15"))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error"])
def test_prescription_that_never_took_effect_does_not_spoil_the_sample(status: str) -> None:
    found = value(ON_ACID, SAMPLE, drug("proton_pump_inhibitors", status=status))

    assert found == "no"


@pytest.mark.parametrize(
    "taken",
    [
        drug_statement("proton_pump_inhibitors", start="2026-01-15"),
        drug_statement(None, contained={**medication("proton_pump_inhibitors", id="m1")}),
        drug(None, contained={**medication("h2_blockers", id="m1")}),
        drug(words("omeprazole")),
    ],
)
def test_drug_is_found_however_it_is_recorded(taken: Resource) -> None:
    found = value(ON_ACID, SAMPLE, taken)

    assert found == "yes"


def test_drug_that_the_patient_does_not_take_does_not_spoil_the_sample() -> None:
    found = value(ON_ACID, SAMPLE, drug_statement("proton_pump_inhibitors", status="not-taken"))

    assert found == "no"


@pytest.mark.parametrize(
    "unclear",
    [
        drug(words("stomach tablets")),
        drug(None, reference="Medication/not-here"),
        drug(None, contained=medication(local(), id="m1")),
    ],
)
def test_drug_that_nobody_can_tell_leaves_it_open(unclear: Resource) -> None:
    found = finding(ON_ACID, SAMPLE, unclear)

    assert found.state is State.UNKNOWN


def test_drug_that_nobody_can_tell_does_not_matter_after_the_sample() -> None:
    found = value(ON_ACID, SAMPLE, drug(words("stomach tablets"), start="2026-06-01"))

    assert found == "no"


@pytest.mark.parametrize("other", ["diazoxide", "somatostatin_analogues"])
def test_other_drug_does_not_spoil_the_sample(other: str) -> None:
    found = value(ON_ACID, SAMPLE, drug(other))

    assert found == "no"


def test_dose_given_on_the_day_of_the_sample_leaves_it_open() -> None:
    found = finding(ON_ACID, SAMPLE, drug_given("proton_pump_inhibitors", on="2026-05-04"))

    assert found.state is State.UNKNOWN


def test_sample_without_a_day_leaves_it_open() -> None:
    found = finding(ON_ACID, without_date(SAMPLE), drug("proton_pump_inhibitors"))

    assert found.state is State.UNKNOWN


def test_earlier_sample_on_the_drug_does_not_matter() -> None:
    earlier = marker("chromogranin_a", 900, 100, on="2025-05-04")
    stopped = drug("proton_pump_inhibitors", status="stopped", start="2025-01-15", end="2025-12-31")

    found = value(ON_ACID, earlier, SAMPLE, stopped)

    assert found == "no"


def test_sample_without_the_drug_is_unknown_after_an_incomplete_drug_list() -> None:
    found = finding(ON_ACID, SAMPLE, complete=READ_TYPES - {"MedicationStatement"})

    assert found.state is State.UNKNOWN


def test_drug_on_the_list_spoils_the_sample_even_if_the_list_is_incomplete() -> None:
    found = value(ON_ACID, SAMPLE, drug("proton_pump_inhibitors"), complete=False)

    assert found == "yes"


def test_immunostain_is_no_sample() -> None:
    stain = observation("chromogranin_a_immunostain", said("Positive"))

    found = finding(ON_ACID, stain, drug("proton_pump_inhibitors"))

    assert found.state is State.ABSENT


def test_code_of_another_system_with_the_same_digits_is_another_test() -> None:
    found = value("chromogranin_a_test", marker(coding("SNOMED CT", "9811-1"), 250, 100))

    assert found == "absent"
