"""What was lost on the way makes nothing more certain: null, empty, half a name, or missing where others have it."""

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
    mm,
    observation,
    percent,
    person,
    procedure,
    stated,
    study,
    value,
)

from mappings.findings import State

NET = condition("nen_of_duodenum", id="net", sites=["site_ampulla"])
SUSPECTED = condition("nen_of_duodenum", id="net", verification="provisional")
KIDNEY = condition("chronic_kidney_disease", id="kidney")
KI67 = observation("ki67_index", percent(2))
PANEL = observation(local("PANEL"), component=[{"code": coding("LOINC", "29593-1"), **percent(25)}])
AMPULLA = NET["bodySite"][0]["coding"][0]
NOTHING: list[object] = [None, {}, [], 5, True, "text", [None], [[]]]


def without(resource: Resource, *names: str) -> Resource:
    """The resource without some elements."""
    return {name: element for name, element in resource.items() if name not in names}


@pytest.mark.parametrize("nothing", NOTHING, ids=str)
@pytest.mark.parametrize("element", ["clinicalStatus", "verificationStatus", "bodySite", "extension", "subject"])
def test_problem_with_something_lost_is_unread(element: str, nothing: object) -> None:
    found = finding("diagnosis_status", {**SUSPECTED, element: nothing})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("nothing", NOTHING, ids=str)
@pytest.mark.parametrize(
    "element",
    ["focus", "specimen", "method", "interpretation", "referenceRange", "contained", "hasMember", "component"],
)
def test_result_with_something_lost_is_unread(element: str, nothing: object) -> None:
    found = finding("ki67_index", {**KI67, element: nothing})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("name", "resource", "element"),
    [
        ("primary_in_situ", procedure("endoscopic_resection"), "reasonReference"),
        ("abdominal_imaging", study("ct_abdomen"), "procedureCode"),
        ("abdominal_imaging", study("ct_abdomen"), "modality"),
        ("active_medications", drug("somatostatin_analogues"), "dosageInstruction"),
    ],
)
@pytest.mark.parametrize("nothing", [None, [], [{}]], ids=str)
def test_element_with_nothing_in_it_is_not_one_that_was_left_out(
    name: str, resource: Resource, element: str, nothing: object
) -> None:
    found = finding(name, {**resource, element: nothing})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("part", ["value", "unit", "comparator", "code"])
def test_null_within_an_element_is_a_loss(part: str) -> None:
    found = finding("ki67_index", {**KI67, "valueQuantity": {**KI67["valueQuantity"], part: None}})

    assert found.state is State.UNKNOWN


def test_null_in_an_element_that_is_not_read_is_no_loss() -> None:
    found = value("ki67_index", {**KI67, "note": None, "performer": [None]})

    assert found == "2 %"


@pytest.mark.parametrize("components", [None, [], [{}], [{"valueQuantity": {"value": 25}}], [{"code": None}]], ids=str)
def test_panel_whose_parts_were_lost_may_have_been_of_anything(components: object) -> None:
    found = finding("ki67_index", {**PANEL, "component": components})

    assert found.state is State.UNKNOWN


def test_part_that_lost_its_value_leaves_its_finding_unknown() -> None:
    found = finding("ki67_index", {**PANEL, "component": [{"code": coding("LOINC", "29593-1")}]})

    assert found.state is State.UNKNOWN


def test_part_that_lost_its_value_says_nothing_of_the_other_parts() -> None:
    size = {"code": coding("LOINC", "33728-7")}

    found = value("ki67_index", {**PANEL, "component": [*PANEL["component"], size]})

    assert found == "25 %"


def test_part_that_says_why_it_has_no_value_lost_none() -> None:
    said = {"dataAbsentReason": {"text": "not performed"}}

    found = finding("ki67_index", {**PANEL, "component": [{"code": coding("LOINC", "29593-1"), **said}]})

    assert found.state is State.ABSENT


@pytest.mark.parametrize(
    "sites",
    [
        [{"coding": [{"system": AMPULLA["system"]}]}],
        [{"coding": [{"code": AMPULLA["code"]}]}],
        [{"coding": [AMPULLA]}, {"coding": [{"code": AMPULLA["code"]}]}],
    ],
    ids=str,
)
def test_body_site_with_half_a_code_leaves_the_subsite_unknown(sites: object) -> None:
    found = finding("primary_site", {**NET, "bodySite": sites})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("site", [{"text": "second part"}, {"coding": [{"display": "second part"}]}], ids=str)
def test_body_site_in_words_that_we_do_not_know_is_no_loss(site: Element) -> None:
    found = value("primary_site", {**NET, "bodySite": [site]})

    assert found == "duodenum"


@pytest.mark.parametrize("lost", ["url", "valueCodeableConcept"])
def test_morphology_that_lost_its_name_or_its_value_leaves_the_problem_unread(lost: str) -> None:
    tumour = condition("malignant_neoplasm_of_colon", morphology="morphology_net")

    found = finding("diagnosis_status", {**tumour, "extension": [without(tumour["extension"][0], lost)]})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("status", ["clinicalStatus", "verificationStatus"])
