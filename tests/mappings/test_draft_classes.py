"""What a draft is for is told from its codes and words, and from its status."""

from typing import Any

import pytest
from chart_builder import TERMINOLOGY
from draft_builder import DRUG, OCTREOTIDE, OPERATION, RXNORM, classes, drafts, ordered

from mappings.drafts import read_drafts
from mappings.order_classes import OrderClass, order_classes
from mappings.value_sets import Additions, load_terminology

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


CODED = [one for one in order_classes().values() if one.value_sets]


@pytest.mark.parametrize("order_class", CODED, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", ["ServiceRequest", "MedicationRequest"])
def test_every_code_and_phrase_of_a_class_is_read_as_it(order_class: OrderClass, kind: str) -> None:
    value_sets = [TERMINOLOGY.value_sets[name] for name in order_class.value_sets]
    element = "code" if kind == "ServiceRequest" else "medicationCodeableConcept"
    coded = [ordered(m.system, m.code, kind) for held in value_sets for m in held.members]
    spoken = [{"resourceType": kind, "id": p, element: {"text": p}} for held in value_sets for p in held.phrases]

    read = drafts(*coded, *spoken)

    emergency = [m.code for m in TERMINOLOGY.value_sets["emergency_procedure"].members]
    missed = [draft.reference for draft in read if order_class.name not in draft.classes]
    assert [reference for reference in missed if not reference.endswith(tuple(emergency))] == []
    assert len(coded) > 1


def test_biopsy_is_nothing_but_a_biopsy() -> None:
    members = [m for name in order_classes()["biopsy"].value_sets for m in TERMINOLOGY.value_sets[name].members]

    read = drafts(*(ordered(m.system, m.code) for m in members))

    assert {draft.classes for draft in read} == {frozenset({"biopsy"})}


def test_order_of_a_local_code_is_read_by_the_overlay() -> None:
    whipple = {"system": "ours", "code": "OP-17", "display": "Whipple"}
    local = Additions("site.toml", {"ours": "urn:ours"}, {"pancreatic_surgery": {"codes": [whipple]}})
    order = {"resourceType": "ServiceRequest", "code": {"coding": [{"system": "urn:ours", "code": "OP-17"}]}}

    [read] = read_drafts({"entry": [{"resource": order}]}, None, load_terminology(local))

    assert (read.classes, read.words) == ({"pancreatic-surgery", "surgery", "definitive-treatment"}, "Whipple")
