"""Hook requests as a CDS client sends them, and the service that they go to."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import load_settings

VIEW = "/cds-services/net-patient-view"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
TODAY = "2026-11-20"
KEYS = (
    "patient",
    "conditions",
    "observations",
    "imagingStudies",
    "procedures",
    "reports",
    "medications",
    "orders",
    "familyHistory",
    "immunizations",
    "medicationStatements",
    "medicationAdministrations",
    "carePlans",
    "encounters",
)


def app_with(**settings: str) -> Flask:
    """A service of its own, with settings by the names of their variables without the prefix."""
    environment = {
        "TODAY": TODAY,
        "DATABASE_URL": "sqlite:///:memory:",
        "DEADLINE_MS": "60000",
        "FETCH_DEADLINE_MS": "60000",
        **settings,
    }
    return create_app(load_settings({f"HOOFBEATS_{name}": value for name, value in environment.items()}))


@cache
def shared_client() -> FlaskClient:
    """A client of one service that tests share, since nothing that they do changes it."""
    return app_with().test_client()


def request(prefetch: object = ..., **changes: Any) -> dict[str, Any]:
    """A patient-view request for a chart with a duodenal NET; a field that is changed to None is left out."""
    body = {
        "hook": "patient-view",
        "hookInstance": INSTANCE,
        "context": context(),
        "prefetch": chart() if prefetch is ... else prefetch,
        **changes,
    }
    return {key: value for key, value in body.items() if value is not None}


def context(**changes: Any) -> dict[str, Any]:
    """The context of the opening of the chart."""
    return {"userId": "Practitioner/1", "patientId": "p1", **changes}


def chart(**changes: Any) -> dict[str, Any]:
    """A prefetch with a duodenal NET in which every search was made and found nothing else."""
    empty = {key: search() for key in KEYS}
    held = {**empty, "patient": {"resourceType": "Patient", "id": "p1"}, "conditions": search(condition()), **changes}
    return {key: value for key, value in held.items() if value is not ...}


def search(*resources: Any, **changes: Any) -> dict[str, Any]:
    """A searchset with these resources as its matches."""
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries, **changes}


def condition(code: str = "C7A.010", **changes: Any) -> dict[str, Any]:
    """A confirmed, active problem: a neuroendocrine tumour of the duodenum unless told otherwise."""
    return {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": ICD_10_CM, "code": code}]},
        "subject": {"reference": "Patient/p1"},
        "recordedDate": "2026-09-01",
        **changes,
    }


def ki67(value: float = 2, **changes: Any) -> dict[str, Any]:
    """A final Ki-67 index in per cent."""
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "29593-1"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-09-10",
        "valueQuantity": {"value": value, "code": "%", "unit": "%"},
        **changes,
    }
