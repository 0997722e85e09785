"""Which FHIR version a resource is of, as far as its shape tells."""

from __future__ import annotations

from enum import Enum

from mappings.screening.glance import Glance


class Shape(Enum):
    """Which FHIR version only can have written a resource so; most resources fit several."""

    ANY = "any"
    R4 = "R4"
    R5 = "R5"
    OLDER = "STU3 or DSTU2"


def shape_of(resource: Glance, *, has_r5_code: bool) -> Shape:
    """The shape of a resource by the elements that it has."""
    if is_older(resource):
        return Shape.OLDER
    if resource.medication is not None or has_r5_code or _has_elements_of_r5(resource):
        return Shape.R5
    if resource.performedDateTime or resource.performedPeriod or resource.procedureCode:
        return Shape.R4
    return Shape.R4 if resource.medicationCodeableConcept or resource.medicationReference else Shape.ANY


def is_older(resource: Glance) -> bool:
    """Before R4 the clinical status of a Condition was a code alone."""
    return bool(resource.clinicalStatus) and bytes(resource.clinicalStatus).startswith(b'"')


def is_since_r4(problem: Glance) -> bool:
    """Since R4 it is a CodeableConcept."""
    return bytes(problem.clinicalStatus).startswith(b"{")


def _has_elements_of_r5(resource: Glance) -> bool:
    match resource.resourceType:
        case "Observation":
            return bool(resource.bodyStructure)
        case "ImagingStudy":
            return bool(resource.procedure)
        case "Procedure":
            return bool(resource.occurrenceDateTime or resource.occurrencePeriod or resource.reason)
        case "Encounter":
            return bool(resource.actualPeriod)
        case _:
            return False
