"""The shapes of plain resources: every element that is read, with its R4 type, as FHIR wants it written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, TypeAlias

import msgspec

_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)"
_MONTH = r"(?:0[1-9]|1[0-2])"
_YEAR = r"(?a)\A(?:19|20)\d\d"
_NUMBER = re.compile(rb"-?\d{1,12}(?:\.\d{1,8})?")
_NOTHING = msgspec.Raw()

_Id: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9\-.]{1,64}\Z")]
_Word: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]+\Z")]
_Text: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\S")]
_Date: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"{_YEAR}(?:-{_DAY}|-{_MONTH})?\Z")]
_DateTime: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"{_YEAR}(?:-{_DAY}(?:T{_CLOCK})?|-{_MONTH})?\Z")]
_Instant: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"{_YEAR}-{_DAY}T{_CLOCK}\Z")]
_Number: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
# An element that a plain resource does not have; where it is there, the resource is not plain.
_Not: TypeAlias = None


class _Coding(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    system: _Word | None = None
    version: _Text | None = None
    code: _Word | None = None
    display: _Text | None = None
    userSelected: bool | None = None


class _Concept(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    coding: list[_Coding] | None = None
    text: _Text | None = None


class _Extension(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    url: _Word
    valueCodeableConcept: _Concept


class _Identifier(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    system: _Word | None = None
    value: _Text | None = None


class _Reference(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    reference: _Word | None = None
    type: _Word | None = None
    identifier: _Identifier | None = None
    display: _Text | None = None


class _Period(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    start: _DateTime | None = None
    end: _DateTime | None = None


class _Quantity(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    value: msgspec.Raw = _NOTHING
    comparator: _Word | None = None
    unit: _Text | None = None
    system: _Word | None = None
    code: _Word | None = None

    def __post_init__(self) -> None:
        """Digits are kept as they are written, which no float does."""
        self.value = _decimal(self.value)  # type: ignore[assignment]


class _LowerLimit(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Checked and never read, so its digits need not be kept."""

    value: float | None = None
    comparator: _Word | None = None
    unit: _Text | None = None
    system: _Word | None = None
    code: _Word | None = None


