"""The value sets leave as FHIR R4 that a terminology server can load."""

from __future__ import annotations

import pytest
from fhir.resources.R4B.conceptmap import ConceptMap
from fhir.resources.R4B.valueset import ValueSet

from mappings.export import concept_map, value_set_resources
from mappings.value_sets import Terminology, load_terminology


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    return load_terminology()


def test_every_value_set_with_codes_is_a_valid_r4_value_set(terminology: Terminology) -> None:
    with_codes = [s for s in terminology.value_sets.values() if s.members]

    exported = [ValueSet.model_validate(resource) for resource in value_set_resources(terminology)]

    assert len(exported) == len(with_codes)


def test_an_exported_value_set_keeps_system_and_code(terminology: Terminology) -> None:
    by_id = {resource["id"]: resource for resource in value_set_resources(terminology)}

    include = by_id["ki67-index"]["compose"]["include"]

    assert {"http://loinc.org", "http://snomed.info/sct"} <= {part["system"] for part in include}
    assert "29593-1" in {concept["code"] for part in include for concept in part["concept"]}


def test_the_concept_map_is_valid_r4_and_names_every_code(terminology: Terminology) -> None:
    codes = {(m.system, m.code) for s in terminology.value_sets.values() for m in s.members}

    exported = concept_map(terminology)

    ConceptMap.model_validate(exported)
    named = {(group["source"], element["code"]) for group in exported["group"] for element in group["element"]}
    assert {(terminology.systems[system].url, code) for system, code in codes} == named
