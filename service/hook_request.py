"""The hook request: its envelope and context checked, its prefetch cut up and its resources left as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from mappings.screening.bundle import Bundle, Value
from service.errors import BadRequest
from service.outbound.reach import Reach
from service.receiving.shape import Received, check_shape
from service.schema_check import check, undecodable
from service.secret import Secret

# A value as it was sent: a Bundle that was cut up on the way, or JSON, maybe a part of larger that is not copied.
Sent: TypeAlias = Bundle | bytes | msgspec.Raw

_BODY = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PARTS = ("hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "extension")


class _Envelope(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    hook: msgspec.Raw = msgspec.Raw()
    hookInstance: msgspec.Raw = msgspec.Raw()
    fhirServer: msgspec.Raw = msgspec.Raw()
    fhirAuthorization: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()
    extension: msgspec.Raw = msgspec.Raw()
    prefetch: dict[str, Value | None] | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)


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
    try:
        parts, prefetch = _in_one_pass(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, _NotUsual):
        parts, prefetch = _part_by_part(body)
    try:
        envelope = {key: _loads(bytes(raw)) for key, raw in parts.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise undecodable(error) from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    return {key: value for key, value in envelope.items() if value is not None}, prefetch


class _NotUsual(Exception):
    """A value of the prefetch is neither a Bundle nor a Patient."""


def _in_one_pass(body: Received) -> tuple[dict[str, msgspec.Raw], Mapping[str, Sent] | None]:
    """The parts of a body with those of the specification and no others, its prefetch cut up; raises _NotUsual."""
    envelope = _ENVELOPE.decode(body)
    parts = {key: raw for key in _PARTS if (raw := getattr(envelope, key))}
    if envelope.prefetch is None:
        return parts, None
    return parts, {key: _usual(value) for key, value in envelope.prefetch.items()}


def _usual(value: Value | None) -> Sent:
    if value is None:
        return b"null"
    match value.resourceType:
        case "Bundle":
            return value
        case "Patient":
            return value.as_patient()
        case _:
            raise _NotUsual


def _part_by_part(body: Received) -> tuple[dict[str, msgspec.Raw], Mapping[str, Sent] | None]:
    """The parts of any other body, each value as it was sent; raises BadRequest where it is no object."""
    try:
        parts = _BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise undecodable(error) from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    prefetch = parts.pop("prefetch", None)
    return parts, _prefetch(prefetch)


def _loads(raw: bytes) -> Any:
    check_shape(raw)
    return msgspec.json.decode(raw)


def _prefetch(raw: msgspec.Raw | None) -> Mapping[str, Sent] | None:
    if raw is None or bytes(raw).strip() == b"null":
        return None
    try:
        return _BODY.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("prefetch is not an object") from None