class _Limits(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    low: _LowerLimit | None = None
    high: _Quantity | None = None
    type: _Concept | None = None
    text: _Text | None = None


class _Component(msgspec.Struct, gc=False):
    code: _Concept
    valueQuantity: _Quantity | None = None
    valueCodeableConcept: _Concept | None = None
    valueString: _Text | None = None
    valueRange: _Not = None
    valueInteger: _Not = None
    valueBoolean: bool | None = None
    interpretation: list[_Concept] | None = None
    referenceRange: list[_Limits] | None = None
    dataAbsentReason: _Concept | None = None

    def __post_init__(self) -> None:
        _at_most_one(self.valueQuantity, self.valueCodeableConcept, self.valueString, self.valueBoolean)


class _Series(msgspec.Struct, gc=False):
    uid: _Id
    modality: _Coding
    bodySite: _Coding | None = None
    description: _Text | None = None


class _Repeat(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    boundsPeriod: _Period | None = None
    frequency: _Count | None = None
    period: _Number | None = None
    periodUnit: _Word | None = None


class _Timing(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    repeat: _Repeat | None = None
    code: _Concept | None = None


class _Dosage(msgspec.Struct, gc=False):
    timing: _Timing | None = None


class _Patient(msgspec.Struct, gc=False):
    id: _Id | None = None
    birthDate: _Date | None = None


class _Condition(msgspec.Struct, gc=False):
    subject: _Reference
    id: _Id | None = None
    extension: list[_Extension] | None = None
    clinicalStatus: _Concept | None = None
    verificationStatus: _Concept | None = None
    code: _Concept | None = None
    bodySite: list[_Concept] | None = None
    onsetDateTime: _DateTime | None = None
    onsetPeriod: _Not = None
    abatementDateTime: _DateTime | None = None
    abatementPeriod: _Not = None
    abatementAge: _Not = None
    abatementRange: _Not = None
    abatementString: _Text | None = None
    recordedDate: _DateTime | None = None


class _Observation(msgspec.Struct, gc=False):
    status: _Word
    code: _Concept
    id: _Id | None = None
    contained: _Not = None
    subject: _Reference | None = None
    focus: list[_Reference] | None = None
    effectiveDateTime: _DateTime | None = None
    effectivePeriod: _Not = None
    effectiveInstant: _Not = None
    issued: _Instant | None = None
    valueQuantity: _Quantity | None = None
    valueCodeableConcept: _Concept | None = None
    valueString: _Text | None = None
    valueBoolean: bool | None = None
    valueInteger: _Not = None
    valueRange: _Not = None
    valueRatio: _Not = None
    interpretation: list[_Concept] | None = None
    bodySite: _Concept | None = None
    bodyStructure: _Not = None
    method: _Concept | None = None
    specimen: _Reference | None = None
    referenceRange: list[_Limits] | None = None
    component: list[_Component] | None = None
    hasMember: list[_Reference] | None = None
    dataAbsentReason: _Concept | None = None

    def __post_init__(self) -> None:
        _at_most_one(self.valueQuantity, self.valueCodeableConcept, self.valueString, self.valueBoolean)


class _ImagingStudy(msgspec.Struct, gc=False):
    status: _Word
    subject: _Reference
    id: _Id | None = None
    modality: list[_Coding] | None = None
    started: _DateTime | None = None
    procedureCode: list[_Concept] | None = None
    procedure: _Not = None
    series: list[_Series] | None = None
    description: _Text | None = None


class _DiagnosticReport(msgspec.Struct, gc=False):
    status: _Word
    code: _Concept
    id: _Id | None = None
    subject: _Reference | None = None
    effectiveDateTime: _DateTime | None = None
    effectivePeriod: _Not = None
    issued: _Instant | None = None


class _Procedure(msgspec.Struct, gc=False):
    status: _Word
    subject: _Reference
    id: _Id | None = None
    code: _Concept | None = None
    performedDateTime: _DateTime | None = None
    performedPeriod: _Period | None = None
    occurrenceDateTime: _Not = None
    occurrencePeriod: _Not = None
    reasonReference: list[_Reference] | None = None
    reasonCode: list[_Concept] | None = None
    reason: _Not = None

    def __post_init__(self) -> None:
        _at_most_one(self.performedDateTime, self.performedPeriod)


class _ServiceRequest(msgspec.Struct, gc=False):
    status: _Word
    intent: _Word
    subject: _Reference
    id: _Id | None = None
    doNotPerform: bool | None = None
    code: _Concept | None = None
    authoredOn: _DateTime | None = None
    occurrenceDateTime: _DateTime | None = None


class _MedicationRequest(msgspec.Struct, gc=False):
    status: _Word
    intent: _Word
    subject: _Reference
    id: _Id | None = None
    doNotPerform: bool | None = None
    contained: _Not = None
    medicationCodeableConcept: _Concept | None = None
    medicationReference: _Reference | None = None
    medication: _Not = None
    authoredOn: _DateTime | None = None
    dosageInstruction: list[_Dosage] | None = None

    def __post_init__(self) -> None:
        _at_most_one(self.medicationCodeableConcept, self.medicationReference)
        if self.medicationCodeableConcept is None and self.medicationReference is None:
            raise ValueError("no drug")


# By resource type.
SHAPES: Mapping[str, type[msgspec.Struct]] = {
    "Patient": _Patient,
    "Condition": _Condition,
    "Observation": _Observation,
    "ImagingStudy": _ImagingStudy,
    "DiagnosticReport": _DiagnosticReport,
    "Procedure": _Procedure,
    "ServiceRequest": _ServiceRequest,
    "MedicationRequest": _MedicationRequest,
}
# The elements that are read, by resource type, and of the parts of some elements.
ELEMENTS = {kind: tuple(name for name in shape.__struct_fields__ if name != "id") for kind, shape in SHAPES.items()}
PARTS = {
    "component": _Component.__struct_fields__,
    "dosageInstruction": _Dosage.__struct_fields__,
    "referenceRange": _Limits.__struct_fields__,
    "series": _Series.__struct_fields__,
}


def _decimal(raw: msgspec.Raw) -> Decimal | None:
    written = bytes(raw)
    if not written or written == b"null":
        return None
    if not _NUMBER.fullmatch(written):
        raise ValueError("not a number")
    return Decimal(written.decode())


def _at_most_one(*values: object) -> None:
    if values.count(None) < len(values) - 1:
        raise ValueError("several values")
