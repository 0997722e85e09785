"""Whether the primary is still in place, and how long ago it was removed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from chart_builder import (
    Element,
    Resource,
    concept,
    condition,
    finding,
    findings_of,
    local,
    procedure,
    value,
    without_date,
    words,
)
from finding_examples import NET, REASON

from mappings.fhir.models import FhirVersion
from mappings.findings import State
from mappings.screening.types import READ_TYPES

APPENDICITIS = condition("chronic_kidney_disease", id="other")
RESECTIONS = {
    "duodenum": ["endoscopic_resection", "duodenal_surgery", "pancreatoduodenectomy"],
    "pancreas": ["pancreatic_surgery", "pancreatoduodenectomy"],
    "stomach": ["endoscopic_resection", "gastric_surgery"],
    "jejunum_ileum": ["small_bowel_surgery", "colon_surgery"],
    "appendix": ["appendicectomy", "colon_surgery"],
    "colon": ["endoscopic_resection", "colon_surgery"],
    "rectum": ["endoscopic_resection", "rectal_surgery"],
}
PAIRS = [(organ, operation) for organ, operations in RESECTIONS.items() for operation in operations]


def tumour(organ: str, **elements: str) -> Resource:
    return condition(f"nen_of_{organ}", id="net", **elements)


@pytest.mark.parametrize(("organ", "operation"), PAIRS)
def test_removal_that_names_the_tumour_as_its_reason_removed_the_primary(organ: str, operation: str) -> None:
    found = value("primary_in_situ", tumour(organ), procedure(operation, reason=REASON))

    assert found == "no"


@pytest.mark.parametrize(("organ", "operation"), PAIRS)
def test_removal_from_the_organ_without_a_reason_leaves_it_open(organ: str, operation: str) -> None:
    found = finding("primary_in_situ", tumour(organ), procedure(operation))

    assert found.state is State.UNKNOWN
    assert found.conflicts


@pytest.mark.parametrize(
    "spelling",
    ["Condition/net", "https://ehr.example/fhir/Condition/net", "Condition/net/_history/2", "urn:uuid:net"],
)
def test_reason_is_found_however_its_reference_is_spelt(spelling: str) -> None:
    found = value("primary_in_situ", NET, procedure("endoscopic_resection", reason=spelling))

    assert found == "no"


@pytest.mark.parametrize("operation", ["endoscopic_resection", "duodenal_surgery", "pancreatoduodenectomy"])
def test_operation_for_another_disease_left_the_primary_in_place(operation: str) -> None:
    found = value("primary_in_situ", NET, APPENDICITIS, procedure(operation, reason="Condition/other"))

    assert found == "yes"


@pytest.mark.parametrize("reason", ["Condition/elsewhere", "Observation/size", "DiagnosticReport/histology"])
def test_operation_for_what_is_not_on_the_problem_list_leaves_it_open(reason: str) -> None:
    found = finding("primary_in_situ", NET, APPENDICITIS, procedure("duodenal_surgery", reason=reason))

    assert found.state is State.UNKNOWN


def for_reason(meaning: str | Element, **elements: Any) -> Resource:
    """A completed operation on the duodenum whose reason is a code or words."""
    return {**procedure("duodenal_surgery"), "reasonCode": [concept(meaning)], **elements}


@pytest.mark.parametrize(
    "reason", ["nen_of_duodenum", "neuroendocrine_neoplasm", words("duodenal neuroendocrine tumour")]
)
def test_operation_whose_coded_reason_is_the_tumour_removed_it(reason: str | Element) -> None:
    found = value("primary_in_situ", NET, for_reason(reason))

    assert found == "no"


def test_coded_reason_is_read_in_r5_too() -> None:
    operation = {**procedure("duodenal_surgery"), "reason": [{"concept": concept("nen_of_duodenum")}]}
    operation["occurrenceDateTime"] = operation.pop("performedDateTime")

    found = value("primary_in_situ", NET, operation, version=FhirVersion.R5)

    assert found == "no"


@pytest.mark.parametrize("reason", ["nen_of_pancreas", local("K26", "Duodenal ulcer"), words("bleeding")])
def test_operation_whose_coded_reason_is_another_leaves_it_open(reason: str | Element) -> None:
    found = finding("primary_in_situ", NET, for_reason(reason))

    assert found.state is State.UNKNOWN


def test_operation_for_a_problem_that_nobody_here_reads_left_the_primary_in_place() -> None:
    ulcer = condition(local("K26", "Duodenal ulcer"), id="ulcer")

    found = value("primary_in_situ", NET, ulcer, procedure("duodenal_surgery", reason="Condition/ulcer"))

    assert found == "yes"


def test_problem_is_on_the_list_by_the_address_that_its_entry_has() -> None:
    ulcer = {**condition(local("K26", "Duodenal ulcer")), "id": "8f3a"}

    found = value("primary_in_situ", NET, ulcer, procedure("duodenal_surgery", reason="urn:uuid:8f3a"))

    assert found == "yes"


def test_operation_for_what_is_not_listed_on_another_organ_left_the_primary_in_place() -> None:
    found = value("primary_in_situ", NET, procedure("small_bowel_surgery", reason="Condition/elsewhere"))

    assert found == "yes"


def test_appendicectomy_decades_earlier_left_a_duodenal_tumour_in_place() -> None:
    found = value("primary_in_situ", NET, procedure("appendicectomy", on="1981"))

    assert found == "yes"


def test_appendicectomy_for_appendicitis_may_have_removed_a_tumour_of_the_appendix() -> None:
    chance = procedure("appendicectomy", reason="Condition/other", on="2026-01-05")

    found = finding("primary_in_situ", tumour("appendix"), APPENDICITIS, chance)

    assert found.state is State.UNKNOWN


def test_colectomy_for_another_disease_left_a_tumour_of_the_colon_in_place() -> None:
    other = procedure("colon_surgery", reason="Condition/other")

    found = value("primary_in_situ", tumour("colon"), APPENDICITIS, other)

    assert found == "yes"


def test_operation_on_another_organ_without_a_reason_left_the_primary_in_place() -> None:
    found = value("primary_in_situ", NET, procedure("small_bowel_surgery"))

    assert found == "yes"


def test_operation_without_a_reason_leaves_it_open_where_the_site_is_not_known() -> None:
    unsited = condition("neuroendocrine_neoplasm", id="net")

    found = finding("primary_in_situ", unsited, procedure("small_bowel_surgery"))

    assert found.state is State.UNKNOWN


def test_operation_without_a_reason_did_not_remove_an_unknown_primary() -> None:
    found = value("primary_in_situ", condition("nen_of_unknown_primary"), procedure("small_bowel_surgery"))

    assert found == "yes"


def test_removal_of_another_neuroendocrine_tumour_left_this_one_in_place() -> None:
    ileal = condition("nen_of_jejunum_ileum", id="ileal", clinical="remission")
    resection = procedure("small_bowel_surgery", reason="Condition/ileal")

    found = value("primary_in_situ", tumour("pancreas"), ileal, resection)

    assert found == "yes"


def test_removal_for_a_tumour_whose_own_entry_names_no_site_removed_it() -> None:
    unsited = condition("neuroendocrine_neoplasm", id="unsited")
    resection = procedure("duodenal_surgery", reason="Condition/unsited")

    found = value("primary_in_situ", unsited, tumour("duodenum"), resection)

    assert found == "no"


def test_removal_for_a_tumour_of_then_unknown_primary_removed_it() -> None:
    unknown = condition("nen_of_unknown_primary", id="unknown")
    resection = procedure("small_bowel_surgery", reason="Condition/unknown")

    found = value("primary_in_situ", unknown, tumour("jejunum_ileum"), resection)

    assert found == "no"


@pytest.mark.parametrize("clinical", ["remission", "resolved"])
def test_primary_in_remission_without_a_removal_on_record_is_unknown(clinical: str) -> None:
    found = finding("primary_in_situ", tumour("duodenum", clinical=clinical))

    assert found.state is State.UNKNOWN


def test_biopsy_is_no_removal() -> None:
    found = value("primary_in_situ", NET, procedure("endoscopic_biopsy", reason=REASON))

    assert found == "yes"


def test_removal_counts_after_an_incomplete_search() -> None:
    found = value("primary_in_situ", NET, procedure("endoscopic_resection", reason=REASON), complete=False)

    assert found == "no"


def test_planned_operation_left_the_primary_in_place() -> None:
    found = value("primary_in_situ", NET, procedure("duodenal_surgery", reason=REASON, status="preparation"))

    assert found == "yes"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-11-20", "5 a"),
        ("2021-11-21", "4.99 a"),
        ("2021-11-19", "5 a"),
        ("2020-05-20", "6.5 a"),
        ("2021", "4.88–5.88 a"),
        ("2026-11-20", "0 a"),
        ("2026-12-24", "0 a"),
    ],
)
def test_years_are_counted_from_the_day_of_the_removal(day: str, expected: str) -> None:
    removed = procedure("endoscopic_resection", reason=REASON, on=day)

    found = value("years_since_resection", NET, removed, today=date(2026, 11, 20))

    assert found == expected


def test_years_are_counted_from_the_latest_removal() -> None:
    first = procedure("endoscopic_resection", reason=REASON, on="2015-11-20")
    second = procedure("duodenal_surgery", reason=REASON, on="2024-11-20")

    found = value("years_since_resection", NET, first, second)

    assert found == "2 a"


def test_years_are_an_interval_where_a_later_operation_may_have_been_of_the_tumour() -> None:
    first = procedure("endoscopic_resection", reason=REASON, on="2015-11-20")
    second = procedure("duodenal_surgery", on="2024-11-20")

    found = value("years_since_resection", NET, first, second)

    assert found == "2–11 a"


def test_years_since_a_removal_without_a_day_are_unknown() -> None:
    removed = without_date(procedure("endoscopic_resection", reason=REASON))

    found = finding("years_since_resection", NET, removed)

    assert found.state is State.UNKNOWN


def test_years_are_an_interval_where_a_second_removal_has_no_day() -> None:
    first = procedure("endoscopic_resection", reason=REASON, on="2016-11-20")
    second = without_date(procedure("duodenal_surgery", reason=REASON))

    found = value("years_since_resection", NET, first, second)

    assert found == "0–10 a"


def test_years_since_an_operation_that_may_have_been_of_the_tumour_are_unknown() -> None:
    found = finding("years_since_resection", NET, procedure("duodenal_surgery", on="2020-11-20"))

    assert found.state is State.UNKNOWN


def test_years_since_a_removal_are_unknown_after_an_incomplete_search() -> None:
    removed = procedure("endoscopic_resection", reason=REASON)

    found = finding("years_since_resection", NET, removed, complete=READ_TYPES - {"Procedure"})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("operation", ["liver_resection", "liver_directed_therapy"])
def test_liver_procedure_for_another_disease_is_no_treatment_of_the_tumour(operation: str) -> None:
    found = value("treated", NET, APPENDICITIS, procedure(operation, reason="Condition/other"))

    assert found == "no"


def test_liver_procedure_for_a_metastasis_is_treatment_of_the_tumour() -> None:
    metastasis = condition("metastasis_liver", id="metastasis")

    found = value("treated", NET, metastasis, procedure("liver_resection", reason="Condition/metastasis"))

    assert found == "yes"


def test_liver_procedure_for_what_is_not_on_the_problem_list_counts_as_one_without_a_reason() -> None:
    found = value("treated", NET, procedure("liver_resection", reason="Condition/elsewhere"))

    assert found == "yes"


def test_liver_procedure_with_two_reasons_is_treatment_where_one_is_the_tumour() -> None:
    reasons = [{"reference": reference} for reference in ("Condition/other", REASON)]
    resection = {**procedure("liver_resection"), "reasonReference": reasons}

    found = value("treated", NET, APPENDICITIS, resection)

    assert found == "yes"


def test_procedure_is_shown_by_its_words() -> None:
    resection = procedure({**concept("cholecystectomy"), "text": "Gallbladder out"})

    found = finding("cholecystectomy", resection)

    assert [evidence.text for evidence in found.evidence] == ["Gallbladder out"]


def test_removal_of_the_primary_is_treatment() -> None:
    found = finding("treated", NET, procedure("endoscopic_resection", reason=REASON))

    assert found.value == "yes"
    assert [evidence.resource[:9] for evidence in found.evidence] == ["Procedure"]


def test_operation_that_may_have_been_of_the_tumour_leaves_treatment_open() -> None:
    found = findings_of(NET, procedure("duodenal_surgery"))

    assert found["treated"].state is State.UNKNOWN
    assert found["treated"].reason == found["primary_in_situ"].reason


def test_cholecystectomy_is_no_treatment_of_the_tumour() -> None:
    found = findings_of(NET, procedure("cholecystectomy"))

    assert (found["cholecystectomy"].value, found["treated"].value) == ("yes", "no")
