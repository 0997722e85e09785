"""The chart of one patient: the resources of an export as the hook request that an EHR would send on some day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID, uuid5

import msgspec

from service.hook_request import HookRequest
from service.services import PREFETCH_KEYS, Service

# The hook instances of a sweep, so that its cards have the same ids whenever it is made.
_INSTANCES = UUID("3b1b1d52-6f0e-4a8e-9d0a-6a1f7f3f0c11")
_BEGIN = b'{"resourceType":"Bundle","type":"searchset","entry":[{"resource":'
_BETWEEN = b'},{"resource":'
_END = b"}]}"
_EMPTY = b'{"resourceType":"Bundle","type":"searchset","entry":[]}'

# The resources of a patient by type, each as it is written.
Chart = Mapping[str, Sequence[bytes]]


class _Period(msgspec.Struct):
    start: str | None = None


class _Dated(msgspec.Struct):
    """The elements that say since when a resource is on record, the surest first."""

    issued: str | None = None
    effectiveDateTime: str | None = None
    effectiveInstant: str | None = None
    effectivePeriod: _Period | None = None
    performedDateTime: str | None = None
    performedPeriod: _Period | None = None
    started: str | None = None
    authoredOn: str | None = None
    recordedDate: str | None = None
    onsetDateTime: str | None = None
    onsetPeriod: _Period | None = None
    dateAsserted: str | None = None
    occurrenceDateTime: str | None = None
    date: str | None = None
    created: str | None = None
    period: _Period | None = None


class _Reference(msgspec.Struct):
    reference: str | None = None


class _Patient(msgspec.Struct):
    managingOrganization: _Reference | None = None


_DATED = msgspec.json.Decoder(_Dated)
_PATIENT = msgspec.json.Decoder(_Patient)
_ANY = msgspec.json.Decoder(msgspec.Raw)


def is_json(raw: bytes) -> bool:
    """Whether a resource can stand in a Bundle without spoiling its neighbours."""
    try:
        _ANY.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def hook_request(patient: str, chart: Chart, types: Iterable[str], service: Service, day: str) -> HookRequest:
    """The request that an EHR would send; what the export has no file of was not searched."""
    bundles = {PREFETCH_KEYS[kind]: _searchset(chart, kind) for kind in types if kind not in ("Patient", "Medication")}
    person = chart.get("Patient", ())
    # One patient has one Patient resource; an export with several for an id is at fault, and the first is taken.
    prefetch = bundles | ({PREFETCH_KEYS["Patient"]: person[0]} if person else {})
    context = {"userId": "Practitioner/sweep", "patientId": patient}
    instance = str(uuid5(_INSTANCES, f"{patient} {service.id} {day}"))
    return HookRequest(service.hook, instance, patient, context, prefetch, None)


def known_on(chart: Chart, day: str) -> Chart:
    """The chart without what came on record after a day."""
    return {kind: [raw for raw in resources if _on_record(raw) <= day] for kind, resources in chart.items()}


def organization_of(chart: Chart) -> str:
    """The organization that keeps the patient's record, as it is referred to; empty where none is stated."""
    for raw in chart.get("Patient", ()):
        try:
            held = _PATIENT.decode(raw).managingOrganization
        except msgspec.DecodeError:
            return ""
        return held.reference or "" if held else ""
    return ""


def _searchset(chart: Chart, kind: str) -> bytes:
    """A search result; drugs lie beside the orders that point to them, as with _include."""
    beside = chart.get("Medication", ()) if kind.startswith("Medication") else ()
    resources = [*chart.get(kind, ()), *beside]
    return _BEGIN + _BETWEEN.join(resources) + _END if resources else _EMPTY


def _on_record(raw: bytes) -> str:
    """The day since when a resource is on record, as far as it is written; empty where nobody can tell."""
    try:
        dated = _DATED.decode(raw)
    except msgspec.DecodeError:
        return ""
    stated = (getattr(dated, name) for name in _Dated.__struct_fields__)
    first = next((value for value in stated if value is not None), "")
    return (first.start or "" if isinstance(first, _Period) else str(first))[:10]
