"""Relevance: whether one of the codes by which a resource is read belongs to a value set."""

from __future__ import annotations

import msgspec

from mappings.glance import ACTIVITIES, CODE_ALONE, CONCEPT, CONCEPTS, GLANCE, UNDECODABLE, ConceptGlance, Glance
from mappings.value_sets import Terminology

_OPEN = (b'"active"', b'"on-hold"', b'"draft"')
_WITHDRAWN = (b'"entered-in-error"', b'"cancelled"', b'"not-done"')


def names_an_unseen_drug(resource: Glance, terminology: Terminology) -> bool:
    """A drug by reference, in words or in codes of other systems: only a reader can tell which, or that nobody can."""
    if resource.medicationReference is not None:
        return True
    stated = resource.medicationCodeableConcept or resource.medication
    if stated is None:
        return resource.resourceType.startswith("Medication")  # one that was lost: every list of drugs names one
    concept = stated.concept or stated
    told = any(coding.code and terminology.knows(coding.system or "") for coding in concept.coding or ())
    return stated.reference is not None or not told


class CodeGlance(msgspec.Struct, frozen=True, gc=False):
    """What a code tells: the value sets it is in, whether it is written as in R5, and of which systems it is."""

    value_sets: frozenset[str] = frozenset()
    is_r5: bool = False
    systems: tuple[str, ...] = ()
    names_something: bool = False


def glance_at(code: bytes, terminology: Terminology) -> CodeGlance:
    """What the bytes of a CodeableConcept tell; raises msgspec.DecodeError where they are none."""
    concept = CONCEPT.decode(code) if code else None
    if concept is None:
        return CodeGlance()
    systems = tuple(coding.system or "" for coding in concept.coding or ())
    return CodeGlance(
        _value_sets(concept, terminology), concept.concept is not None, systems, _names(concept, terminology)
    )


def sets_of_components(resource: Glance, terminology: Terminology) -> frozenset[str]:
    """The value sets that the codes of the components are in."""
    codes = (part.code for part in resource.component or ())
    return frozenset().union(*(_value_sets(code, terminology) for code in codes if code is not None))


def value_sets_of(raw: bytes, terminology: Terminology) -> frozenset[str]:
    """The value sets of the code of a resource, its components and its morphology; none where nobody can tell."""
    try:
        named = glance_at(bytes(CODE_ALONE.decode(raw).code), terminology).value_sets
    except UNDECODABLE:
        return frozenset()
    try:
        resource = GLANCE.decode(raw)
    except UNDECODABLE:
        return named
    beside = (extension.valueCodeableConcept for extension in resource.extension or ())
    morphologies = (_value_sets(concept, terminology) for concept in beside if concept is not None)
    return named.union(sets_of_components(resource, terminology), *morphologies)


def is_bare(resource: Glance) -> bool:
    """Whether nothing but the type, code and subject of a resource tells its fate; most are so, and many alike."""
    return (
        resource.resourceType == "Observation"
        and resource.component is None
        and resource.vaccineCode is None
        and resource.medicationCodeableConcept is None
        and resource.medicationReference is None
        and resource.medication is None
        and not resource.patient
    )


def says_nothing(resource: Glance, code: CodeGlance, terminology: Terminology) -> bool:
    """Whether nobody can tell what it is about: it has neither a code of a system nor words."""
    match resource.resourceType:
        case "Condition" | "Observation" | "DiagnosticReport" | "Procedure":
            named = code.names_something
        case "ServiceRequest":
            named = code.names_something or bytes(resource.status) not in _OPEN
        case "Immunization":
            named = resource.vaccineCode is not None and _names(resource.vaccineCode, terminology)
        case _:
            named = True
    return not named


def is_withdrawn(resource: Glance) -> bool:
    """Whether it says itself that it does not count; such resources often have lost all else."""
    return bytes(resource.status) in _WITHDRAWN


def is_relevant(resource: Glance, code: CodeGlance, terminology: Terminology) -> bool:
    """Whether one of the codes by which a resource is read belongs to a value set."""
    if code.value_sets:
        return True
    stated_otherwise = resource.vaccineCode or resource.medicationCodeableConcept or resource.medication
    if stated_otherwise is not None:
        drugs = (resource.vaccineCode, resource.medicationCodeableConcept, resource.medication)
        if any(_matters(drug, terminology) for drug in drugs if drug is not None):
            return True
    if resource.component is not None:
        return bool(sets_of_components(resource, terminology))
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
    return bool(_value_sets(concept, terminology))


def _value_sets(concept: ConceptGlance, terminology: Terminology) -> frozenset[str]:
    """Those that its codes are in; where it has no code, those of which its text is one of the phrases."""
    if concept.concept is not None:
        return _value_sets(concept.concept, terminology)
    codings = [coding for coding in concept.coding or () if coding.code]
    if codings:
        return frozenset().union(*(terminology.of_code(c.system or "", (c.code or "").strip()) for c in codings))
    return terminology.of_text(concept.text or "")


def _names(concept: ConceptGlance, terminology: Terminology) -> bool:
    """Whether a concept says what it means, in codes or words, and no half of a code may have been one of ours."""
    if concept.concept is not None:
        return _names(concept.concept, terminology)
    codings = concept.coding or []
    if any(terminology.may_be_ours(c.system, c.code) for c in codings):
        return False
    return bool(concept.text) or any(c.display or (c.system and c.code) for c in codings)
