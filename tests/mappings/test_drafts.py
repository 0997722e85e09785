"""Drafts are read as far as they go: whatever a client leaves out or misshapes spoils nothing but itself."""

from typing import Any

import pytest
from chart_builder import TERMINOLOGY

from mappings.drafts import CLASSES, Draft, drugs_elsewhere, read_drafts
from mappings.value_sets import Additions, load_terminology

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
OCTREOTIDE = {"coding": [{"system": RXNORM, "code": "7617", "display": "octreotide"}]}
PANCREATODUODENECTOMY = {"coding": [{"system": SNOMED, "code": "116241004"}]}
DRUG = {
    "resourceType": "MedicationRequest",
    "id": "d1",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": OCTREOTIDE,
}
OPERATION = {**DRUG, "resourceType": "ServiceRequest", "code": PANCREATODUODENECTOMY}
del OPERATION["medicationCodeableConcept"]
_DRUG_SETS = {"lutetium_prrt", "prrt_procedure", "cytotoxics", "targeted_therapies"}
MISSHAPEN: list[Any] = [
    None,
    True,
    5,
    1.5,
    "",
    "text",
    [],
    [None],
    [5],
    ["x"],
    [{}],
    {},
    {"x": 1},
    {"coding": "x"},
    {"coding": [None]},
    {"coding": [{}]},
    {"reference": 5},
    {"concept": 5},
]


def drafts(*resources: object, selections: list[Any] | None = None) -> tuple[Draft, ...]:
    """The drafts of a Bundle without a type, all selected where no selections are given."""
    return read_drafts({"entry": [{"resource": r} for r in resources]}, selections, TERMINOLOGY)


def classes(resource: object) -> frozenset[str]:
    """What one draft is for."""
    [read] = drafts(resource)
    return read.classes


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


@pytest.mark.parametrize(
    ("selections", "selected"),
    [
        (["MedicationRequest/d1"], True),
        (["https://ehr.example/fhir/MedicationRequest/d1"], True),
        (["MedicationRequest/d1/_history/2"], True),
        (["d1"], True),
        (["MedicationRequest/d2"], False),
        (["MedicationRequest/d2", "MedicationRequest/of-another-time"], False),
        ([None, 5, {}], False),
        ([], False),
        (None, True),
    ],
    ids=repr,
)
def test_selected_is_what_the_selections_name(selections: list[Any] | None, selected: bool) -> None:
    read, _ = drafts(DRUG, {**DRUG, "id": "d2"}, selections=selections)

    assert read.selected is selected


@pytest.mark.parametrize("selection", ["MedicationRequest/d3", "ServiceRequest/d1", "of-another-time"])
def test_selections_that_name_nothing_that_is_there_leave_all_selected(selection: str) -> None:
    assert [read.selected for read in drafts(DRUG, {**DRUG, "id": "d2"}, selections=[selection])] == [True, True]


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
    names = [name for order_class in CLASSES if order_class not in drugs for name in CLASSES[order_class]]
    held = [TERMINOLOGY.value_sets[name] for name in names if name not in _DRUG_SETS]
    urgent = [{**ordered(m.system, m.code), "priority": priority} for one in held for m in one.members]

    assert {draft.classes for draft in drafts(*urgent)} == {frozenset()}


@pytest.mark.parametrize("priority", ["routine", "urgent", "STATION", 5, None], ids=repr)
def test_operation_without_emergency_keeps_its_classes(priority: object) -> None:
    assert "pancreatic-surgery" in classes({**OPERATION, "priority": priority})


SURGERY = {"definitive-treatment", "surgery"}
CYTOTOXIC = {"definitive-treatment", "cytotoxic"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("liver transplantation", SURGERY),
        ("splenectomy", {*SURGERY, "splenectomy-risk"}),
        ("segmental duodenal resection", {*SURGERY, "duodenal-surgery"}),
        ("Whipple procedure", {*SURGERY, "duodenal-surgery", "pancreatic-surgery"}),
        ("cholecystectomy", {"cholecystectomy"}),
        ("lymphadenectomy", set()),
        ("liver biopsy", {"biopsy"}),
        ("endoscopic mucosal resection", {"definitive-treatment", "endoscopic-resection"}),
        ("cisplatin", {*CYTOTOXIC, "platinum"}),
        ("oxaliplatin", CYTOTOXIC),
        ("FOLFOX", CYTOTOXIC),
        ("Mycapssa", {"somatostatin-analogue"}),
        ("Somatuline Autogel", {"somatostatin-analogue"}),
        ("interferon alfa", set()),
    ],
)
def test_order_is_in_the_classes_of_what_it_is_for(words: str, expected: set[str]) -> None:
    assert classes({**OPERATION, "code": {"text": words}}) == expected


