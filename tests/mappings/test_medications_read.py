"""Drugs: what is being taken, what was begun, what is planned; however the drug is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from chart_builder import (
    Resource,
    coding,
    concept,
    drug,
    drug_given,
    drug_statement,
    finding,
    local,
    medication,
    value,
    words,
)
from finding_examples import NET

from mappings.fhir.models import FhirVersion
from mappings.findings import State
from mappings.screening.types import READ_TYPES

DIAZOXIDE = medication("diazoxide", id="m1")
ADHERENCE = "http://hl7.org/fhir/CodeSystem/medication-statement-adherence"
UNNAMED = words("white tablet")
PAST = "2026-03-01"


@pytest.mark.parametrize(
    "taken",
    [
        drug("diazoxide"),
        drug(words("diazoxide")),
        drug(words("Proglycem")),
        drug(None, contained=DIAZOXIDE),
        drug_statement("diazoxide"),
        drug_statement(None, contained=DIAZOXIDE),
    ],
)
def test_drug_is_read_by_concept_word_and_contained_resource(taken: Resource) -> None:
    found = value("active_medications", taken)

    assert found == frozenset({"diazoxide"})


@pytest.mark.parametrize(
    "reference", ["Medication/m1", "https://ehr.example/fhir/Medication/m1", "Medication/m1/_history/3"]
)
def test_drug_is_read_by_reference_to_a_resource_of_the_bundle(reference: str) -> None:
    found = value("active_medications", DIAZOXIDE, drug(None, reference=reference))

    assert found == frozenset({"diazoxide"})


def test_drug_belongs_to_every_class_that_it_is_in() -> None:
    found = value("active_medications", drug("everolimus"))

    assert found == frozenset({"everolimus", "targeted"})


def test_several_drugs_are_all_named() -> None:
    found = value("active_medications", drug("diazoxide"), drug("somatostatin_analogues"))

    assert found == frozenset({"diazoxide", "somatostatin-analogue"})


@pytest.mark.parametrize(
    "other",
    [
        drug(coding("ATC", "B01AC06")),
        drug(None, contained=medication(coding("ATC", "B01AC06"), id="m2")),
        drug("pneumococcal_vaccine"),
    ],
)
def test_known_drug_of_no_class_leaves_the_list_complete(other: Resource) -> None:
    found = finding("active_medications", other)

    assert found.value == frozenset()
    assert found.complete


@pytest.mark.parametrize(
    "unclear",
    [
        drug(UNNAMED),
        drug_statement(UNNAMED),
        drug(None, reference="Medication/not-here"),
        drug(None, contained=medication(local(), id="m2")),
        drug(None, contained={"resourceType": "Medication", "id": "m2"}),
    ],
)
def test_drug_that_nobody_can_tell_makes_the_list_incomplete(unclear: Resource) -> None:
    found = finding("active_medications", drug("diazoxide"), unclear)

    assert found.value == frozenset({"diazoxide"})
    assert not found.complete


def test_drug_that_is_known_by_its_name_alone_leaves_the_list_complete() -> None:
    found = finding("active_medications", drug(words("diazoxide")))

    assert found.complete


@pytest.mark.parametrize("chart", [[drug(UNNAMED), drug("diazoxide")], [drug("diazoxide"), drug(UNNAMED)]])
def test_list_is_incomplete_wherever_the_drug_stands_that_nobody_can_tell(chart: list[Resource]) -> None:
    found = finding("active_medications", *chart)

    assert not found.complete


@pytest.mark.parametrize(
    ("searches", "reason"),
    [
        ({}, "of a drug it is not known which it is, or whether it is taken"),
        ({"complete": READ_TYPES - {"MedicationRequest"}}, "MedicationRequest: a further page was not read"),
    ],
)
def test_unknown_list_says_why(searches: dict[str, frozenset[str]], reason: str) -> None:
    found = finding("active_medications", drug(UNNAMED), **searches)

    assert found.reason == reason


def test_list_of_one_drug_that_nobody_can_tell_is_unknown() -> None:
    found = finding("active_medications", drug(UNNAMED))

    assert found.state is State.UNKNOWN


def test_drug_that_nobody_can_tell_does_not_matter_once_it_has_ended() -> None:
    found = finding("active_medications", drug(UNNAMED, end="2026-03-01"))

    assert found.value == frozenset()
    assert found.complete


def test_list_is_incomplete_after_an_incomplete_search() -> None:
    found = finding("active_medications", drug("diazoxide"), complete=READ_TYPES - {"MedicationStatement"})

    assert found.value == frozenset({"diazoxide"})
    assert not found.complete


@pytest.mark.parametrize("listed", [drug, drug_statement])
def test_drug_of_which_nobody_knows_whether_it_is_taken_may_be(listed: Callable[..., Resource]) -> None:
    found = finding("active_medications", listed("diazoxide", status="unknown"))

    assert found.state is State.UNKNOWN


def test_drug_of_unknown_status_beside_one_that_is_taken_makes_the_list_incomplete() -> None:
    found = finding("active_medications", drug("diazoxide"), drug("octreotide", status="unknown"))

    assert found.value == frozenset({"diazoxide"})
    assert not found.complete


@pytest.mark.parametrize(
    "other", [drug("telotristat", status="unknown"), drug("octreotide", status="unknown", end=PAST)]
)
def test_unknown_status_of_another_or_a_past_drug_leaves_the_list_complete(other: Resource) -> None:
    found = finding("active_medications", other)

    assert found.value == frozenset()
    assert found.complete


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled", "on-hold", "draft"])
def test_drug_that_is_not_active_is_not_being_taken(status: str) -> None:
    found = value("active_medications", drug("diazoxide", status=status))

    assert found == frozenset()


@pytest.mark.parametrize("status", ["not-taken", "intended", "on-hold", "completed", "stopped"])
def test_statement_that_is_not_active_is_not_being_taken(status: str) -> None:
    found = value("active_medications", drug_statement("diazoxide", status=status))

    assert found == frozenset()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-11-20", "", {"diazoxide"}),
        ("2026-11-21", "", set()),
        ("2026-11", "", {"diazoxide"}),
        ("", "", {"diazoxide"}),
        ("2026-01-15", "2026-11-20", {"diazoxide"}),
        ("2026-01-15", "2026-11-19", set()),
        ("2026-01-15", "2026-11", {"diazoxide"}),
        ("2026-01-15", "2026-10", set()),
    ],
)
def test_days_of_the_drug_include_today(start: str, end: str, expected: set[str]) -> None:
    found = value("active_medications", drug("diazoxide", start=start, end=end))

    assert found == frozenset(expected)


def test_dose_that_was_given_once_is_not_being_taken() -> None:
    found = value("active_medications", drug_given("somatostatin_analogues"))

    assert found == frozenset()


@pytest.mark.parametrize("status", ["active", "completed", "stopped"])
def test_systemic_therapy_was_started_by_a_drug_that_began(status: str) -> None:
    found = value("systemic_therapy_started", NET, drug("cytotoxics", status=status))

    assert found == "yes"


def test_systemic_therapy_was_started_by_a_dose() -> None:
    found = value("systemic_therapy_started", NET, drug_given("lutetium_prrt"))

    assert found == "yes"


def test_systemic_therapy_that_begins_tomorrow_was_not_started() -> None:
    found = value("systemic_therapy_started", NET, drug("cytotoxics", start="2026-11-21"))

    assert found == "no"


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error"])
def test_systemic_therapy_was_not_started_by_a_prescription_without_effect(status: str) -> None:
    found = value("systemic_therapy_started", NET, drug("cytotoxics", status=status))

    assert found == "no"


@pytest.mark.parametrize("status", ["on-hold", "unknown"])
def test_drug_on_hold_leaves_open_whether_systemic_therapy_was_started(status: str) -> None:
    found = finding("systemic_therapy_started", NET, drug("cytotoxics", status=status))

    assert found.state is State.UNKNOWN


def test_drug_that_nobody_can_tell_leaves_open_whether_systemic_therapy_was_started() -> None:
    found = finding("systemic_therapy_started", NET, drug(UNNAMED))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_drug_that_nobody_can_tell_and_nobody_took_does_not_matter(status: str) -> None:
    found = value("systemic_therapy_started", NET, drug(UNNAMED, status=status))

    assert found == "no"


def test_completed_drug_is_the_evidence_of_treatment() -> None:
    found = finding("treated", NET, drug("cytotoxics", status="completed"))

    assert [evidence.resource.partition("/")[0] for evidence in found.evidence] == ["MedicationRequest"]


@pytest.mark.parametrize("status", ["active", "stopped"])
def test_drug_that_is_being_taken_or_was_broken_off_is_no_completed_treatment(status: str) -> None:
    found = value("treated", NET, drug("somatostatin_analogues", status=status))

    assert found == "no"


def test_treatment_is_open_for_the_reason_that_systemic_therapy_is() -> None:
    found = finding("treated", NET, drug("cytotoxics", status="on-hold"))

    assert found.reason == "a drug may or may not be systemic treatment"


@pytest.mark.parametrize("other", ["proton_pump_inhibitors", "diazoxide"])
def test_drug_for_symptoms_is_no_systemic_therapy(other: str) -> None:
    found = value("systemic_therapy_started", NET, drug(other))

    assert found == "no"


def test_local_code_beside_a_known_one_tells_the_drug() -> None:
    both = {"coding": [*local()["coding"], *concept("diazoxide")["coding"]]}

    found = value("active_medications", drug(both))

    assert found == frozenset({"diazoxide"})


@pytest.mark.parametrize(
    ("adherence", "taken"),
    [
        ("taking", {"diazoxide"}),
        ("taking-not-as-directed", {"diazoxide"}),
        ("stopped", set()),
        ("stopped-as-directed", set()),
        ("not-taking", set()),
        ("on-hold", set()),
    ],
)
def test_a_statement_of_r5_says_by_its_adherence_whether_a_drug_is_taken(adherence: str, taken: set[str]) -> None:
    stated = {"code": {"coding": [{"system": ADHERENCE, "code": adherence}]}}
    statement = drug_statement("diazoxide", status="recorded") | {"adherence": stated}
    in_r5 = statement | {"medication": {"concept": statement.pop("medicationCodeableConcept")}}

    found = value("active_medications", in_r5, version=FhirVersion.R5)

    assert found == frozenset(taken)
