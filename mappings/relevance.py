"""Relevance: whether one of the codes by which a resource is read belongs to a value set."""

from __future__ import annotations

import msgspec

from mappings.glance import ACTIVITIES, CONCEPT, CONCEPTS, ConceptGlance, Glance
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


class CodeGlance(msgspec.Struct, frozen=True, gc=False):
    """What a code tells: whether it is read, whether it is written as in R5, and of which systems it is."""

    matters: bool = False
    is_r5: bool = False
    systems: tuple[str, ...] = ()


def glance_at(code: bytes, terminology: Terminology) -> CodeGlance:
    """What the bytes of a CodeableConcept tell; raises msgspec.DecodeError where they are none."""
    concept = CONCEPT.decode(code) if code else None
    if concept is None:
        return CodeGlance()
    systems = tuple(coding.system or "" for coding in concept.coding or ())
    return CodeGlance(_matters(concept, terminology), concept.concept is not None, systems)


def is_relevant(resource: Glance, code: CodeGlance, terminology: Terminology) -> bool:
    """Whether one of the codes by which a resource is read belongs to a value set."""
    if code.matters:
        return True
    for stated in (resource.vaccineCode, resource.medicationCodeableConcept, resource.medication):
        if stated is not None and _matters(stated, terminology):
            return True
    if resource.component is not None:
        return any(_matters(part.code, terminology) for part in resource.component if part.code is not None)
    match resource.resourceType:
        case "Condition":
            stated_beside = (extension.valueCodeableConcept for extension in resource.extension or ())
            return any(_matters(concept, terminology) for concept in stated_beside if concept is not None)
        case "Encounter":
            types = bytes(resource.type)
            return bool(types) and any(_matters(concept, terminology) for concept in CONCEPTS.decode(types))
        case "CarePlan":
            activities = bytes(resource.activity)
            details = [a.detail for a in ACTIVITIES.decode(activities)] if activities else []
            return any(_matters(d.code, terminology) for d in details if d is not None and d.code is not None)
        case _:
            return False


def _matters(concept: ConceptGlance, terminology: Terminology) -> bool:
    """One of its codes is in a value set; where it has no code, its text is one of the phrases."""
    if concept.concept is not None:
        return _matters(concept.concept, terminology)
    coded = False
    for coding in concept.coding or ():
        if coding.code:
            coded = True
            if terminology.of_code(coding.system or "", coding.code.strip()):
                return True
    return not coded and concept.text is not None and bool(terminology.of_text(concept.text))
