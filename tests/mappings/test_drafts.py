"""Drafts are read as far as they go: whatever a client leaves out or misshapes spoils nothing but itself."""

from typing import Any

import pytest
from chart_builder import TERMINOLOGY
from draft_builder import DRUG, MISSHAPEN, OCTREOTIDE, OPERATION, RXNORM, classes, drafts

from mappings.drafts import drugs_elsewhere, read_drafts


@pytest.mark.parametrize("misshapen", MISSHAPEN, ids=repr)
def test_nothing_beside_the_drug_keeps_it_from_being_read(misshapen: object) -> None:
    names = ["status", "intent", "subject", "authoredOn", "dosageInstruction", "contained", "category", "priority"]
    others = [*names, "medicationReference", "reasonCode", "note", "extension", "meta"]
    broken = [{**DRUG, name: misshapen} for name in others]

    read = drafts(*broken)

    assert [d.reference for d in read if "somatostatin-analogue" not in d.classes] == []


@pytest.mark.parametrize("misshapen", MISSHAPEN, ids=repr)
def test_nothing_beside_the_procedure_keeps_it_from_being_read(misshapen: object) -> None:
    names = [
        "status",
        "intent",
        "subject",
        "authoredOn",
        "category",
        "priority",
        "reasonCode",
        "bodySite",
        "doNotPerform",
    ]
    others = [name for name in names if not (name == "doNotPerform" and misshapen is True)]

    read = drafts(*({**OPERATION, name: misshapen} for name in others))

    assert [d.reference for d in read if "pancreatic-surgery" not in d.classes] == []


@pytest.mark.parametrize("misshapen", MISSHAPEN, ids=repr)
@pytest.mark.parametrize("name", ["code", "medicationCodeableConcept", "medicationReference", "medication"])
def test_order_of_which_the_code_is_misshapen_has_no_class(name: str, misshapen: object) -> None:
    bare = {key: value for key, value in DRUG.items() if key != "medicationCodeableConcept"}
    kind = "ServiceRequest" if name == "code" else "MedicationRequest"

    assert classes({**bare, "resourceType": kind, name: misshapen}) == frozenset()


@pytest.mark.parametrize(
    "concept",
    [
        {"coding": [{}, *OCTREOTIDE["coding"]]},
        {"coding": [None, *OCTREOTIDE["coding"]]},
        {"coding": OCTREOTIDE["coding"][0]},
        {"coding": [{**OCTREOTIDE["coding"][0], "userSelected": "yes", "version": 5}]},
        {"coding": [{"system": RXNORM, "code": 7617}]},
        {"coding": [{"system": RXNORM, "code": " 7617 "}]},
        {"coding": [{}], "text": "Octreotide"},
        {"text": "Octreotide"},
        "Octreotide",
        [OCTREOTIDE],
    ],
    ids=[
        "coding: {}, ...",
        "null, ...",
        "object",
        "odd beside",
        "number",
        "blanks",
        "text",
        "text only",
        "bare",
        "list",
    ],
)
def test_code_is_read_as_far_as_it_goes(concept: object) -> None:
    assert "somatostatin-analogue" in classes({**DRUG, "medicationCodeableConcept": concept})


@pytest.mark.parametrize(
    "shape",
    [
        {"resourceType": "MedicationRequest", "medication": {"concept": OCTREOTIDE}},
        {"resourceType": "MedicationOrder", "medicationCodeableConcept": OCTREOTIDE},
        {"resourceType": "ServiceRequest", "code": {"concept": OCTREOTIDE}},
        {"resourceType": "ProcedureRequest", "code": OCTREOTIDE},
        {"resourceType": "Procedure", "code": OCTREOTIDE},
    ],
    ids=["R5 drug", "DSTU2 drug", "R5 service", "STU3 service", "procedure"],
)
def test_order_is_read_in_the_shape_of_any_version(shape: dict[str, Any]) -> None:
    assert "somatostatin-analogue" in classes(shape)


MEDICATION = {"resourceType": "Medication", "id": "m1", "status": 5, "code": OCTREOTIDE}


@pytest.mark.parametrize(
    ("target", "entry"),
    [
        ("Medication/m1", {"resource": MEDICATION}),
        ("https://ehr.example/fhir/R4/Medication/m1", {"resource": MEDICATION}),
        ("urn:uuid:6f1c", {"fullUrl": "urn:uuid:6f1c", "resource": MEDICATION}),
    ],
    ids=["relative", "absolute", "urn"],
)
@pytest.mark.parametrize("element", ["medicationReference", "medication"])
def test_drug_is_found_among_the_drafts(element: str, target: str, entry: dict[str, Any]) -> None:
    to_drug = {"reference": target}
    stated = {element: to_drug if element == "medicationReference" else {"reference": to_drug}}
    order = {"resourceType": "MedicationRequest", "id": "d1", **stated}

    [read] = read_drafts({"entry": [{"resource": order}, entry]}, None, TERMINOLOGY)

    assert "somatostatin-analogue" in read.classes


def test_drug_is_found_in_the_chart() -> None:
    order = {"resourceType": "MedicationRequest", "id": "d1", "medicationReference": {"reference": "Medication/m1"}}

    [read] = read_drafts({"entry": [{"resource": order}]}, None, TERMINOLOGY, [("", MEDICATION)])

    assert "somatostatin-analogue" in read.classes


@pytest.mark.parametrize(
    ("stated", "elsewhere"),
    [
        ({"medicationReference": {"reference": "Medication/m2"}}, ["Medication/m2"]),
        ({"medicationReference": {"reference": "https://e.org/Medication/m2"}}, ["https://e.org/Medication/m2"]),
        ({"medication": {"reference": {"reference": "Medication/m2"}}}, ["Medication/m2"]),
        ({"medicationReference": {"reference": "Medication/m1"}}, []),
        ({"medicationReference": {"reference": "https://e.org/Medication/m1"}}, []),
        ({"medicationReference": {"reference": "#m2"}}, []),
        ({"medicationReference": {"display": "octreotide"}}, []),
        ({"medicationCodeableConcept": OCTREOTIDE}, []),
        ({"medicationReference": 5, "medication": "x"}, []),
    ],
)
def test_drugs_elsewhere_are_those_that_the_drafts_name_and_do_not_hold(
    stated: dict[str, Any], elsewhere: list[str]
) -> None:
    order = {"resourceType": "MedicationRequest", "id": "d1", **stated}

    assert drugs_elsewhere({"entry": [{"resource": order}, {"resource": MEDICATION}]}) == elsewhere


def test_drug_is_found_within_the_draft() -> None:
    held = {"resourceType": "Medication", "id": "m1", "code": OCTREOTIDE}
    order = {"resourceType": "MedicationRequest", "contained": [held], "medicationReference": {"reference": "#m1"}}

    assert "somatostatin-analogue" in classes(order)


@pytest.mark.parametrize(
    "bundle", [None, [], "x", {}, {"entry": None}, {"entry": {}}, {"entry": [None, {}, {"resource": 5}]}], ids=repr
)
def test_what_is_no_bundle_has_no_drafts(bundle: object) -> None:
    assert read_drafts(bundle, None, TERMINOLOGY) == ()


@pytest.mark.parametrize("kind", [None, 5, [], {}, "", "NutritionOrder", "Observation"], ids=repr)
def test_what_is_no_order_is_no_draft(kind: object) -> None:
    assert drafts({**DRUG, "resourceType": kind}) == ()
