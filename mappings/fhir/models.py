"""Resources validated with fhir.resources, one at a time and only the elements that are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mappings.fhir.mending import DAYS, mended
from mappings.fhir.plain import NotPlain, read_plain
from mappings.fhir.plain_shapes import ELEMENTS, PARTS

if TYPE_CHECKING:
    from pydantic import BaseModel

# Any of these says that a problem is over.
ABATEMENTS = ("abatementDateTime", "abatementPeriod", "abatementAge", "abatementRange", "abatementString")
_OF_A_DRUG = (
    "contained",
    "status",
    "medicationCodeableConcept",
    "medicationReference",
    "medication",
    "subject",
    "effectiveDateTime",
    "effectivePeriod",
)
# Elements that adapters read, and those without which a model refuses the resource.
ELEMENTS_READ: Mapping[str, tuple[str, ...]] = {
    **ELEMENTS,
    "MedicationStatement": ("adherence", *_OF_A_DRUG),
    "MedicationAdministration": (*_OF_A_DRUG, "occurenceDateTime", "occurencePeriod"),
    "Medication": ("code", "ingredient"),
    "FamilyMemberHistory": ("status", "patient", "relationship", "date", "condition"),
    "Immunization": ("status", "vaccineCode", "patient", "occurrenceDateTime", "occurrenceString"),
    "Encounter": ("status", "class", "type", "subject", "period", "actualPeriod"),
    "CarePlan": ("status", "intent", "subject", "created", "period", "activity"),
}
_INGREDIENT = ("itemCodeableConcept", "itemReference", "item")
_PARTS = {
    **PARTS,
    "ingredient": _INGREDIENT,
    "condition": ("code",),
    "activity": ("detail", "plannedActivityReference", "performedActivity"),
}
_CONTAINED = {"Specimen": ("collection",), "Medication": ("code", "ingredient")}
_SPECIMEN_PARTS = ("fastingStatusCodeableConcept",)


class FhirVersion(Enum):
    """The FHIR versions that are read; R4 data is read by the R4B models, which accept all of it."""

    R4 = "R4"
    R5 = "R5"


_R4 = FhirVersion.R4


class UnreadableResource(Exception):
    """A resource that its FHIR version does not allow; the message names the element, never its content."""


def read_resource(raw: bytes, kind: str, version: FhirVersion) -> Any:
    """A resource with the elements that are read as attributes: as it is where it is plain, else as a model."""
    if version is _R4:
        try:
            return read_plain(raw, kind)
        except NotPlain:
            pass
    return validate(raw, version)


def validate(raw: bytes, version: FhirVersion) -> BaseModel:
    """The resource as a model, reduced to the elements that are read; raises UnreadableResource."""
    from pydantic import ValidationError  # half a second with the models, for what is not plain

    try:
        resource = json.loads(raw, parse_float=Decimal)
        kind = resource["resourceType"]
        return _model(kind, version).model_validate(mended(_reduced(_whole(resource, kind)), kind))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise UnreadableResource(".".join(str(part) for part in first["loc"]) or first["type"]) from None
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError, ImportError) as error:
        raise UnreadableResource(type(error).__name__) from None


def warm_up() -> None:
    """Builds the models once, so that no request waits for them."""
    from pydantic import ValidationError

    for kind in ELEMENTS_READ:
        try:
            _model(kind, FhirVersion.R4).model_validate({"resourceType": kind})
        except ValidationError:
            continue


def _model(kind: str, version: FhirVersion) -> type[BaseModel]:
    if kind not in ELEMENTS_READ:
        raise KeyError(kind)
    package = "fhir.resources.R4B" if version is FhirVersion.R4 else "fhir.resources"
    model: type[BaseModel] = getattr(import_module(f"{package}.{kind.lower()}"), kind)
    return model


def _whole(resource: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The elements that are read; one that holds null, or nothing, is no FHIR and was lost on the way.

    A day that was lost is left to mending: the resource has no day then, and may be the latest.
    """
    kept = {key: resource[key] for key in ("resourceType", "id", *ELEMENTS_READ[kind]) if key in resource}
    for name, element in kept.items():
        if name not in DAYS and _holds_nothing(element):
            raise UnreadableResource(name)
    return kept


def _holds_nothing(element: object) -> bool:
    """Whether an element or a part of it is null or empty."""
    match element:
        case None:
            return True
        case dict():
            return not element or any(map(_holds_nothing, element.values()))
        case list():
            return not element or any(map(_holds_nothing, element))
        case _:
            return False


def _reduced(kept: dict[str, Any]) -> dict[str, Any]:
    """The elements without those of their parts that are not read."""
    for name, elements in _PARTS.items():
        if isinstance(kept.get(name), list):
            kept[name] = [_only(part, elements) for part in kept[name]]
    if isinstance(kept.get("contained"), list):
        kept["contained"] = [_contained(part) for part in kept["contained"] if _is_read(part)]
    return kept


def _only(part: object, elements: tuple[str, ...]) -> object:
    return {key: part[key] for key in elements if key in part} if isinstance(part, dict) else part


def _is_read(part: object) -> bool:
    return isinstance(part, dict) and part.get("resourceType") in _CONTAINED


def _contained(part: dict[str, Any]) -> dict[str, Any]:
    kept = {key: part[key] for key in ("resourceType", "id", *_CONTAINED[part["resourceType"]]) if key in part}
    if isinstance(kept.get("collection"), dict):
        kept["collection"] = _only(kept["collection"], _SPECIMEN_PARTS)
    if isinstance(kept.get("ingredient"), list):
        kept["ingredient"] = [_only(one, _INGREDIENT) for one in kept["ingredient"]]
    return kept
