"""Drafts as tests state them."""

from typing import Any

from chart_builder import TERMINOLOGY

from mappings.drafts import Draft, read_drafts

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


def ordered(system: str, code: str, kind: str = "ServiceRequest") -> dict[str, Any]:
    """A draft with one code of a system by our name for it."""
    element = "code" if kind == "ServiceRequest" else "medicationCodeableConcept"
    coding = {"system": TERMINOLOGY.systems[system].url, "code": code}
    return {"resourceType": kind, "id": f"{system}-{code}", element: {"coding": [coding]}}
