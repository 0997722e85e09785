"""Relevance: whether one of the codes by which a resource is read belongs to a value set."""

from __future__ import annotations

from mappings.glance import ACTIVITIES, CONCEPTS, ConceptGlance, Glance
from mappings.value_sets import Terminology


def names_an_unseen_drug(resource: Glance) -> bool:
    """A drug by reference or by text alone: only a reader can tell which it is, or that nobody can."""
    if resource.medicationReference is not None:
        return True
    stated = resource.medicationCodeableConcept or resource.medication
    if stated is None:
        return False
    concept = stated.concept or stated
    return stated.reference is not None or not any(coding.code for coding in concept.coding or ())


def is_relevant(resource: Glance, terminology: Terminology) -> bool:
    """Whether one of the codes by which a resource is read belongs to a value set."""
    for stated in (resource.code, resource.vaccineCode, resource.medicationCodeableConcept, resource.medication):
        if stated is not None and _matters(stated, terminology):
            return True
    if resource.component is not None:
        return any(_matters(component.code, terminology) for component in resource.component)
    match resource.resourceType:
        case "Condition":
            return any(_matters(e.valueCodeableConcept, terminology) for e in resource.extension or ())
        case "Encounter":
            types = bytes(resource.type)
            return bool(types) and any(_matters(concept, terminology) for concept in CONCEPTS.decode(types))
        case "CarePlan":
            activities = bytes(resource.activity)
            details = [a.detail for a in ACTIVITIES.decode(activities)] if activities else []
            return any(_matters(detail.code, terminology) for detail in details if detail is not None)
        case _:
            return False


def _matters(concept: ConceptGlance | None, terminology: Terminology) -> bool:
    if concept is None:
        return False
    if concept.concept is not None:
        return _matters(concept.concept, terminology)
    if not concept.coding:
        return concept.text is not None and bool(terminology.of_text(concept.text))
    return any(terminology.of_code(c.system or "", (c.code or "").strip()) for c in concept.coding) or _only_text(
        concept, terminology
    )


def _only_text(concept: ConceptGlance, terminology: Terminology) -> bool:
    coded = any(c.code for c in concept.coding or ())
    return not coded and concept.text is not None and bool(terminology.of_text(concept.text))
