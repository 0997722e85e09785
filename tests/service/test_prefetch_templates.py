"""Each prefetch template is one that every client can run."""

import re

import pytest
from template_linter import faults

from cards.knowledge import shipped_knowledge
from service.services import PREFETCH_KEYS, discovery

_SERVICES = discovery(shipped_knowledge())["services"]
_TEMPLATES = [
    pytest.param(template, service["hook"], id=f"{service['id']}-{key}")
    for service in _SERVICES
    for key, template in service["prefetch"].items()
]


@pytest.mark.cds("P1", "P2", "P3", "P4", "P5", "P6", "P7")
@pytest.mark.parametrize(("template", "hook"), _TEMPLATES)
def test_template_is_legal(template: str, hook: str) -> None:
    assert list(faults(template, hook)) == []


@pytest.mark.cds("P8")
@pytest.mark.parametrize(("template", "hook"), _TEMPLATES)
def test_template_does_not_use_the_tokens_of_the_ballot(template: str, hook: str) -> None:
    assert not any(mark in template for mark in ("today()", "%", "|", ".resolve", ".ofType"))


@pytest.mark.parametrize(("template", "hook"), _TEMPLATES)
def test_template_is_of_the_patient_of_the_call(template: str, hook: str) -> None:
    assert template.startswith("Patient/{{context.patientId}}") or "?patient={{context.patientId}}" in template


@pytest.mark.parametrize("service", _SERVICES, ids=lambda service: service["id"])
def test_each_key_stands_for_the_type_that_it_is_named_for(service: dict[str, dict[str, str]]) -> None:
    kinds = {(re.split(r"\W", template)[0], key) for key, template in service["prefetch"].items()}

    assert kinds <= set(PREFETCH_KEYS.items())


def test_keys_are_the_same_as_ever() -> None:
    assert PREFETCH_KEYS == {
        "Patient": "patient",
        "Condition": "conditions",
        "Observation": "observations",
        "ImagingStudy": "imagingStudies",
        "Procedure": "procedures",
        "DiagnosticReport": "reports",
        "MedicationRequest": "medications",
        "ServiceRequest": "orders",
        "FamilyMemberHistory": "familyHistory",
        "Immunization": "immunizations",
        "MedicationStatement": "medicationStatements",
        "MedicationAdministration": "medicationAdministrations",
        "CarePlan": "carePlans",
        "Encounter": "encounters",
    }


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("/Patient/{{context.patientId}}", "neither a read nor a search by a relative address"),
        ("https://ehr.example/Patient/{{context.patientId}}", "neither a read nor a search by a relative address"),
        ("Patient/{{context.patientId}}/$everything", "neither a read nor a search by a relative address"),
        ("Condition?patient={{context.draftOrders.id}}", "token context.draftOrders.id"),
        ("Condition?patient={{patientId}}", "token patientId"),
        ("Condition?patient={{context.patientId}", "unbalanced braces"),
        ("Condition?patient={{context.patientId}}&date=ge2020&date=le2024", "date twice"),
        ("Condition?patient={{context.patientId}}&code:not=1", "modifier not"),
        ("Condition?patient={{context.patientId}}&onset-date=sa2020", "date sa2020"),
        ("Condition?patient={{context.patientId}}&_include=Condition:subject", "parameter _include"),
        ("Condition?patient={{context.patientId}}&_summary=true", "parameter _summary"),
        ("Condition?patient.identifier={{context.patientId}}", "parameter patient.identifier"),
    ],
)
def test_linter_finds_what_a_client_may_refuse(template: str, fault: str) -> None:
    assert fault in list(faults(template, "patient-view"))
