"""Which FHIR version a resource is of, as far as its shape tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from mappings.screening.glance import (
    OF_DRUG,
    Condition,
    Encounter,
    Glance,
    ImagingStudy,
    Observation,
    OfDrug,
    Procedure,
    concept_in,
    reference_in,
)


class Shape(Enum):
    """Which FHIR version only can have written a resource so; most resources fit several."""

    ANY = "any"
    R4 = "R4"
    R5 = "R5"
    OLDER = "STU3 or DSTU2"

    __hash__ = object.__hash__  # an enum's own is written in Python


_ANY, _R4, _R5, _OLDER = Shape


def shape_of(resource: Glance, *, has_r5_code: bool) -> Shape:
    """The shape of a resource by the elements that it has."""
    told = _SHAPES.get(resource.__class__)
    shape = _ANY if told is None else told(resource)
    return _R5 if has_r5_code and shape is not _OLDER else shape


def is_older(problem: Condition) -> bool:
    """Before R4 the clinical status of a Condition was a code alone."""
    return bytes(problem.clinicalStatus).startswith(b'"')


def is_since_r4(problem: Condition) -> bool:
    """Since R4 it is a CodeableConcept."""
    return bytes(problem.clinicalStatus).startswith(b"{")


def _between(of_r4: object, of_r5: object) -> Shape:
    if of_r5:
        return _R5
    return _R4 if of_r4 else _ANY


def _of_problem(problem: Condition) -> Shape:
    return _OLDER if is_older(problem) else _ANY


def _of_observation(observation: Observation) -> Shape:
    return _R5 if observation.bodyStructure else _ANY


def _of_drug(use: OfDrug) -> Shape:
    of_r4 = concept_in(use.medicationCodeableConcept) or reference_in(use.medicationReference)
    return _between(of_r4, concept_in(use.medication))


def _of_procedure(procedure: Procedure) -> Shape:
    of_r5 = procedure.occurrenceDateTime or procedure.occurrencePeriod or procedure.reason
    return _between(procedure.performedDateTime or procedure.performedPeriod, of_r5)


def _of_study(study: ImagingStudy) -> Shape:
    return _between(study.procedureCode, study.procedure)


def _of_visit(visit: Encounter) -> Shape:
    return _between(None, visit.actualPeriod)


_SHAPES: Mapping[type[Glance], Callable[[Any], Shape]] = {
    Condition: _of_problem,
    Observation: _of_observation,
    **dict.fromkeys(OF_DRUG, _of_drug),
    Procedure: _of_procedure,
    ImagingStudy: _of_study,
    Encounter: _of_visit,
}
