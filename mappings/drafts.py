"""Draft orders: what a client is about to place, read as far as it goes, by what each order is for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.adapt import Adapter
from mappings.entries import Concept, Entry, Medication, Order
from mappings.models import FhirVersion, UnreadableResource, validate
from mappings.value_sets import Terminology

_SURGERY = (
    "duodenal_surgery",
    "pancreatic_surgery",
    "pancreatoduodenectomy",
    "gastric_surgery",
    "small_bowel_surgery",
    "appendicectomy",
    "colon_surgery",
    "rectal_surgery",
    "liver_resection",
    "splenectomy_risk",
)
_CLASSES: Mapping[str, tuple[str, ...]] = {
    "endoscopic-resection": ("endoscopic_resection",),
    "duodenal-surgery": ("duodenal_surgery", "pancreatoduodenectomy"),
    "pancreatic-surgery": ("pancreatic_surgery", "pancreatoduodenectomy"),
    "splenectomy-risk": ("splenectomy_risk",),
    "surgery": _SURGERY,
    "somatostatin-analogue": ("somatostatin_analogues",),
    "prrt": ("lutetium_prrt", "prrt_procedure"),
    "cytotoxic": ("cytotoxics",),
    "platinum": ("platinum",),
    "targeted": ("targeted_therapies",),
    "sunitinib": ("sunitinib",),
    "receptor-scintigraphy": ("sstr_scintigraphy",),
    "ct-abdomen": ("ct_abdomen",),
    "chromogranin-a": ("chromogranin_a",),
    "gastrin": ("gastrin",),
    "biopsy": ("endoscopic_biopsy", "diagnostic_biopsy"),
    "definitive-treatment": (
        *_SURGERY,
        "endoscopic_resection",
        "liver_directed_therapy",
        "lutetium_prrt",
        "prrt_procedure",
        "cytotoxics",
        "targeted_therapies",
    ),
}
_STOPPING = frozenset({"stopped", "cancelled", "ended", "revoked", "entered-in-error"})
_EMERGENCY = frozenset({"stat", "asap"})
# Orders of other shapes, read as what they would be today.
_READ_AS = {
    "ServiceRequest": "ServiceRequest",
    "ProcedureRequest": "ServiceRequest",
    "DiagnosticOrder": "ServiceRequest",
    "ReferralRequest": "ServiceRequest",
    "Procedure": "ServiceRequest",
    "MedicationRequest": "MedicationRequest",
    "MedicationOrder": "MedicationRequest",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An order being placed: what it is for, in whose words, whether it is selected, and the resource as it came."""

    reference: str
    classes: frozenset[str]
    words: str
    selected: bool
    entry: Entry | None
    resource: Mapping[str, Any]


def read_drafts(
    bundle: object, selections: Sequence[str] | None, terminology: Terminology, version: FhirVersion
) -> tuple[Draft, ...]:
    """The drafts of a Bundle, all selected where the hook has no selections; what cannot be read has no class."""
    resources = list(_resources(bundle))
    adapter = Adapter(terminology, _medications(resources, terminology))
    return tuple(_draft(r, selections, adapter, version) for r in resources if r.get("resourceType") in _READ_AS)


def _resources(bundle: object) -> Iterator[dict[str, Any]]:
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield resource


def _medications(resources: list[dict[str, Any]], terminology: Terminology) -> dict[str, Concept]:
    adapter = Adapter(terminology, {})
    found: dict[str, Concept] = {}
    for resource in resources:
        if resource.get("resourceType") == "Medication":
            try:
                model = validate(json.dumps(resource).encode(), FhirVersion.R4)
            except UnreadableResource:
                continue
            found[f"Medication/{resource.get('id')}"] = adapter.concept(getattr(model, "code", None))
    return found


def _draft(resource: dict[str, Any], selections: Sequence[str] | None, adapter: Adapter, version: FhirVersion) -> Draft:
    reference = f"{resource['resourceType']}/{resource.get('id', '')}"
    selected = selections is None or reference in selections or str(resource.get("id")) in selections
    for tried in (version, *(other for other in FhirVersion if other is not version)):
        try:
            entry = _entry(resource, reference, adapter, tried)
        except UnreadableResource:
            continue
        return Draft(reference, _classes(entry, resource), _words(entry), selected, entry, resource)
    return Draft(reference, frozenset(), "", selected, None, resource)


def _entry(resource: dict[str, Any], reference: str, adapter: Adapter, version: FhirVersion) -> Entry:
    """The order as an entry, with what the standard demands and clients leave out filled in."""
    kind = _READ_AS[resource["resourceType"]]
    filled = {"status": "draft", "intent": "order", "subject": {"reference": "Patient/unstated"}, **resource}
    if kind == "MedicationRequest" and not any(key.startswith("medication") for key in resource):
        filled["medication" if version is FhirVersion.R5 else "medicationCodeableConcept"] = {}
    raw = json.dumps({**filled, "resourceType": kind}).encode()
    return adapter.entry(kind, validate(raw, version), reference)


def _classes(entry: Entry, resource: Mapping[str, Any]) -> frozenset[str]:
    if resource.get("priority") in _EMERGENCY and isinstance(entry, Order):
        return frozenset()
    if not isinstance(entry, Order | Medication):
        return frozenset()
    found = frozenset(name for name, value_sets in _CLASSES.items() if entry.code.is_a(*value_sets))
    if resource.get("status") in _STOPPING or resource.get("doNotPerform") is True:
        return frozenset({"analogue-stop"}) if "somatostatin-analogue" in found else frozenset()
    return found


def _words(entry: Entry) -> str:
    return str(entry.code) if isinstance(entry, Order | Medication) else ""
