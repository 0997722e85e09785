"""Statuses as resources have them: read, whatever their case, and judged to be one of FHIR."""

from __future__ import annotations

from typing import Any

from mappings.statuses import ALL, CLINICAL, VERIFICATION


def status_of(resource: Any) -> str:
    """The status of a resource, whatever its case."""
    return (resource.status or "").lower()


def status_in(concept: Any) -> str:
    """The status that a CodeableConcept is: its first code, else its words; nothing where there is none."""
    if concept is None:
        return ""
    said = ""
    for coding in concept.coding or ():
        if coding is not None and (said := coding.code or coding.display or ""):
            break
    return str(said or concept.text or "").strip().lower()


def strange_status(resource: Any, kind: str) -> str:
    """The element of a resource that holds a status which FHIR does not have; nothing where there is none."""
    if kind == "Condition":
        for element, allowed in (("clinicalStatus", CLINICAL), ("verificationStatus", VERIFICATION)):
            concept = getattr(resource, element)
            if concept is not None and status_in(concept) not in allowed:
                return element
        return ""
    status = getattr(resource, "status", None)
    return "status" if status and status_of(resource) not in ALL else ""
