"""Whether there is a neoplasm, and where it began."""

from __future__ import annotations

from datetime import date

import pytest
from chart_builder import (
    Element,
    Resource,
    coding,
    concept,
    condition,
    finding,
    findings_of,
    local,
    person,
    value,
    words,
)
from finding_examples import NET

from mappings.findings import State

LUNG_CANCER = coding("ICD-10-CM", "C34.90")


@pytest.mark.parametrize(
    ("clinical", "verification", "expected"),
    [
        ("active", "confirmed", "active"),
        ("", "", "active"),
        ("active", "", "active"),
        ("", "confirmed", "active"),
        ("unknown", "confirmed", "active"),
        ("recurrence", "confirmed", "active"),
        ("relapse", "confirmed", "active"),
        ("active", "provisional", "suspected"),
        ("active", "differential", "suspected"),
        ("active", "unconfirmed", "suspected"),
        ("remission", "confirmed", "remission"),
        ("resolved", "confirmed", "inactive"),
        ("inactive", "confirmed", "inactive"),
    ],
)
def test_status_follows_from_clinical_and_verification_status(clinical: str, verification: str, expected: str) -> None:
    found = value("diagnosis_status", condition("nen_of_duodenum", clinical=clinical, verification=verification))

    assert found == expected


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
@pytest.mark.parametrize("clinical", ["active", "inactive", ""])
def test_refuted_neoplasm_is_none(clinical: str, verification: str) -> None:
    found = finding("diagnosis_status", condition("nen_of_duodenum", clinical=clinical, verification=verification))

    assert found.state is State.ABSENT


def test_active_neoplasm_counts_before_one_in_remission() -> None:
    found = value("diagnosis_status", condition("nen_of_rectum", clinical="remission"), NET)

    assert found == "active"


def test_history_counts_where_nothing_else_is_on_record() -> None:
    found = value("diagnosis_status", condition("history_of_nen"))

    assert found == "history"


def test_diagnosis_in_words_is_read_and_marked_as_text() -> None:
    found = finding("diagnosis_status", condition(words("Ileal neuroendocrine tumour")))

    assert found.value == "active"
    assert found.evidence[0].by_text


@pytest.mark.parametrize(
    "text", ["no evidence of neuroendocrine tumour", "rule out NET", "neuroendocrine tumour excluded", "carcinoid?"]
)
def test_words_that_say_more_than_a_diagnosis_are_none(text: str) -> None:
    found = finding("diagnosis_status", condition(words(text)))

    assert found.state is State.ABSENT


def test_words_do_not_count_where_a_code_says_something_else() -> None:
    found = finding("diagnosis_status", condition({**local(), "text": "neuroendocrine tumour"}))

    assert found.state is State.ABSENT


@pytest.mark.parametrize("mixed", ["mixed_neoplasm", "goblet_cell"])
def test_mixed_neoplasm_and_goblet_cell_carcinoma_are_no_net(mixed: str) -> None:
    found = finding("diagnosis_status", condition(mixed))

    assert found.state is State.ABSENT


@pytest.mark.parametrize("mixed", ["morphology_mixed", "morphology_goblet_cell"])
def test_neoplasm_with_a_mixed_morphology_is_no_net(mixed: str) -> None:
    found = finding("diagnosis_status", condition("nen_of_colon", morphology=mixed))

    assert found.state is State.ABSENT


def test_neoplasm_without_a_code_is_shown_by_its_morphology() -> None:
    found = finding("diagnosis_status", condition(None, morphology="morphology_net"))

    assert [evidence.text for evidence in found.evidence] == ["8240/3"]


def test_neoplasm_with_a_code_is_shown_by_its_code() -> None:
    coded = condition(coding("ICD-10-CM", "C7A.010", text="Duodenal NET"), morphology="morphology_net")

    found = finding("diagnosis_status", coded)

    assert [evidence.text for evidence in found.evidence] == ["Duodenal NET"]


def test_metastasis_called_neuroendocrine_means_that_there_is_a_neoplasm() -> None:
    found = value("diagnosis_status", condition(coding("ICD-10-CM", "C7B.02")))

    assert found == "active"


@pytest.mark.parametrize("metastasis", [coding("ICD-10-CM", "C7B.02"), "metastasis_liver"])
def test_neoplasm_in_remission_is_active_again_in_whatever_code_its_metastasis_is(metastasis: str | Element) -> None:
    gone = condition("nen_of_pancreas", clinical="remission")

    found = findings_of(gone, condition(metastasis))

    assert (found["diagnosis_status"].value, found["primary_site"].value) == ("active", "pancreas")


