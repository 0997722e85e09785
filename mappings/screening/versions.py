"""Which FHIR version a resource is of, as far as its shape tells."""

from __future__ import annotations

from enum import Enum

from mappings.screening.glance import (
    Condition,
    Encounter,
    Glance,
    ImagingStudy,
    Observation,
    OfDrug,
    Procedure,
)


class Shape(Enum):
    """Which FHIR version only can have written a resource so; most resources fit several."""

    ANY = "any"
    R4 = "R4"
    R5 = "R5"
    OLDER = "STU3 or DSTU2"


_ANY, _R4, _R5, _OLDER = Shape


def shape_of(resource: Glance, *, has_r5_code: bool) -> Shape:
    """The shape of a resource by the elements that it has."""
    if isinstance(resource, Condition) and is_older(resource):
        return _OLDER
    if has_r5_code:
        return _R5
    match resource:
        case Observation():
            return _R5 if resource.bodyStructure else _ANY
        case OfDrug():
            older: object = resource.medicationCodeableConcept or resource.medicationReference
            return _between(older, resource.medication)
        case Procedure():
            older = resource.performedDateTime or resource.performedPeriod
            return _between(older, resource.occurrenceDateTime or resource.occurrencePeriod or resource.reason)
        case ImagingStudy():
            return _between(resource.procedureCode, resource.procedure)
        case Encounter():
            return _between(None, resource.actualPeriod)
        case _:
            return _ANY


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
