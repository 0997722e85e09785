"""Relevance: whether one of the codes by which a resource is read belongs to a value set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeGuard

import msgspec
from msgspec import UNSET

from mappings.screening.glance import (
    ACTIVITIES,
    COMPONENTS,
    CONCEPTS,
    EXTENSIONS,
    LOOSE,
    OF_DRUG,
    UNDECODABLE,
    CarePlan,
    ConceptGlance,
    Condition,
    DiagnosticReport,
    Encounter,
    FamilyMemberHistory,
    Glance,
    ImagingStudy,
    Immunization,
    Medication,
    Observation,
    OfDrug,
    Procedure,
    ServiceRequest,
    concept_in,
    reference_in,
)
from mappings.statuses import OPEN, WITHDRAWN, as_written
from mappings.value_sets import Terminology

# mCODE: histology and behaviour of the neoplasm, an extension of Condition.
MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
_OPEN = as_written(OPEN)
_WITHDRAWN = as_written(WITHDRAWN)
_ALWAYS_READ = frozenset({ImagingStudy, FamilyMemberHistory, Medication})
# What these say, they say by their code.
_CODED = frozenset({Condition, Observation, DiagnosticReport, Procedure})


class CodeGlance(msgspec.Struct, frozen=True, gc=False):
    """What a code tells: the value sets it is in, whether it is written as in R5 and without loss, and its systems.

    Whether it names anything is only looked at where it is in no value set.
    """

    value_sets: frozenset[str] = frozenset()
    is_r5: bool = False
    systems: tuple[str, ...] = ()
    names_something: bool = False
    is_whole: bool = False


def glance_at(code: bytes, terminology: Terminology) -> CodeGlance:
    """What the bytes of a CodeableConcept tell; raises msgspec.DecodeError where they are none."""
    concept = concept_in(code)
    if concept is None:
        return CodeGlance()
    systems = tuple(dict.fromkeys([coding.system or "" for coding in concept.coding or ()]))
    sets, is_r5 = _value_sets(concept, terminology), concept.concept is not None
    return CodeGlance(sets, is_r5, systems, bool(sets) or _names(concept, terminology), is_whole(concept))


def is_whole(concept: ConceptGlance) -> bool:
    """Whether each coding has its system and its code, or words stand in their place."""
    for coding in concept.coding or ():
        if not coding.system or not coding.code:
            return False
    return bool(concept.coding or concept.text)


def codes_of_components(observation: Observation) -> list[ConceptGlance]:
    """The codes of the components; raises msgspec.DecodeError where one has none."""
    return [part.code for part in COMPONENTS.decode(observation.component)]


def sets_of_components(codes: Iterable[ConceptGlance], terminology: Terminology) -> frozenset[str]:
    """The value sets that the codes of components are in."""
    return frozenset().union(*(_value_sets(code, terminology) for code in codes))


def value_sets_of(raw: bytes | msgspec.Raw, terminology: Terminology) -> frozenset[str]:
    """The value sets that an unreadable resource may be of, by its code, components and morphology; none where nobody
    can tell. A code that lost its system may be of any."""
    try:
        held = LOOSE.decode(raw)
    except UNDECODABLE:
        return frozenset()
    beside = [part.get("code") for part in _objects(held.component)]
    beside += [extension.get("valueCodeableConcept") for extension in _objects(held.extension)]
    return frozenset().union(*(_of_loose(concept, terminology) for concept in (held.code, *beside)))


def says_nothing(resource: Glance, code: CodeGlance, terminology: Terminology) -> bool:
    """Whether it does not say what it is about: it has neither a code of a system nor words."""
    kind = resource.__class__
    if kind in _CODED:
        return not code.names_something
    if kind is ServiceRequest:
        return not code.names_something and bytes(resource.status) in _OPEN
    if isinstance(resource, Immunization):
        vaccine = concept_in(resource.vaccineCode)
        return vaccine is None or not _names(vaccine, terminology)
    return False


def unnamed_in(problem: Any, terminology: Terminology) -> str:
    """The element of a problem, its body site or morphology, of which a name or half a code was lost; else nothing."""
    if not all(_names(site, terminology) for site in problem.bodySite or ()):
        return "bodySite"
    said = [e.valueCodeableConcept for e in problem.extension or () if e.url == MORPHOLOGY]
    return "" if all(concept is not None and _names(concept, terminology) for concept in said) else "extension"


def is_withdrawn(resource: Glance) -> bool:
    """Whether it says itself that it does not count; such resources often have lost all else."""
    return bytes(resource.status) in _WITHDRAWN


def is_relevant(resource: Glance, code: CodeGlance, terminology: Terminology) -> bool:
    """Whether one of the codes by which a resource is read belongs to a value set, or only a reader can tell.

    Raises msgspec.DecodeError where what stands beside its own code is not as FHIR has it.
    """
    beside = _BESIDE_CODE.get(resource.__class__)
    by_another = beside is not None and beside(resource, terminology)
    return by_another or bool(code.value_sets) or resource.__class__ in _ALWAYS_READ


def _matters_by_component(observation: Observation, terminology: Terminology) -> bool:
    return bool(observation.component) and bool(sets_of_components(codes_of_components(observation), terminology))


def _matters_by_morphology(problem: Condition, terminology: Terminology) -> bool:
    extensions = EXTENSIONS.decode(problem.extension) if problem.extension else ()
    beside = [extension.valueCodeableConcept for extension in extensions]
    return any(concept is not UNSET and _value_sets(concept, terminology) for concept in beside)


def _matters_by_drug(use: OfDrug, terminology: Terminology) -> bool:
    """A drug by reference, in words or in codes of other systems: only a reader can tell which, or that nobody can."""
    drugs = [drug for drug in (concept_in(use.medicationCodeableConcept), concept_in(use.medication)) if drug]
    if reference_in(use.medicationReference) is not None or not drugs:
        return True  # one that was lost: every list of drugs names one
    stated = drugs[0]
    told = any(coding.code and terminology.knows(coding.system or "") for coding in stated.stated.coding or ())
    if stated.reference is not None or not told:
        return True
    return any(_is_listed_drug(drug, terminology) for drug in drugs)


def _matters_by_vaccine(vaccination: Immunization, terminology: Terminology) -> bool:
    vaccine = concept_in(vaccination.vaccineCode)
    return vaccine is not None and bool(_value_sets(vaccine, terminology))


def _matters_by_type(visit: Encounter, terminology: Terminology) -> bool:
    return _any_listed(CONCEPTS.decode(bytes(visit.type) or b"[]"), terminology)


def _matters_by_activity(plan: CarePlan, terminology: Terminology) -> bool:
    details = [activity.detail for activity in ACTIVITIES.decode(bytes(plan.activity) or b"[]")]
    codes = [detail.code for detail in details if detail is not None]
    return _any_listed(filter(None, codes), terminology)


# Looked up by class: to ask a struct for each of the classes that it is not of takes longer than all else.
_BESIDE_CODE: Mapping[type[Glance], Callable[[Any, Terminology], bool]] = {
    Observation: _matters_by_component,
    Condition: _matters_by_morphology,
    **dict.fromkeys(OF_DRUG, _matters_by_drug),
    Immunization: _matters_by_vaccine,
    Encounter: _matters_by_type,
    CarePlan: _matters_by_activity,
}


def _any_listed(concepts: Iterable[ConceptGlance], terminology: Terminology) -> bool:
    return any(_value_sets(concept, terminology) for concept in concepts)


def _is_listed_drug(drug: ConceptGlance, terminology: Terminology) -> bool:
    """By its codes, or by a name beside codes that nobody lists."""
    stated = drug.stated
    names = [stated.text, *(coding.display for coding in stated.coding or ())]
    return bool(_value_sets(drug, terminology) or terminology.of_drug(filter(None, names)))


def _of_loose(concept: Any, terminology: Terminology) -> frozenset[str]:
    """Those of what should be a concept: by its codes, in any system where it names none; else by its text."""
    if not isinstance(concept, dict):
        return frozenset()
    if isinstance(concept.get("concept"), dict):
        concept = concept["concept"]
    codings = [(c.get("system"), c["code"].strip()) for c in _objects(concept.get("coding")) if _is_text(c.get("code"))]
    if codings:
        return frozenset().union(
            *(terminology.of_code(s, c) if _is_text(s) else terminology.of_bare_code(c) for s, c in codings)
        )
    text = concept.get("text")
    return terminology.of_text(text) if _is_text(text) else frozenset()


def _objects(elements: object) -> list[dict[str, Any]]:
    return [element for element in elements if isinstance(element, dict)] if isinstance(elements, list) else []


def _is_text(element: object) -> TypeGuard[str]:
    return isinstance(element, str) and bool(element)


def _value_sets(concept: ConceptGlance, terminology: Terminology) -> frozenset[str]:
    """Those that its codes are in; where it has no code, those of which its text is one of the phrases."""
    stated, is_coded = concept.stated, False
    sets: frozenset[str] = frozenset()
    for coding in stated.coding or ():
        if coding.code:
            is_coded = True
            sets |= terminology.of_code(coding.system or "", coding.code.strip())
    return sets if is_coded else terminology.of_text(stated.text or "")


def _names(concept: Any, terminology: Terminology) -> bool:
    """Whether a concept says what it means, in codes or words, and no half of a code may have been one of ours."""
    if (inner := getattr(concept, "concept", None)) is not None:
        return _names(inner, terminology)
    codings = concept.coding or []
    if any(terminology.may_be_ours(c.system, c.code) for c in codings):
        return False
    return bool(concept.text) or any(c.display or (c.system and c.code) for c in codings)
