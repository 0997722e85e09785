"""Draft orders: what a client is about to place, read as far as it goes, by what each order is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mappings.entries import Concept, Medication, Order
from mappings.fhir.adapt import Adapter
from mappings.fhir.concepts import Concepts
from mappings.fhir.loose import read_concept, read_loosely, read_medication
from mappings.fhir.statuses import status_in
from mappings.findings import Evidence, Finding, known
from mappings.order_classes import order_classes
from mappings.references import names_of, target_of
from mappings.screening.types import OLD_TYPES
from mappings.statuses import ENDING, OVER, REFUTED
from mappings.value_sets import Terminology

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


# A resource with its full URL.
FullResource: TypeAlias = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Draft:
    """An order being placed: what it is for, in whose words, whether it is selected, and the resource as it came."""

    reference: str
    classes: frozenset[str]
    words: str
    selected: bool
    entry: Order | Medication
    resource: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The type of R4 that it is read as."""
        return "ServiceRequest" if isinstance(self.entry, Order) else "MedicationRequest"

    @property
    def is_older(self) -> bool:
        """Whether only FHIR before R4 has its type."""
        return self.resource["resourceType"] in OLD_TYPES

    @property
    def is_r5(self) -> bool:
        """Whether what is ordered stands where only R5 has it."""
        code = self.resource.get("code")
        return "medication" in self.resource or (isinstance(code, dict) and "concept" in code)


def read_drafts(
    bundle: object, selections: Sequence[object] | None, terminology: Terminology, chart: Iterable[FullResource] = ()
) -> tuple[Draft, ...]:
    """The drafts of a Bundle; what cannot be read has no class.

    All are selected where the hook has no selections, or where these name nothing in the Bundle. `chart` holds the
    Medications and problems to which drafts may refer.
    """
    drafted = list(_drafted(bundle))
    adapter = Adapter(terminology, _referable([*chart, *drafted], terminology))
    selected = _selected(selections, drafted)
    return tuple(
        _draft(resource, selected, adapter, terminology) for _, resource in drafted if _type_of(resource) in _READ_AS
    )


def _selected(selections: Sequence[object] | None, drafted: Iterable[FullResource]) -> frozenset[str] | None:
    """The selections in all their spellings; None for all drafts, also where they name none that is there."""
    if selections is None:
        return None
    selected = _spellings(s for s in selections if isinstance(s, str))
    held = {name for _, r in drafted for name in (f"{_type_of(r)}/{r.get('id', '')}", str(r.get("id", "")))}
    return selected if not selected or not selected.isdisjoint(held) else None


def classes_of(name: str, drafts: Iterable[Draft]) -> Finding:
    """The classes of some drafts, as the finding of a name."""
    classed = [draft for draft in drafts if draft.classes]
    evidence = tuple(Evidence(draft.reference, "code", None, draft.words) for draft in classed)
    return known(name, frozenset().union(*(draft.classes for draft in classed)), evidence)


def drugs_elsewhere(bundle: object) -> list[str]:
    """The references of drafts to Medications that stand neither in the draft nor in the Bundle."""
    drafted = list(_drafted(bundle))
    held = {name for url, resource in drafted if _type_of(resource) == "Medication" for name in _names(url, resource)}
    orders = (read_loosely(resource) for _, resource in drafted if _type_of(resource) in _READ_AS)
    pointers = (order.medicationReference or getattr(order.medication, "reference", None) for order in orders)
    named = dict.fromkeys(pointer.reference for pointer in pointers if pointer is not None)
    return [target for target in named if not target.startswith("#") and target_of(target) not in held]


def _names(url: str, resource: Mapping[str, Any]) -> tuple[str, ...]:
    return names_of(_type_of(resource), str(resource.get("id") or ""), url)


def _spellings(selections: Iterable[str]) -> frozenset[str]:
    """The selections as they came, and relative to the server."""
    return frozenset(spelling for selection in selections for spelling in (selection, target_of(selection)))


def _drafted(bundle: object) -> Iterator[FullResource]:
    """The resources of a Bundle, each with its full URL."""
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield str(entry.get("fullUrl") or ""), resource


def _referable(held: Iterable[FullResource], terminology: Terminology) -> dict[str, Concept]:
    """The codes of what drafts may refer to: drugs, and problems that are not over."""
    concepts = Concepts(terminology)
    found: dict[str, Concept] = {}
    for url, resource in held:
        if _type_of(resource) == "Medication" or (_type_of(resource) == "Condition" and not _is_over(resource)):
            concept = concepts.substance(read_medication(resource))
            found |= dict.fromkeys(_names(url, resource), concept)
    return found


def _is_over(problem: Mapping[str, Any]) -> bool:
    """Whether a problem is no reason any more, or never was."""
    stated = (problem.get("clinicalStatus"), problem.get("verificationStatus"))
    return any(status_in(read_concept(status)) in OVER | REFUTED for status in stated)


def _draft(
    resource: dict[str, Any], selected: Collection[str] | None, adapter: Adapter, terminology: Terminology
) -> Draft:
    name = str(resource.get("id", ""))
    reference = f"{resource['resourceType']}/{name}"
    entry = adapter.entry(_READ_AS[resource["resourceType"]], read_loosely(resource), reference)
    assert isinstance(entry, Order | Medication)  # every type that is read as an order is one of the two
    is_selected = selected is None or reference in selected or name in selected
    return Draft(
        reference, _classes(entry, resource, adapter), _words(entry.code, terminology), is_selected, entry, resource
    )


def _words(code: Concept, terminology: Terminology) -> str:
    """What a clinician would read; a code without words in those of our value sets."""
    if code.text or any(coding.display for coding in code.codings):
        return str(code)
    members = (member for name in sorted(code.sets) for member in terminology.value_sets[name].members)
    ours = {member.code: member.display for member in members}
    return next((ours[coding.code] for coding in code.codings if ours.get(coding.code)), str(code))


def _type_of(resource: Mapping[str, Any]) -> str:
    kind = resource.get("resourceType")
    return kind if isinstance(kind, str) else ""


def _is_emergency(entry: Order | Medication, resource: Mapping[str, Any], adapter: Adapter) -> bool:
    """By its priority or its name; by its reason only where no priority says how urgent it is."""
    priority = str(resource.get("priority") or "")
    if priority in _EMERGENCY or entry.code.is_a("emergency_procedure"):
        return True
    return not priority and any(reason.is_a("surgical_emergency") for reason in _reasons(resource, adapter))


def _reasons(resource: Mapping[str, Any], adapter: Adapter) -> Iterator[Concept]:
    """Why something is ordered: what is said of it in the order, and the problems that the order refers to."""
    order = read_loosely(resource)
    for name in ("reasonCode", "reason", "reasonReference"):
        stated = resource.get(name)
        for reason in map(read_concept, stated if isinstance(stated, list) else [stated]):
            yield adapter.concepts.of(reason)
            yield adapter.referred(getattr(reason, "reference", None), order)


def _classes(entry: Order | Medication, resource: Mapping[str, Any], adapter: Adapter) -> frozenset[str]:
    classes = order_classes().values()
    found = [one for one in classes if entry.code.is_a(*one.value_sets)]
    if not any(one.is_drug for one in found) and _is_emergency(entry, resource, adapter):
        return frozenset()
    names = frozenset(one.name for one in found)
    if entry.status in ENDING or resource.get("doNotPerform") is True:
        return frozenset(one.name for one in classes if one.stops in names)
    return names
