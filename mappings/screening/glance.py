"""What screening glances at of a resource: the few elements of its type that tell whether it matters."""

from __future__ import annotations

from typing import Annotated, Any, Union

import msgspec

from mappings.screening.bundle import NOTHING

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


class Glance(msgspec.Struct, gc=False, tag=True, tag_field="resourceType"):
    """The elements of every type; each type is a class with those of its own, and has its name.

    Code and subject stay bytes: in a large chart most are those of another resource, and decoded once. Components and
    extensions may be left out, but not be null or empty: one of ours may have been lost there.
    """

    id: str | None = None
    status: msgspec.Raw = NOTHING
    code: msgspec.Raw = NOTHING
    subject: msgspec.Raw = NOTHING
    patient: msgspec.Raw = NOTHING

    def drug(self) -> str:
        """The reference to a Medication that is not contained, or nothing."""
        return ""


class Patient(Glance, gc=False):
    """Whose chart it is, or another."""


class Condition(Glance, gc=False):
    """By its code, or by its morphology, which is an extension; its statuses are told apart by version."""

    extension: Annotated[list[_Extension], _SOME] | msgspec.UnsetType = msgspec.UNSET
    clinicalStatus: msgspec.Raw = NOTHING
    verificationStatus: msgspec.Raw = NOTHING
    category: msgspec.Raw = NOTHING


class Observation(Glance, gc=False):
    """By its code, or by those of its components."""

    component: Annotated[list[_Component], _SOME] | msgspec.UnsetType = msgspec.UNSET
    bodyStructure: msgspec.Raw = NOTHING


class ImagingStudy(Glance, gc=False):
    """Always read; what was done has a name in each version."""

    procedureCode: msgspec.Raw = NOTHING
    procedure: msgspec.Raw = NOTHING


class DiagnosticReport(Glance, gc=False):
    """By its code."""


class Procedure(Glance, gc=False):
    """By its code; its time has a name in each version."""

    performedDateTime: msgspec.Raw = NOTHING
    performedPeriod: msgspec.Raw = NOTHING
    occurrenceDateTime: msgspec.Raw = NOTHING
    occurrencePeriod: msgspec.Raw = NOTHING
    reason: msgspec.Raw = NOTHING


class ServiceRequest(Glance, gc=False):
    """By its code."""


class OfDrug(Glance, gc=False):
    """By its drug, which has a name in each version."""

    medicationCodeableConcept: ConceptGlance | None = None
    medicationReference: _Reference | None = None
    medication: ConceptGlance | None = None

    def drug(self) -> str:
        """That of R4, an element of its own, or that of R5."""
        stated = self.medication
        pointer = self.medicationReference or (stated.reference if stated is not None else None)
        reference = pointer.reference if pointer is not None else None
        return reference if reference and not reference.startswith("#") else ""


class MedicationRequest(OfDrug, gc=False):
    """By its drug."""


class MedicationStatement(OfDrug, gc=False):
    """By its drug."""


class MedicationAdministration(OfDrug, gc=False):
    """By its drug."""


class Medication(Glance, gc=False):
    """Always read: another resource may refer to it."""


class FamilyMemberHistory(Glance, gc=False):
    """Always read."""


class Immunization(Glance, gc=False):
    """By its vaccine."""

    vaccineCode: ConceptGlance | None = None


class Encounter(Glance, gc=False):
    """By its types."""

    type: msgspec.Raw = NOTHING
    actualPeriod: msgspec.Raw = NOTHING


class CarePlan(Glance, gc=False):
    """By its activities."""

    activity: msgspec.Raw = NOTHING


class OperationOutcome(Glance, gc=False):
    """What a server says of a search."""

    issue: list[_Issue] | None = None


class Loose(msgspec.Struct, gc=False):
    """The elements with codes of a resource of which nothing may be as FHIR has it."""

    code: Any = None
    component: Any = None
    extension: Any = None


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
GLANCE: msgspec.json.Decoder[Glance] = msgspec.json.Decoder(Union[*GLANCES, OperationOutcome])
LOOSE = msgspec.json.Decoder(Loose)
CONCEPT = msgspec.json.Decoder(ConceptGlance | None)
REFERENCE = msgspec.json.Decoder(_Reference | None)
CONCEPTS = msgspec.json.Decoder(list[ConceptGlance])
ACTIVITIES = msgspec.json.Decoder(list[_Activity])