@pytest.mark.parametrize("status", ["stopped", "cancelled", "ended", "revoked", "entered-in-error"])
def test_order_that_stops_an_analogue_is_a_stop_and_no_analogue(status: str) -> None:
    assert classes({**DRUG, "status": status}) == {"analogue-stop"}


@pytest.mark.parametrize("status", ["stopped", "cancelled", "revoked"])
def test_order_that_is_withdrawn_is_in_no_class(status: str) -> None:
    assert classes({**OPERATION, "status": status}) == frozenset()


@pytest.mark.parametrize(
    ("concept", "words"),
    [
        (OCTREOTIDE, "octreotide"),
        ({**OCTREOTIDE, "text": "Octreotide 20 mg"}, "Octreotide 20 mg"),
        ({"coding": [{"system": RXNORM, "code": "7617"}]}, "Octreotide"),
        ({"coding": [{"system": "urn:local", "code": "X1"}, {"system": RXNORM, "code": "7617"}]}, "Octreotide"),
        ({"coding": [{"system": "urn:local", "code": "X1"}]}, "X1"),
        ({}, ""),
    ],
    ids=["display", "text", "our display", "our display beside a local code", "code", "nothing"],
)
def test_order_is_named_in_words_where_there_are_any(concept: dict[str, Any], words: str) -> None:
    [read] = drafts({**DRUG, "medicationCodeableConcept": concept})

    assert read.words == words


def ordered(system: str, code: str, kind: str = "ServiceRequest") -> dict[str, Any]:
    """A draft with one code of a system by our name for it."""
    element = "code" if kind == "ServiceRequest" else "medicationCodeableConcept"
    coding = {"system": TERMINOLOGY.systems[system].url, "code": code}
    return {"resourceType": kind, "id": f"{system}-{code}", element: {"coding": [coding]}}


@pytest.mark.parametrize("order_class", CLASSES)
@pytest.mark.parametrize("kind", ["ServiceRequest", "MedicationRequest"])
def test_every_code_and_phrase_of_a_class_is_read_as_it(order_class: str, kind: str) -> None:
    value_sets = [TERMINOLOGY.value_sets[name] for name in CLASSES[order_class]]
    element = "code" if kind == "ServiceRequest" else "medicationCodeableConcept"
    coded = [ordered(m.system, m.code, kind) for held in value_sets for m in held.members]
    spoken = [{"resourceType": kind, "id": p, element: {"text": p}} for held in value_sets for p in held.phrases]

    read = drafts(*coded, *spoken)

    emergency = [m.code for m in TERMINOLOGY.value_sets["emergency_procedure"].members]
    missed = [draft.reference for draft in read if order_class not in draft.classes]
    assert [reference for reference in missed if not reference.endswith(tuple(emergency))] == []
    assert len(coded) > 1


def test_biopsy_is_nothing_but_a_biopsy() -> None:
    members = [m for name in CLASSES["biopsy"] for m in TERMINOLOGY.value_sets[name].members]

    read = drafts(*(ordered(m.system, m.code) for m in members))

    assert {draft.classes for draft in read} == {frozenset({"biopsy"})}


def test_order_of_a_local_code_is_read_by_the_overlay() -> None:
    whipple = {"system": "ours", "code": "OP-17", "display": "Whipple"}
    local = Additions("site.toml", {"ours": "urn:ours"}, {"pancreatic_surgery": {"codes": [whipple]}})
    order = {"resourceType": "ServiceRequest", "code": {"coding": [{"system": "urn:ours", "code": "OP-17"}]}}

    [read] = read_drafts({"entry": [{"resource": order}]}, None, load_terminology(local))

    assert (read.classes, read.words) == ({"pancreatic-surgery", "surgery", "definitive-treatment"}, "Whipple")
