"""What screening glances at of a Bundle and its resources: the few elements that tell whether a resource matters."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

NOTHING = msgspec.Raw()
_SOME = msgspec.Meta(min_length=1)
UNDECODABLE = (msgspec.DecodeError, RecursionError)


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


class Issue(msgspec.Struct, gc=False):
    """An issue of an OperationOutcome."""

    severity: str = "error"
    code: str = ""


class Glance(msgspec.Struct, gc=False):
    """The elements that tell whether a resource matters, whose it is, and of which FHIR version it is.

    Code and subject stay bytes: in a large chart most are those of another resource, and decoded once. Components and
    extensions may be left out, but not be null or empty: one of ours may have been lost there.
    """

    resourceType: str
    id: str | None = None
    subject: msgspec.Raw = NOTHING
    patient: msgspec.Raw = NOTHING
    code: msgspec.Raw = NOTHING
    vaccineCode: ConceptGlance | None = None
    medicationCodeableConcept: ConceptGlance | None = None
    medicationReference: _Reference | None = None
    medication: ConceptGlance | None = None
    component: Annotated[list[_Component], _SOME] | msgspec.UnsetType = msgspec.UNSET
    extension: Annotated[list[_Extension], _SOME] | msgspec.UnsetType = msgspec.UNSET
    type: msgspec.Raw = NOTHING
    activity: msgspec.Raw = NOTHING
    issue: list[Issue] | None = None
    clinicalStatus: msgspec.Raw = NOTHING
    verificationStatus: msgspec.Raw = NOTHING
    category: msgspec.Raw = NOTHING
    performedDateTime: msgspec.Raw = NOTHING
    performedPeriod: msgspec.Raw = NOTHING
    procedureCode: msgspec.Raw = NOTHING
    occurrenceDateTime: msgspec.Raw = NOTHING
    occurrencePeriod: msgspec.Raw = NOTHING
    procedure: msgspec.Raw = NOTHING
    reason: msgspec.Raw = NOTHING
    actualPeriod: msgspec.Raw = NOTHING
    bodyStructure: msgspec.Raw = NOTHING
    status: msgspec.Raw = NOTHING


class _Search(msgspec.Struct, gc=False):
    mode: str | None = None


class _Link(msgspec.Struct, gc=False):
    relation: str | None = None
    url: str | None = None


class BundleEntry(msgspec.Struct, gc=False):
    """One entry of a Bundle."""

    resource: msgspec.Raw = NOTHING
    fullUrl: str | None = None
    search: _Search | None = None


class Bundle(msgspec.Struct, gc=False):
    """A Bundle cut up: its resources are left as bytes, which are no copies but parts of the request."""

    resourceType: str | None = None
    entry: list[BundleEntry | None] | msgspec.UnsetType | None = msgspec.UNSET
    link: list[_Link | None] | None = None
    total: int | None = None
    type: str | None = None


class Value(Bundle, gc=False):
    """A value of a prefetch: a Bundle, or a Patient, of whom nothing is read but who it is and since when."""

    id: msgspec.Raw = NOTHING
    birthDate: msgspec.Raw = NOTHING

    def as_patient(self) -> bytes:
        """The Patient with what is read of it."""
        said = [b'"%s":%s' % (n, bytes(r)) for n, r in ((b"id", self.id), (b"birthDate", self.birthDate)) if r]
        return b"{%s}" % b",".join([b'"resourceType":"Patient"', *said])


class LooseBundle(msgspec.Struct, gc=False):
    """A Bundle of which a part may be no FHIR: its entries as they are, its total if it is one."""

    resourceType: str | None = None
    entry: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET
    link: list[_Link | None] | None = None
    total: msgspec.Raw = NOTHING
    type: str | None = None


class Loose(msgspec.Struct, gc=False):
    """The elements with codes of a resource of which nothing may be as FHIR has it."""

    code: Any = None
    component: Any = None
    extension: Any = None


class _Typed(msgspec.Struct, gc=False):
    resourceType: str | None = None


LOOSE = msgspec.json.Decoder(Loose)
_TYPED = msgspec.json.Decoder(_Typed)
BUNDLE = msgspec.json.Decoder(Bundle)
LOOSE_BUNDLE = msgspec.json.Decoder(LooseBundle)
ENTRY = msgspec.json.Decoder(BundleEntry)
GLANCE = msgspec.json.Decoder(Glance)
CONCEPT = msgspec.json.Decoder(ConceptGlance | None)
REFERENCE = msgspec.json.Decoder(_Reference | None)
CONCEPTS = msgspec.json.Decoder(list[ConceptGlance])
ACTIVITIES = msgspec.json.Decoder(list[_Activity])


def resource_type(raw: bytes | msgspec.Raw) -> str:
    """The resourceType of some JSON, or nothing where it has none."""
    try:
        return _TYPED.decode(raw).resourceType or ""
    except UNDECODABLE:
        return ""