@pytest.mark.parametrize("metastasis", [coding("ICD-10-CM", "C7B.02"), "metastasis_liver"])
def test_suspected_metastasis_leaves_a_neoplasm_in_remission(metastasis: str | Element) -> None:
    gone = condition("nen_of_pancreas", clinical="remission")

    assert value("diagnosis_status", gone, condition(metastasis, verification="provisional")) == "remission"


@pytest.mark.parametrize("metastasis", [coding("ICD-10-CM", "C7B.02"), "metastasis_liver"])
def test_suspected_neoplasm_is_suspected_in_whatever_code_its_metastasis_is(metastasis: str | Element) -> None:
    found = value("diagnosis_status", condition("nen_of_duodenum", verification="provisional"), condition(metastasis))

    assert found == "suspected"


def test_metastasis_called_neuroendocrine_says_nothing_of_the_primary() -> None:
    found = finding("primary_site", condition(coding("ICD-10-CM", "C7B.02")))

    assert found.state is State.ABSENT


def test_site_is_that_of_the_tumour_in_remission_where_only_its_metastasis_is_active() -> None:
    primary = condition("nen_of_jejunum_ileum", clinical="remission")

    found = findings_of(primary, condition(coding("ICD-10-CM", "C7B.02")))

    assert (found["diagnosis_status"].value, found["primary_site"].value) == ("active", "jejunum-ileum")


def test_metastasis_of_any_carcinoma_is_no_neuroendocrine_neoplasm() -> None:
    found = finding("diagnosis_status", condition(coding("SNOMED CT", "94381002")))

    assert found.state is State.ABSENT


@pytest.mark.parametrize("sites", [["site_other"], []])
def test_small_cell_carcinoma_of_the_lung_is_no_digestive_carcinoma(sites: list[str]) -> None:
    found = finding("diagnosis_status", condition(LUNG_CANCER, sites=sites, morphology="morphology_nec"))

    assert found.state is State.ABSENT


def test_carcinoma_of_the_colon_by_its_morphology_counts() -> None:
    found = value("diagnosis_status", condition("malignant_neoplasm_of_colon", morphology="morphology_nec"))

    assert found == "active"


def test_carcinoma_of_unknown_primary_by_its_morphology_counts() -> None:
    found = value("diagnosis_status", condition("unknown_primary", morphology="morphology_nec"))

    assert found == "active"


def test_malignancy_of_an_organ_without_morphology_is_no_neuroendocrine_neoplasm() -> None:
    found = finding("diagnosis_status", condition("malignant_neoplasm_of_duodenum"))

    assert found.state is State.ABSENT


def test_known_site_outranks_an_unknown_primary() -> None:
    unknown = condition("nen_of_unknown_primary", on="2026-03-01")

    found = value("primary_site", unknown, condition("nen_of_jejunum_ileum", on="2026-01-10"))

    assert found == "jejunum-ileum"


def test_suspected_site_does_not_outrank_an_unknown_primary() -> None:
    suspected = condition("nen_of_jejunum_ileum", verification="provisional")

    found = value("primary_site", condition("nen_of_unknown_primary"), suspected)

    assert found == "unknown-primary"


def test_unknown_primary_of_any_malignancy_beside_a_net_code_is_read() -> None:
    both = {"coding": [*coding("SNOMED CT", "255046005")["coding"], *coding("SNOMED CT", "285645000")["coding"]]}

    found = value("primary_site", condition(both))

    assert found == "unknown-primary"


def test_two_sites_are_a_contradiction_that_names_both() -> None:
    found = finding("primary_site", condition("nen_of_duodenum"), condition("nen_of_pancreas"))

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


def test_site_is_among_those_of_two_active_tumours() -> None:
    found = finding("primary_site", condition("nen_of_duodenum"), condition("nen_of_pancreas"))

    assert found.among == {"duodenum", "pancreas"}


def test_two_sites_do_not_say_that_there_is_no_third_where_a_problem_could_not_be_read() -> None:
    broken = condition("nen_of_stomach", clinical="nobody knows")

    found = finding("primary_site", condition("nen_of_duodenum"), condition("nen_of_pancreas"), broken)

    assert found.state is State.UNKNOWN
    assert found.among == frozenset()


def test_site_of_an_older_tumour_in_remission_does_not_contradict() -> None:
    found = value("primary_site", condition("nen_of_rectum", clinical="remission"), NET)

    assert found == "duodenum"


def test_body_site_that_contradicts_the_code_leaves_the_site_unknown() -> None:
    found = finding("primary_site", condition("nen_of_duodenum", sites=["site_pancreas"]))

    assert found.state is State.UNKNOWN


def test_body_site_of_a_metastasis_is_no_primary_site() -> None:
    found = finding("primary_site", condition(coding("SNOMED CT", "255046005"), sites=["site_liver"]))

    assert found.state is State.ABSENT


