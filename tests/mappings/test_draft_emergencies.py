"""What is ordered in an emergency is held up by nothing, but a drug is."""

from typing import Any

import pytest
from chart_builder import TERMINOLOGY
from draft_builder import MISSHAPEN, OPERATION, SNOMED, classes, drafts, ordered

from mappings.drafts import read_drafts
from mappings.order_classes import order_classes

_DRUG_SETS = {"lutetium_prrt", "prrt_procedure", "cytotoxics", "targeted_therapies"}


@pytest.mark.parametrize("priority", ["stat", "asap"])
def test_emergency_operation_is_in_no_class(priority: str) -> None:
    assert classes({**OPERATION, "priority": priority}) == frozenset()


BLEEDING = {"coding": [{"system": SNOMED, "code": "74474003"}]}


@pytest.mark.parametrize(
    "stated",
    [
        {"reasonCode": [BLEEDING]},
        {"reasonCode": [{"text": "something else"}, BLEEDING]},
        {"reasonCode": BLEEDING},
        {"reason": [{"concept": BLEEDING}]},
        {"reasonCode": [{"text": "Bowel perforation"}], "priority": ""},
        {"code": {"coding": [{"system": SNOMED, "code": "174036004"}]}, "priority": "routine"},
        {"code": {"text": "Emergency laparotomy"}},
    ],
    ids=["code", "among others", "object", "R5", "words", "named so", "named so in words"],
)
def test_operation_for_an_emergency_is_in_no_class(stated: dict[str, Any]) -> None:
    assert classes({**OPERATION, **stated}) == frozenset()


@pytest.mark.parametrize(
    "stated",
    [
        {"reasonCode": [BLEEDING], "priority": "routine"},
        {"reasonCode": [BLEEDING], "priority": "urgent"},
        {"reasonCode": [{"text": "no bleeding"}]},
        {"reasonCode": [{"coding": [{"system": SNOMED, "code": "255046005"}]}]},
    ],
    ids=["routine", "urgent", "other words", "other code"],
)
def test_operation_that_is_said_to_have_time_or_for_another_reason_keeps_its_classes(stated: dict[str, Any]) -> None:
    assert "pancreatic-surgery" in classes({**OPERATION, **stated})


BLEEDS = {"resourceType": "Condition", "id": "c1", "code": BLEEDING}
TO_PROBLEM = {"reference": "Condition/c1"}


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


@pytest.mark.parametrize(
    "stated",
    [
        {"reasonReference": [TO_PROBLEM]},
        {"reasonReference": TO_PROBLEM},
        {"reasonReference": [{"reference": "Condition/other"}, {"reference": "https://ehr.example/R4/Condition/c1"}]},
        {"reasonCode": [{"text": "something else"}], "reasonReference": [TO_PROBLEM]},
        {"reason": [{"reference": TO_PROBLEM}]},
        {"reason": [{"concept": {"text": "something else"}, "reference": TO_PROBLEM}]},
        {"reasonReference": [{"reference": "#b"}], "contained": [{**BLEEDS, "id": "b"}]},
    ],
    ids=["R4", "object", "absolute", "beside a code", "R5", "R5 beside a concept", "contained"],
)
@pytest.mark.parametrize("place", ["chart", "draft"])
def test_operation_for_a_problem_that_is_an_emergency_is_in_no_class(stated: dict[str, Any], place: str) -> None:
    bundle = {"entry": [{"resource": {**OPERATION, **stated}}, *([{"resource": BLEEDS}] if place == "draft" else [])]}

    [read] = read_drafts(bundle, None, TERMINOLOGY, [("", BLEEDS)] if place == "chart" else [])

    assert read.classes == frozenset()


@pytest.mark.parametrize(
    ("problem", "stated"),
    [
        ({"clinicalStatus": status("resolved")}, {}),
        ({"clinicalStatus": status("inactive")}, {}),
        ({"verificationStatus": status("refuted")}, {}),
        ({"verificationStatus": status("entered-in-error")}, {}),
        ({"code": {"text": "Neuroendocrine tumour"}}, {}),
        ({"id": "c2"}, {}),
        ({"resourceType": "Observation"}, {}),
        ({}, {"priority": "routine"}),
    ],
    ids=["resolved", "inactive", "refuted", "in error", "another", "not there", "no problem", "has time"],
)
def test_operation_for_a_problem_that_is_no_emergency_keeps_its_classes(
    problem: dict[str, Any], stated: dict[str, Any]
) -> None:
    order = {**OPERATION, "reasonReference": [TO_PROBLEM], **stated}

    [read] = read_drafts({"entry": [{"resource": order}]}, None, TERMINOLOGY, [("", {**BLEEDS, **problem})])

    assert "pancreatic-surgery" in read.classes


@pytest.mark.parametrize("misshapen", MISSHAPEN, ids=repr)
def test_misshapen_reference_to_a_problem_leaves_the_classes(misshapen: object) -> None:
    broken = [{**OPERATION, "reasonReference": misshapen}, {**OPERATION, "reason": [misshapen]}]

    assert [read.reference for read in drafts(*broken) if "pancreatic-surgery" not in read.classes] == []


@pytest.mark.parametrize("priority", ["stat", "asap"])
@pytest.mark.parametrize("kind", ["ServiceRequest", "MedicationRequest"])
@pytest.mark.parametrize(
    ("order_class", "value_set"),
    [
        ("prrt", "lutetium_prrt"),
        ("prrt", "prrt_procedure"),
        ("somatostatin-analogue", "somatostatin_analogues"),
        ("platinum", "platinum"),
        ("cytotoxic", "cytotoxics"),
        ("sunitinib", "sunitinib"),
    ],
)
def test_drug_is_guarded_however_urgently_it_is_ordered(
    order_class: str, value_set: str, kind: str, priority: str
) -> None:
    member = TERMINOLOGY.value_sets[value_set].members[0]

    assert order_class in classes({**ordered(member.system, member.code, kind), "priority": priority})


@pytest.mark.parametrize("priority", ["stat", "asap"])
def test_no_operation_study_or_test_is_guarded_in_an_emergency(priority: str) -> None:
    drugs = {"prrt", "somatostatin-analogue", "platinum", "cytotoxic", "targeted", "sunitinib"}
    names = [name for one in order_classes().values() if one.name not in drugs for name in one.value_sets]
    held = [TERMINOLOGY.value_sets[name] for name in names if name not in _DRUG_SETS]
    urgent = [{**ordered(m.system, m.code), "priority": priority} for one in held for m in one.members]

    assert {draft.classes for draft in drafts(*urgent)} == {frozenset()}


@pytest.mark.parametrize("priority", ["routine", "urgent", "STATION", 5, None], ids=repr)
def test_operation_without_emergency_keeps_its_classes(priority: object) -> None:
    assert "pancreatic-surgery" in classes({**OPERATION, "priority": priority})
