"""Evidence: the entry that a finding rests on, its words, and whether anything but words says so."""

from __future__ import annotations

import pytest
from chart_builder import (
    Resource,
    condition,
    drug,
    drug_statement,
    finding,
    marker,
    order,
    procedure,
    vaccination,
    words,
)

from mappings.findings import Evidence

NET = condition("nen_of_jejunum_ileum", id="net")
OCTREOTIDE, OMEPRAZOLE = words("octreotide"), words("omeprazole")
GASTRIN = marker("gastrin", 1200, 100, "ng/L")
RESTS_ON_WORDS: list[tuple[str, Resource]] = [
    ("active_medications", drug(OCTREOTIDE)),
    ("systemic_therapy_started", drug_statement(OCTREOTIDE)),
    ("treated", drug(OCTREOTIDE, status="completed")),
    ("primary_in_situ", procedure(words("right hemicolectomy"), reason="Condition/net")),
    ("treated", procedure(words("right hemicolectomy"), reason="Condition/net")),
    ("cholecystectomy", procedure(words("cholecystectomy"))),
    ("prrt_planned", order(words("peptide receptor radionuclide therapy"))),
    ("splenectomy_vaccines", vaccination(words("pneumococcal vaccine"))),
    ("gastrin_on_acid_suppression", drug(OMEPRAZOLE)),
]
RESTS_ON_CODES: list[tuple[str, Resource]] = [
    ("active_medications", drug("octreotide")),
    ("treated", drug("octreotide", status="completed")),
    ("primary_in_situ", procedure("colon_surgery", reason="Condition/net")),
    ("cholecystectomy", procedure("cholecystectomy")),
    ("prrt_planned", order("prrt_procedure")),
    ("gastrin_on_acid_suppression", drug("proton_pump_inhibitors")),
]


def proofs(name: str, resource: Resource) -> list[Evidence]:
    found = finding(name, NET, GASTRIN, resource)
    return [proof for proof in found.evidence if proof.resource.startswith(resource["resourceType"])]


@pytest.mark.parametrize(("name", "resource"), RESTS_ON_WORDS)
def test_evidence_says_that_no_code_was_given(name: str, resource: Resource) -> None:
    assert [proof.by_text for proof in proofs(name, resource)] == [True]


@pytest.mark.parametrize(("name", "resource"), RESTS_ON_CODES)
def test_evidence_with_a_code_is_not_by_its_words(name: str, resource: Resource) -> None:
    assert [proof.by_text for proof in proofs(name, resource)] == [False]