@pytest.mark.parametrize("organ", ["duodenum", "pancreas"])
def test_gastrinoma_lies_where_its_body_site_says(organ: str) -> None:
    found = value("primary_site", condition("gastrinoma", sites=[f"site_{organ}"]))

    assert found == organ


@pytest.mark.parametrize("tumour", ["insulinoma", "glucagonoma", "vipoma", "somatostatinoma"])
@pytest.mark.parametrize("place", ["duodenum", "unknown_primary"])
def test_hormone_producing_tumour_lies_where_its_body_site_says(tumour: str, place: str) -> None:
    coded = condition(tumour, sites=[f"site_{place}"])
    by_morphology = condition(coding("ICD-10-CM", "C25.4"), morphology=tumour, sites=[f"site_{place}"])

    assert value("primary_site", coded) == value("primary_site", by_morphology) == place.replace("_", "-")


def test_gastrinoma_without_a_site_has_none() -> None:
    found = finding("primary_site", condition(coding("SNOMED CT", "302824004")))

    assert found.state is State.ABSENT


def test_small_intestine_without_its_part_is_no_site() -> None:
    found = finding(
        "primary_site", condition(coding("SNOMED CT", "255046005"), sites=[coding("SNOMED CT", "30315005")])
    )

    assert found.state is State.ABSENT


def test_head_of_pancreas_beside_pancreas_is_the_head() -> None:
    found = value("primary_subsite", condition("nen_of_pancreas", sites=["site_pancreas", "site_pancreatic_head"]))

    assert found == "head"


def test_ampulla_says_more_than_the_region_around_it() -> None:
    found = value("primary_subsite", condition("nen_of_ampulla", sites=["site_periampullary"]))

    assert found == "ampulla"


def test_two_parts_of_the_pancreas_are_a_contradiction() -> None:
    both = ["site_pancreatic_head", "site_pancreatic_tail"]

    found = finding("primary_subsite", condition("nen_of_pancreas", sites=both))

    assert found.state is State.UNKNOWN


def test_local_code_beside_a_known_one_is_read() -> None:
    both = {"coding": [*local()["coding"], *concept("nen_of_duodenum")["coding"]]}

    found = value("primary_site", condition(both))

    assert found == "duodenum"


def test_system_written_as_an_oid_is_read() -> None:
    code = {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.90", "code": "C7A.010"}]}

    found = value("primary_site", condition(code))

    assert found == "duodenum"


@pytest.mark.parametrize("verification", ["provisional", "unconfirmed"])
def test_suspected_kidney_disease_is_neither_yes_nor_no(verification: str) -> None:
    found = finding("chronic_kidney_disease", condition("chronic_kidney_disease", verification=verification))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("1960-11-19", "66 a"),
        ("1960-11-20", "66 a"),
        ("1960-11-21", "65 a"),
        ("1960-11", "65–66 a"),
        ("1960-12", "65 a"),
        ("1960", "65–66 a"),
        ("2000-02-29", "26 a"),
        ("2026", "0 a"),
        ("2026-11-20", "0 a"),
    ],
)
def test_age_is_counted_on_the_day_of_the_request(born: str, expected: str) -> None:
    found = value("age", person(born), today=date(2026, 11, 20))

    assert found == expected


def test_patient_without_a_birth_date_has_no_age() -> None:
    patient = {"resourceType": "Patient", "id": "p1"}

    found = finding("age", patient)

    assert found.state is State.ABSENT


def test_birth_date_in_the_future_is_no_age() -> None:
    found = finding("age", person("2027-01-01"))

    assert found.state is State.ABSENT


def test_resource_of_another_patient_is_no_evidence() -> None:
    other: Resource = {**NET, "subject": {"reference": "Patient/p2"}}

    found = finding("diagnosis_status", other)

    assert found.state is State.ABSENT


@pytest.mark.parametrize(
    "over",
    [
        {"abatementDateTime": "2024-01-01"},
        {"abatementString": "after the operation"},
        {"abatementPeriod": {"start": "2024-01-01"}},
        {"abatementAge": {"value": 61, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}},
    ],
)
def test_problem_that_has_abated_and_states_no_status_is_over(over: Element) -> None:
    assert value("diagnosis_status", {**condition("nen_of_duodenum", clinical=""), **over}) == "inactive"


def test_status_that_is_stated_counts_before_the_day_on_which_a_problem_abated() -> None:
    relapsed = {**condition("nen_of_duodenum", clinical="relapse"), "abatementDateTime": "2024-01-01"}

    assert value("diagnosis_status", relapsed) == "active"


def test_day_of_abating_that_cannot_be_read_leaves_open_whether_a_problem_is_over() -> None:
    lost = {**condition("nen_of_duodenum", clinical=""), "abatementDateTime": "soon"}

    assert finding("diagnosis_status", lost).state is State.UNKNOWN