def test_problem_has_lost_a_status_that_others_of_its_list_have(status: str) -> None:
    found = finding("diagnosis_status", without(SUSPECTED, status), KIDNEY)

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("beside", [[], [without(KIDNEY, "clinicalStatus", "verificationStatus")]], ids=len)
def test_problem_counts_as_active_and_confirmed_where_its_list_has_no_statuses(beside: list[Resource]) -> None:
    found = value("diagnosis_status", without(NET, "clinicalStatus", "verificationStatus"), *beside)

    assert found == "active"


def test_diagnosis_of_a_visit_has_no_clinical_status() -> None:
    visit = {"category": [coding("condition-category", "encounter-diagnosis")]}

    found = value("diagnosis_status", {**without(NET, "clinicalStatus"), **visit}, KIDNEY)

    assert found == "active"


@pytest.mark.parametrize("verification", ["entered-in-error", "refuted"])
def test_disease_that_there_is_not_has_no_clinical_status(verification: str) -> None:
    error = without(condition("nen_of_duodenum", verification=verification), "clinicalStatus")

    found = finding("diagnosis_status", error, KIDNEY)

    assert found.state is State.ABSENT


@pytest.mark.parametrize("whose", [{}, {"subject": {"display": "Anna"}}], ids=str)
def test_result_is_nobodys_where_others_of_its_list_say_whose_they_are(whose: Element) -> None:
    found = finding("ki67_index", {**without(KI67, "subject"), **whose}, observation("tumour_size", mm(8)))

    assert found.state is State.UNKNOWN


def test_result_without_a_subject_is_the_patients_where_only_other_types_say_whose_they_are() -> None:
    found = value("ki67_index", without(KI67, "subject"), NET)

    assert found == "2 %"


def test_code_without_its_system_may_be_the_latest_result() -> None:
    later = {**observation("ki67_index", percent(25), on="2026-11-10"), "code": {"coding": [{"code": "29593-1"}]}}

    found = finding("ki67_index", KI67, later)

    assert found.state is State.UNKNOWN


def test_marker_that_lost_its_value_leaves_open_when_it_was_last_measured() -> None:
    older = marker("chromogranin_a", 80, 94, on="2025-05-04")
    later = without(marker("chromogranin_a", 90, 94, on="2026-10-04"), "valueQuantity")

    months = [finding("months_since_chromogranin_a", NET, *done) for done in ((later,), (older, later))]

    assert [one.state for one in months] == [State.UNKNOWN, State.UNKNOWN]


@pytest.mark.parametrize("on", ["2024-05-04", "2025-05-04", "2026-05-04"])
def test_size_that_does_not_say_of_which_lesion_leaves_growth_unknown(on: str) -> None:
    days = {"2024-05-04": 12, "2025-05-04": 14, "2026-05-04": 18}
    sizes = [observation("tumour_size", mm(n), on=day, lesion="" if day == on else "A") for day, n in days.items()]

    found = finding("tumour_growth_rate", *sizes)

    assert found.state is State.UNKNOWN


def _of(lesion: str, day: str, system: str = "urn:oid:2.999.30.1") -> Resource:
    """A size of a lesion whose identity is of a system, or of none."""
    identifier = {"system": system, "value": lesion} if system else {"value": lesion}
    return {**observation("tumour_size", mm(12), on=day), "focus": [{"identifier": identifier}]}


def test_identity_that_lost_its_system_makes_no_further_lesion() -> None:
    found = value("lesion_count", _of("A", "2024-05-04"), _of("B", "2025-05-04"), _of("A", "2026-05-04", ""))

    assert found == "2"


def test_identity_that_lost_its_system_leaves_growth_unknown() -> None:
    found = finding("tumour_growth_rate", _of("A", "2024-05-04"), _of("A", "2025-05-04"), _of("A", "2026-05-04", ""))

    assert found.state is State.UNKNOWN


def test_identities_without_any_system_tell_lesions_apart() -> None:
    found = value("lesion_count", _of("A", "2024-05-04", ""), _of("B", "2025-05-04", ""))

    assert found == "2"


@pytest.mark.parametrize("lost", [{"birthDate": None}, {"birthDate": {}}, {"id": None}, {"id": ""}], ids=str)
def test_patient_with_something_lost_has_no_known_age(lost: Element) -> None:
    found = finding("age", {**person("1970-02-03"), **lost})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("codings", [None, [], {}], ids=str)
def test_words_beside_codes_that_were_lost_do_not_say_that_it_was_of_something_else(codings: object) -> None:
    found = finding("ki67_index", {**KI67, "code": {"coding": codings, "text": "Proliferation"}})

    assert found.state is State.UNKNOWN


def test_suspicion_is_kept_where_the_statement_of_function_was_lost() -> None:
    function = observation("tumour_function", stated("function_nonfunctioning"))

    found = finding("gastrinoma", NET, without(function, "valueCodeableConcept"))

    assert found.state is State.UNKNOWN
