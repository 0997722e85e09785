"""The services on offer: their ids, hooks, kinds of card, and the prefetch that their rules need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cards.knowledge import Knowledge
from mappings.vocabulary import Vocabulary

SPECIFICATION_VERSION = "2.0.1"
EXTENSION = "org.hoofbeats.service"
# Prefetch keys by resource type; hospitals type them by hand, so they never change.
PREFETCH_KEYS = {
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
_BASIS = ("diagnosis_status", "primary_site", "grade", "tumour_size")


@dataclass(frozen=True, slots=True)
class Service:
    """One service: where it is called, what it answers, how many cards at most, and of which urgency.

    `replaces` is the service whose cards on the same patient are stale once this one has answered.
    """

    id: str
    hook: str
    title: str
    description: str
    kinds: tuple[str, ...]
    most_cards: int
    indicators: tuple[str, ...] = ("critical", "warning", "info")
    replaces: str = ""


SERVICES: Mapping[str, Service] = {
    service.id: service
    for service in (
        Service(
            "net-patient-view",
            "patient-view",
            "Neuroendocrine tumour: work-up and management",
            "Names work-up steps that are not found in the chart of a patient with a neuroendocrine tumour, grades "
            "that need clarification, and management options to discuss, each with its source and the facts behind it.",
            ("safety", "grade-check", "work-up", "management"),
            4,
        ),
        Service(
            "net-surveillance",
            "patient-view",
            "Neuroendocrine tumour: surveillance",
            "Says which surveillance studies of a patient with a neuroendocrine tumour are overdue by the interval of "
            "their source.",
            ("surveillance",),
            1,
        ),
        Service(
            "net-order-select",
            "order-select",
            "Neuroendocrine tumour: check of a selected order",
            "Looks at an order when it is picked: unsafe or premature treatment of a neuroendocrine tumour, better "
            "imaging, tumour markers that acid suppression would spoil.",
            ("order-guard",),
            3,
        ),
        Service(
            "net-order-sign",
            "order-sign",
            "Neuroendocrine tumour: check before an order is signed",
            "Looks at orders before they are signed and speaks only of what is unsafe or premature.",
            ("order-guard",),
            3,
            ("critical", "warning"),
            replaces="net-order-select",
        ),
    )
}


def discovery(knowledge: Knowledge) -> dict[str, Any]:
    """The answer of the discovery endpoint."""
    return {"services": [_described(service, knowledge) for service in SERVICES.values()]}


def needed_types(service: Service, knowledge: Knowledge) -> tuple[str, ...]:
    """The resource types that the rules of a service read, in the order of the prefetch keys."""
    rules = (rule for rule in knowledge.rules if rule.card in service.kinds)
    names = {criterion.finding.name for rule in rules for criterion in rule.criteria()} | set(_BASIS)
    needed = {kind for name in names for kind in _types_of(name, knowledge.vocabulary)}
    return tuple(kind for kind in PREFETCH_KEYS if kind in needed or kind == "Patient")


def _types_of(name: str, vocabulary: Vocabulary) -> Iterable[str]:
    definition = vocabulary[name]
    yield from definition.resources
    for step in definition.steps:
        yield from vocabulary[step].resources


def _described(service: Service, knowledge: Knowledge) -> dict[str, Any]:
    replaced = {"extension": {EXTENSION: {"replaces": [service.replaces]}}} if service.replaces else {}
    return {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.id,
        "version": SPECIFICATION_VERSION,
        "prefetch": {PREFETCH_KEYS[kind]: _template(kind) for kind in needed_types(service, knowledge)},
        **replaced,
    }


def _template(kind: str) -> str:
    if kind == "Patient":
        return "Patient/{{context.patientId}}"
    return f"{kind}?patient={{{{context.patientId}}}}"
