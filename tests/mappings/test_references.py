"""References: however they are spelt, what they name is found."""

from __future__ import annotations

import pytest

from mappings.references import names_of, target_of

UUID = "c6b0d1a4-53a9-4b54-9a6e-3f1a2b3c4d5e"


@pytest.mark.parametrize("name", ["m1", ""])
@pytest.mark.parametrize(
    "reference",
    ["Medication/m1", "Medication/m1/_history/3", "https://ehr.example/fhir/Medication/m1"],
)
def test_resource_is_found_by_every_spelling_of_a_reference(reference: str, name: str) -> None:
    names = names_of("Medication", name, "https://ehr.example/fhir/Medication/m1")

    assert target_of(reference) in names


def test_resource_is_found_by_its_urn_beside_its_id() -> None:
    names = names_of("Medication", "m1", f"urn:uuid:{UUID}")

    assert {target_of(f"urn:uuid:{UUID}"), target_of("Medication/m1")} == set(names)


def test_resource_without_id_and_address_has_no_name() -> None:
    assert names_of("Medication", "", "") == ()
