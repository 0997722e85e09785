"""What cannot be relied on: results that may be the latest and cannot be read, and codes that only one source gives."""

from __future__ import annotations

from functools import cache

import pytest
from chart_builder import (
    TERMINOLOGY,
    VOCABULARY,
    Element,
    Resource,
    coding,
    condition,
    drug,
    finding,
    findings_of,
    local,
    marker,
    mm,
    observation,
    percent,
    procedure,
    quantity,
    record_from,
    report,
    study,
    vaccination,
    value,
)

from mappings.findings import Finding, State
from mappings.value_sets import Additions, Member, load_terminology
from mappings.vocabulary import Kind

OLD = observation("ki67_index", percent(2), on="2024-01-10")
LATER = observation("ki67_index", percent(25), on="2026-01-10")
NET = condition("nen_of_duodenum", id="net")
GASTRINOMA = coding("SNOMED CT", "879992009")
IN_WORDS = coding("SNOMED CT", "879992009", "Duodenal gastrinoma (disorder)")


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


def test_code_of_one_source_without_its_words_leaves_the_finding_unknown_and_says_what_to_do() -> None:
    found = finding("gastrinoma", condition(GASTRINOMA))

    assert found.state is State.UNKNOWN
    assert "the site's own file can confirm it" in found.conflicts[0]


def test_code_of_one_source_counts_where_the_sender_says_the_same_words() -> None:
    found = value("gastrinoma", condition(IN_WORDS))

    assert found == "yes"


def test_code_of_one_source_does_not_take_away_what_another_code_says() -> None:
    found = value("gastrinoma", condition("gastrinoma"), condition(GASTRINOMA))

    assert found == "yes"


def test_code_of_several_sources_beside_it_confirms_a_code_of_one_source() -> None:
    both = {"coding": [*GASTRINOMA["coding"], *coding("SNOMED CT", "302824004")["coding"]]}

    found = value("gastrinoma", condition(both))

    assert found == "yes"


def test_set_with_a_member_by_a_code_of_one_source_is_unknown() -> None:
    found = finding("functional_syndromes", condition("carcinoid_syndrome"), condition(GASTRINOMA))

    assert found.state is State.UNKNOWN


def test_removal_by_a_code_of_one_source_may_or_may_not_have_been_of_the_tumour() -> None:
    removal = procedure(coding("SNOMED CT", "771569004"), reason="Condition/net", on="2024-05-04")

    wait = finding("months_without_eus_after_endoscopic_resection", NET, removal)

    assert wait.state is State.UNKNOWN


def test_site_confirms_a_code_of_one_source_in_its_own_file() -> None:
    seen = {"codes": [{"system": "SNOMED CT", "code": "879992009"}]}
    local = Additions("site.toml", {}, {"gastrinoma": seen})
    code = condition(GASTRINOMA)["code"]["coding"][0]["code"]

    confirmed = load_terminology(local).value_sets["gastrinoma"].of_one_source()

    assert code not in {member.code for member in confirmed}


def _members() -> list[tuple[str, Member]]:
    sets = TERMINOLOGY.value_sets.values()
    return list(dict.fromkeys((held.area, member) for held in sets for member in held.of_one_source()))


def _charts(area: str, code: Element) -> list[tuple[Resource, ...]]:
    """The code in every place where a reader of its area could find it, each beside what makes it matter."""
    match area:
        case "diagnosis" | "hereditary" | "morphology" | "body_sites":
            metastasis = {**condition(coding("ICD-10-CM", "C7B.8")), "bodySite": [code]}
            neoplasm = {**condition("neuroendocrine_neoplasm"), "bodySite": [code]}
            return [(condition(code),), (neoplasm,), (metastasis,), (_with_morphology(code),)]
        case "staging" | "pathology" | "laboratory" | "qualifiers":
            values = (percent(8), mm(8), {"valueBoolean": True})
            named = ("tumour_size", "histologic_grade", "invasion_depth", "gastric_net_type")
            stating = [(observation(place, {"valueCodeableConcept": code}),) for place in named]
            return [*((observation(code, held),) for held in values), *stating]
        case _:
            return [
                (NET, procedure(code, reason="Condition/net")),
                (study(code), report(code), drug(code)),
                (vaccination(code),),
            ]


def _with_morphology(code: Element) -> Resource:
    held = condition("malignant_neoplasm_of_colon", morphology="morphology_net")
    return {**held, "extension": [{**held["extension"][0], "valueCodeableConcept": code}]}


def _claims(found: Finding) -> object:
    return None if found.state is State.UNKNOWN else (found.state, str(found.value))


@pytest.mark.parametrize(("area", "member"), _members(), ids=lambda part: getattr(part, "code", part))
def test_no_code_of_one_source_alone_makes_a_finding_but_a_step(area: str, member: Member) -> None:
    charts = _charts(area, coding(member.system, member.code))

    added = {
        name
        for with_it, without in zip(map(_read, charts), _without(area, member.system), strict=True)
        for name in VOCABULARY
        if VOCABULARY[name].kind is not Kind.STEP and not name.startswith("months_since_")
        if with_it[name] not in (None, without[name])
        if with_it["diagnosis_status"] or name != "primary_site"  # of no tumour, and so of no card
    }

    assert added - _SILENCING == set()


# Findings whose value by such a code only keeps something from being recommended.
_SILENCING = {"open_orders"}


@cache
def _without(area: str, system: str) -> list[dict[str, object]]:
    """What the same charts say with a code that nobody knows in its place."""
    return [_read(chart) for chart in _charts(area, coding(system, "0"))]


def _read(chart: tuple[Resource, ...]) -> dict[str, object]:
    return {name: _claims(found) for name, found in findings_of(*chart).items()}


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


def test_record_names_the_resource_that_could_not_be_read() -> None:
    record = record_from({**marker("gastrin", 60, 100), "id": "g1", "status": 7})

    record.observations("gastrin")

    assert [problem.resource for problem in record.unusable] == ["Observation/g1"]


def test_result_that_could_not_be_read_leaves_open_what_it_is_of_and_nothing_else() -> None:
    broken = {**marker("gastrin", 60, 100), "status": 7}

    found = {name: finding(name, broken).state for name in ("gastrin_test", "gastrin_elevated", "ki67_index")}

    assert found == {
        "gastrin_test": State.UNKNOWN,
        "gastrin_elevated": State.UNKNOWN,
        "ki67_index": State.ABSENT,
    }


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
