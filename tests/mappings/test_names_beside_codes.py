"""Names beside codes: what a tumour makes and which drug it is, where the codes do not tell."""

from __future__ import annotations

import pytest
from chart_builder import (
    TERMINOLOGY,
    Element,
    condition,
    drug,
    drug_statement,
    finding,
    medication,
    value,
)

from mappings.drafts import read_drafts

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
NDC, RXNORM = "http://hl7.org/fhir/sid/ndc", "http://www.nlm.nih.gov/research/umls/rxnorm"


def coded(system: str, code: str, text: str = "", display: str = "") -> Element:
    return {
        "coding": [{"system": system, "code": code, **({"display": display} if display else {})}],
        **({"text": text} if text else {}),
    }


@pytest.mark.parametrize("hormone", ["insulinoma", "gastrinoma", "glucagonoma", "VIPoma", "somatostatinoma"])
@pytest.mark.parametrize("code", ["C25.4", "D13.7"])
def test_words_beside_the_code_of_all_islet_tumours_tell_which_one_it_is(code: str, hormone: str) -> None:
    found = value("functional_syndromes", condition(coded(ICD, code, hormone)))

    assert found == frozenset({hormone.lower()})


def test_display_of_the_code_of_all_islet_tumours_tells_which_one_it_is() -> None:
    assert value("insulinoma", condition(coded(ICD, "C25.4", display="Insulinoma"))) == "yes"


def test_what_is_known_by_words_beside_a_code_says_so() -> None:
    [proof] = finding("insulinoma", condition(coded(ICD, "C25.4", "Insulinoma"))).evidence

    assert proof.by_text


@pytest.mark.parametrize("text", ["Suspected insulinoma", "Not insulinoma", "Malignant neoplasm of endocrine pancreas"])
def test_words_that_say_anything_else_tell_no_hormone(text: str) -> None:
    assert value("insulinoma", condition(coded(ICD, "C25.4", text))) != "yes"


def test_words_beside_a_code_that_tells_the_hormone_add_none() -> None:
    found = value("functional_syndromes", condition({**condition("insulinoma")["code"], "text": "Gastrinoma"}))

    assert found == frozenset({"insulinoma"})


def test_words_beside_a_code_of_nothing_that_is_read_name_no_tumour() -> None:
    assert value("diagnosis_status", condition(coded(ICD, "J45.909", "Insulinoma"))) is None


@pytest.mark.parametrize(
    "name",
    [
        coded(NDC, "0078-0646-81", "octreotide"),
        coded(RXNORM, "99999999", display="octreotide 20 MG Injection"),
        coded("urn:oid:2.999.1", "OCT20", "Octreotide LAR 20 mg"),
        {"text": "octreotide LAR, 20 mg"},
        {"text": "octreotide"},
    ],
)
def test_drug_of_which_no_code_is_listed_is_known_by_its_name(name: Element) -> None:
    assert value("active_medications", drug(name)) == frozenset({"somatostatin-analogue"})
    assert value("active_medications", drug_statement(name)) == frozenset({"somatostatin-analogue"})


@pytest.mark.parametrize("text", ["octreotide scan", "indium In-111 octreotide", "no octreotide", "20 mg octreotide"])
def test_name_within_other_words_is_no_drug(text: str) -> None:
    assert value("active_medications", drug(coded(RXNORM, "99999999", text))) == frozenset()


def test_listed_code_tells_the_drug_whatever_stands_beside_it() -> None:
    listed = {**drug("proton_pump_inhibitors")["medicationCodeableConcept"], "text": "octreotide"}

    assert value("active_medications", drug(listed)) == frozenset({"proton-pump-inhibitor"})


def with_ingredients(*names: Element) -> list[Element]:
    return [{"itemCodeableConcept": name} for name in names]


def test_medication_without_a_code_is_known_by_an_ingredient() -> None:
    octreotide = drug("somatostatin_analogues")["medicationCodeableConcept"]
    contained = {"resourceType": "Medication", "id": "m", "ingredient": with_ingredients({"text": "water"}, octreotide)}
    order = {**drug("octreotide"), "contained": [contained], "medicationReference": {"reference": "#m"}}
    del order["medicationCodeableConcept"]

    assert value("active_medications", order) == frozenset({"somatostatin-analogue"})


def test_medication_elsewhere_without_a_code_is_known_by_an_ingredient() -> None:
    octreotide = drug("somatostatin_analogues")["medicationCodeableConcept"]
    elsewhere = {"resourceType": "Medication", "id": "m", "ingredient": with_ingredients(octreotide)}
    order = {**drug("octreotide"), "medicationReference": {"reference": "Medication/m"}}
    del order["medicationCodeableConcept"]

    assert medication("octreotide", id="m")["resourceType"] == elsewhere["resourceType"]
    assert value("active_medications", order, elsewhere) == frozenset({"somatostatin-analogue"})


@pytest.mark.parametrize(
    "ordered",
    [
        {"medicationCodeableConcept": coded(NDC, "0078-0646-81", "octreotide")},
        {"medicationCodeableConcept": {"text": "Lanreotide 120 mg"}},
        {"medication": {"concept": coded(NDC, "0078-0646-81", "octreotide")}},
        {
            "contained": [
                {"resourceType": "Medication", "id": "m", "ingredient": with_ingredients({"text": "octreotide"})}
            ],
            "medicationReference": {"reference": "#m"},
        },
        {
            "contained": [
                {"resourceType": "Medication", "id": "m", "ingredient": [{"item": {"concept": {"text": "octreotide"}}}]}
            ],
            "medication": {"reference": {"reference": "#m"}},
        },
    ],
)
def test_draft_of_a_drug_of_which_no_code_is_listed_is_known_by_its_name(ordered: Element) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MedicationRequest", **ordered}}]}

    [draft] = read_drafts(bundle, None, TERMINOLOGY)

    assert "somatostatin-analogue" in draft.classes
