"""What screening glances at of a resource: the elements of its type that are read, as bytes until one is looked at."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Raw

NOTHING = Raw()
UNDECODABLE = (msgspec.DecodeError, RecursionError)
# Some may be left out, but not be null or empty: one of ours may have been lost there.
_SOME = msgspec.Meta(min_length=1)


class CodingGlance(msgspec.Struct, gc=False):
    """A Coding."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class _Reference(msgspec.Struct, gc=False):
    reference: str | None = None


class InnerConcept(msgspec.Struct, gc=False):
    """A CodeableConcept."""

    coding: Annotated[list[CodingGlance], _SOME] | msgspec.UnsetType = msgspec.UNSET
    text: str | None = None


class ConceptGlance(InnerConcept, gc=False):
    """A CodeableConcept, or an R5 CodeableReference that holds one."""

    concept: InnerConcept | None = None
    reference: _Reference | None = None

    @property
    def stated(self) -> InnerConcept:
        """The CodeableConcept itself."""
        return self.concept or self


class _Extension(msgspec.Struct, gc=False):
    valueCodeableConcept: ConceptGlance | msgspec.UnsetType = msgspec.UNSET


class _Component(msgspec.Struct, gc=False):
    code: ConceptGlance


class _Detail(msgspec.Struct, gc=False):
    code: ConceptGlance | None = None


class _Activity(msgspec.Struct, gc=False):
    detail: _Detail | None = None


class _Issue(msgspec.Struct, gc=False):
    severity: str = "error"
    code: str = ""


class Glance(msgspec.Struct, gc=False, omit_defaults=True, tag=True, tag_field="resourceType"):
    """The elements of every type; each type is a class with those of its own that are read, and has its name.

    All but the id stay bytes: in a large chart most codes and subjects are those of another resource, and most other
    elements are never read.
    """

    id: str | None = None
    status: Raw = NOTHING
    code: Raw = NOTHING
    subject: Raw = NOTHING
    patient: Raw = NOTHING

    def drug(self) -> str:
        """The reference to a Medication that is not contained, or nothing."""
        return ""

    def as_json(self) -> bytes:
        """The resource with the elements that are read, each as it was written."""
        return _ENCODER.encode(self)


class Patient(Glance, gc=False):
    """Whose chart it is, or another."""

    birthDate: Raw = NOTHING


class Condition(Glance, gc=False):
    """By its code, or by its morphology, which is an extension; its statuses are told apart by version."""

    extension: Raw = NOTHING
    clinicalStatus: Raw = NOTHING
    verificationStatus: Raw = NOTHING
    category: Raw = NOTHING
    bodySite: Raw = NOTHING
    onsetDateTime: Raw = NOTHING
    onsetPeriod: Raw = NOTHING
    abatementDateTime: Raw = NOTHING
    abatementPeriod: Raw = NOTHING
    abatementAge: Raw = NOTHING
    abatementRange: Raw = NOTHING
    abatementString: Raw = NOTHING
    recordedDate: Raw = NOTHING


class Observation(Glance, gc=False):
    """By its code, or by those of its components."""

    contained: Raw = NOTHING
    focus: Raw = NOTHING
    effectiveDateTime: Raw = NOTHING
    effectivePeriod: Raw = NOTHING
    effectiveInstant: Raw = NOTHING
    issued: Raw = NOTHING
    valueQuantity: Raw = NOTHING
    valueCodeableConcept: Raw = NOTHING
    valueString: Raw = NOTHING
    valueBoolean: Raw = NOTHING
    valueInteger: Raw = NOTHING
    valueRange: Raw = NOTHING
    valueRatio: Raw = NOTHING
    dataAbsentReason: Raw = NOTHING
    interpretation: Raw = NOTHING
    bodySite: Raw = NOTHING
    bodyStructure: Raw = NOTHING
    method: Raw = NOTHING
    specimen: Raw = NOTHING
    referenceRange: Raw = NOTHING
    hasMember: Raw = NOTHING
    component: Raw = NOTHING


class ImagingStudy(Glance, gc=False):
    """Always read; what was done has a name in each version."""

    modality: Raw = NOTHING
    started: Raw = NOTHING
    procedureCode: Raw = NOTHING
    procedure: Raw = NOTHING
    description: Raw = NOTHING
    series: Raw = NOTHING


class DiagnosticReport(Glance, gc=False):
    """By its code."""

    effectiveDateTime: Raw = NOTHING
    effectivePeriod: Raw = NOTHING
    issued: Raw = NOTHING


