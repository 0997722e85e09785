"""Relevance: whether one of the codes by which a resource is read belongs to a value set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET

from mappings.screening.glance import (
    ACTIVITIES,
    COMPONENTS,
    CONCEPTS,
    EXTENSIONS,
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
from mappings.screening.page import KEPT, PASSED_OVER, UNREADABLE, Fate
from mappings.statuses import OPEN, WITHDRAWN, as_written
from mappings.value_sets import Terminology

# mCODE: histology and behaviour of the neoplasm, an extension of Condition.
MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
_OPEN = as_written(OPEN)
_WITHDRAWN = as_written(WITHDRAWN)
_ALWAYS_READ = frozenset({ImagingStudy, FamilyMemberHistory, Medication})
# What these say, they say by their code.
_CODED = frozenset({Condition, Observation, DiagnosticReport, Procedure})
# Of other types it is the code alone.
_TELLING: Mapping[type[Glance], Callable[[Any], Iterable[msgspec.Raw]]] = {
    Observation: attrgetter("code", "component"),
    Condition: attrgetter("code", "extension"),
    ServiceRequest: attrgetter("code", "status"),
    **dict.fromkeys(OF_DRUG, attrgetter("code", "medicationCodeableConcept", "medicationReference", "medication")),
    Immunization: attrgetter("code", "vaccineCode"),
    Encounter: attrgetter("code", "type"),
    CarePlan: attrgetter("code", "activity"),
}
_NO_SETS: frozenset[str] = frozenset()


class Relevance(msgspec.Struct, gc=False):
    """Whether a resource is kept for what its codes tell, and the value sets that they are in.

    `sets_are_sure` where each of them is whole, so that it is of no others; `is_r5` where its code is written as in R5.
    `systems` are those of a code that is passed over, and `passed_over` how many resources were, for the same words.
    """

    fate: Fate
    value_sets: frozenset[str] = frozenset()
    sets_are_sure: bool = False
    is_r5: bool = False
    systems: tuple[str, ...] = ()
    passed_over: int = 0


def words_of(resource: Glance) -> bytes:
    """All that the relevance of a resource rests on, as it is written."""
    told = _TELLING.get(resource.__class__)
    return bytes(resource.code) if told is None else b"\0".join(told(resource))


def relevance_of(resource: Glance, terminology: Terminology) -> Relevance:
    """The relevance of a resource, unreadable where its codes are misshapen or it has neither a code nor words."""
    try:
        return _relevance(resource, concept_in(resource.code), terminology)
    except UNDECODABLE:
        return Relevance(UNREADABLE)


def _relevance(resource: Glance, code: ConceptGlance | None, terminology: Terminology) -> Relevance:
    codes = [code] if code is not None else []
    if isinstance(resource, Observation) and resource.component:
        codes += [part.code for part in COMPONENTS.decode(resource.component)]
    sets = _NO_SETS
    for each in codes:
        sets |= _value_sets(each, terminology)
    beside = _BESIDE_CODE.get(resource.__class__)
    by_another = beside is not None and beside(resource, terminology)
    is_r5 = code is not None and code.concept is not None
    if by_another or sets or resource.__class__ in _ALWAYS_READ:
        return Relevance(KEPT, sets, code is not None and all(map(_is_whole, codes)), is_r5)
    if _says_nothing(resource, code, terminology):
        return Relevance(UNREADABLE)
    systems = dict.fromkeys(coding.system or "" for coding in code.coding or ()) if code is not None else ()
    return Relevance(PASSED_OVER, systems=tuple(systems))


def _is_whole(concept: ConceptGlance) -> bool:
    """Whether each coding has its system and its code, or words stand in their place."""
    for coding in concept.coding or ():
        if not coding.system or not coding.code:
            return False
    return bool(concept.coding or concept.text)


def _says_nothing(resource: Glance, code: ConceptGlance | None, terminology: Terminology) -> bool:
    """Whether it does not say what it is about: it has neither a code of a system nor words."""
    kind = resource.__class__
    if kind in _CODED:
        return code is None or not _names(code, terminology)
    if kind is ServiceRequest:
        return bytes(resource.status) in _OPEN and (code is None or not _names(code, terminology))
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
    says = bool(concept.text)
    for coding in concept.coding or ():
        if terminology.may_be_ours(coding.system, coding.code):
            return False
        says = says or bool(coding.display or (coding.system and coding.code))
    return says
