"""The hook request: its envelope and context checked, its prefetch cut up and its resources left as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

import msgspec

from mappings.screening.bundle import AnyBundle, BundleEntry, E, Value
from mappings.screening.cutting import is_crowded
from service.errors import BadRequest
from service.outbound.reach import Reach
from service.receiving.shape import CHECKED_NODES, Received, check_shape
from service.schema_check import check, undecodable
from service.secret import Secret

# A value as it was sent: a Bundle that was cut up on the way, or JSON, maybe a part of larger that is not copied.
Sent: TypeAlias = AnyBundle | bytes | msgspec.Raw
_Parts: TypeAlias = tuple[dict[str, msgspec.Raw], Mapping[str, Sent] | None]

_BODY = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PARTS = ("hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "extension")


class _Envelope(msgspec.Struct, Generic[E], gc=False):
    hook: msgspec.Raw = msgspec.Raw()
    hookInstance: msgspec.Raw = msgspec.Raw()
    fhirServer: msgspec.Raw = msgspec.Raw()
    fhirAuthorization: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()
    extension: msgspec.Raw = msgspec.Raw()
    prefetch: dict[str, Value[E] | None] | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope[BundleEntry])
_LOOSE_ENVELOPE = msgspec.json.Decoder(_Envelope[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """Where the client's resources can be fetched, the token it gave, and where connections may go, if settled."""

    server: str
    token: Secret
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of a hook; `prefetch` maps keys to their values, None where there is no prefetch.

    `server` is the client's FHIR server by the client's own word; only `access` is ever called. `extension` is as sent.
    """

    hook: str
    hook_instance: str
    patient_id: str
    context: Mapping[str, Any]
    prefetch: Mapping[str, Sent] | None
    access: FhirAccess | None
    server: str = ""
    extension: Any = None


def read_request(body: Received, hook: str) -> HookRequest:
    """The request in a body; raises BadRequest saying what is wrong and where."""
    envelope, prefetch = _decode(body)
    check(envelope, "request", "")
    if envelope["hook"] != hook:
        raise BadRequest(f"hook is not {hook}, the only one this service answers")
    check(envelope["context"], hook, "context")
    if "fhirAuthorization" in envelope and "fhirServer" not in envelope:
        raise BadRequest("fhirServer is missing, although fhirAuthorization is given")
    return HookRequest(
        hook=hook,
        hook_instance=envelope["hookInstance"],
        patient_id=envelope["context"]["patientId"],
        context=envelope["context"],
        prefetch=prefetch,
        access=_access(envelope),
        server=envelope.get("fhirServer", ""),
        extension=envelope.get("extension"),
    )


def hook_of(body: Received) -> str:
    """The hook that a body names; raises BadRequest where it names none."""
    envelope, _ = _decode(body)
    check(envelope, "request", "")
    return str(envelope["hook"])


def _access(envelope: Mapping[str, Any]) -> FhirAccess | None:
    """Server and token, only where both are given."""
    authorization = envelope.get("fhirAuthorization")
    if authorization is None:
        return None
    return FhirAccess(envelope["fhirServer"], Secret(authorization["access_token"]))


def _decode(body: Received) -> tuple[dict[str, Any], Mapping[str, Sent] | None]:
    parts, prefetch = _in_one_pass(body) or _part_by_part(body)
    try:
        envelope = {key: _loads(key, bytes(raw)) for key, raw in parts.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise undecodable(error) from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    return {key: value for key, value in envelope.items() if value is not None}, prefetch


def _in_one_pass(body: Received) -> _Parts | None:
    """The parts of a body that the specification has, its prefetch cut up; none where a value is neither a Bundle nor a
    Patient. The resources of all Bundles are glanced at, unless one of them is no FHIR."""
    for decoder in (_LOOSE_ENVELOPE,) if is_crowded(body) else (_ENVELOPE, _LOOSE_ENVELOPE):
        try:
            envelope = decoder.decode(body)
        except msgspec.ValidationError:
            continue
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        parts = {key: raw for key in _PARTS if (raw := getattr(envelope, key))}
        if envelope.prefetch is None:
            return parts, None
        prefetch = {key: _usual(value) for key, value in envelope.prefetch.items()}
        usual = {key: value for key, value in prefetch.items() if value is not None}
        return (parts, usual) if len(usual) == len(prefetch) else None
    return None


def _usual(value: Value[BundleEntry] | Value[msgspec.Raw] | None) -> Sent | None:
    if value is None:
        return b"null"
    match value.resourceType:
        case "Bundle":
            return value
        case "Patient":
            return value.as_patient()
        case _:
            return None


def _part_by_part(body: Received) -> _Parts:
    """The parts of any other body, each value as it was sent; raises BadRequest where it is no object."""
    try:
        parts = _BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise undecodable(error) from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    prefetch = parts.pop("prefetch", None)
    return parts, _prefetch(prefetch)


def _loads(key: str, raw: bytes) -> Any:
    check_shape(raw, CHECKED_NODES, key)
    return msgspec.json.decode(raw)


def _prefetch(raw: msgspec.Raw | None) -> Mapping[str, Sent] | None:
    if raw is None or bytes(raw).strip() == b"null":
        return None
    try:
        return _BODY.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("prefetch is not an object") from None