class Procedure(Glance, gc=False):
    """By its code; its time has a name in each version."""

    performedDateTime: Raw = NOTHING
    performedPeriod: Raw = NOTHING
    occurrenceDateTime: Raw = NOTHING
    occurrencePeriod: Raw = NOTHING
    reasonReference: Raw = NOTHING
    reasonCode: Raw = NOTHING
    reason: Raw = NOTHING


class ServiceRequest(Glance, gc=False):
    """By its code."""

    intent: Raw = NOTHING
    doNotPerform: Raw = NOTHING
    occurrenceDateTime: Raw = NOTHING
    authoredOn: Raw = NOTHING


class OfDrug(Glance, gc=False):
    """By its drug, which has a name in each version."""

    contained: Raw = NOTHING
    medicationCodeableConcept: Raw = NOTHING
    medicationReference: Raw = NOTHING
    medication: Raw = NOTHING

    def drug(self) -> str:
        """That of R4, an element of its own, or that of R5; raises msgspec.DecodeError where it is none."""
        stated = concept_in(self.medication)
        pointer = reference_in(self.medicationReference) or (stated.reference if stated is not None else None)
        reference = pointer.reference if pointer is not None else None
        return reference if reference and not reference.startswith("#") else ""


class MedicationRequest(OfDrug, gc=False):
    """By its drug."""

    intent: Raw = NOTHING
    doNotPerform: Raw = NOTHING
    authoredOn: Raw = NOTHING
    dosageInstruction: Raw = NOTHING


class MedicationStatement(OfDrug, gc=False):
    """By its drug."""

    adherence: Raw = NOTHING
    effectiveDateTime: Raw = NOTHING
    effectivePeriod: Raw = NOTHING


class MedicationAdministration(OfDrug, gc=False):
    """By its drug."""

    effectiveDateTime: Raw = NOTHING
    effectivePeriod: Raw = NOTHING
    occurenceDateTime: Raw = NOTHING
    occurencePeriod: Raw = NOTHING


class Medication(Glance, gc=False):
    """Always read: another resource may refer to it."""

    ingredient: Raw = NOTHING


class FamilyMemberHistory(Glance, gc=False):
    """Always read."""

    date: Raw = NOTHING
    relationship: Raw = NOTHING
    condition: Raw = NOTHING


class Immunization(Glance, gc=False):
    """By its vaccine."""

    vaccineCode: Raw = NOTHING
    occurrenceDateTime: Raw = NOTHING
    occurrenceString: Raw = NOTHING


class Encounter(Glance, gc=False):
    """By its types."""

    class_: Raw = msgspec.field(default=NOTHING, name="class")
    type: Raw = NOTHING
    period: Raw = NOTHING
    actualPeriod: Raw = NOTHING


class CarePlan(Glance, gc=False):
    """By its activities."""

    intent: Raw = NOTHING
    period: Raw = NOTHING
    created: Raw = NOTHING
    activity: Raw = NOTHING


class OperationOutcome(Glance, gc=False):
    """What a server says of a search."""

    issue: list[_Issue] | None = None


OF_DRUG: tuple[type[OfDrug], ...] = (MedicationRequest, MedicationStatement, MedicationAdministration)
# Of the types that readers read; a resource of another type is passed over.
GLANCES: tuple[type[Glance], ...] = (
    Patient,
    Condition,
    Observation,
    ImagingStudy,
    DiagnosticReport,
    Procedure,
    ServiceRequest,
    *OF_DRUG,
    Medication,
    FamilyMemberHistory,
    Immunization,
    Encounter,
    CarePlan,
)
_ENCODER = msgspec.json.Encoder()
ACTIVITIES = msgspec.json.Decoder(list[_Activity])
CONCEPTS = msgspec.json.Decoder(list[ConceptGlance])
COMPONENTS = msgspec.json.Decoder(Annotated[list[_Component], _SOME])
EXTENSIONS = msgspec.json.Decoder(Annotated[list[_Extension], _SOME])
_CONCEPT = msgspec.json.Decoder(ConceptGlance | None)
_REFERENCE = msgspec.json.Decoder(_Reference | None)


def concept_in(element: Raw | bytes) -> ConceptGlance | None:
    """The concept that an element holds, if any; raises msgspec.DecodeError where it is none."""
    return _CONCEPT.decode(element) if element else None


def reference_in(element: Raw | bytes) -> _Reference | None:
    """The reference that an element holds, if any; raises msgspec.DecodeError where it is none."""
    return _REFERENCE.decode(element) if element else None
