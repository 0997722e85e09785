"""Statuses: the codes that FHIR has for them; a status of any other kind says nothing that could be relied on."""

from __future__ import annotations

from typing import Any

# Those under which a result, study or procedure counts as done.
FINAL = frozenset({"final", "amended", "corrected", "appended", "completed", "available", "finished"})
# Of R4 and R5, all types together: https://hl7.org/fhir/R4 and /R5, the required bindings of `status`.
_STATUSES = frozenset(
    [
        "active",
        "amended",
        "appended",
        "arrived",
        "available",
        "cancelled",
        "completed",
        "corrected",
        "discharged",
        "discontinued",
        "draft",
        "ended",
        "entered-in-error",
        "final",
        "finished",
        "health-unknown",
        "in-progress",
        "intended",
        "modified",
        "not-done",
        "not-taken",
        "on-hold",
        "onleave",
        "partial",
        "planned",
        "preliminary",
        "preparation",
        "recorded",
        "registered",
        "revoked",
        "stopped",
        "triaged",
        "unknown",
    ]
)
_CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved", "unknown"})
_VERIFICATION = frozenset(
    {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error", "unknown"}
)


def status_of(resource: Any) -> str:
    """The status of a resource, whatever its case."""
    return (resource.status or "").lower()


def status_in(concept: Any) -> str:
    """The status that a CodeableConcept is: its first code, else its words; nothing where there is none."""
    if concept is None:
        return ""
    codings = [coding for coding in concept.coding or () if coding is not None]
    said = (word for coding in codings for word in (coding.code, coding.display) if word)
    return str(next(said, concept.text or "")).strip().lower()


def strange_status(resource: Any) -> str:
    """The element that holds a status which FHIR does not have; nothing where there is none."""
    for element, allowed in (("clinicalStatus", _CLINICAL), ("verificationStatus", _VERIFICATION)):
        concept = getattr(resource, element, None)
        if concept is not None and status_in(concept) not in allowed:
            return element
    status = getattr(resource, "status", None)
    return "status" if status and status_of(resource) not in _STATUSES else ""
