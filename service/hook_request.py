"""The hook request: its envelope and context checked, its prefetch left as bytes for screening."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator, ValidationError

from service.errors import BadRequest
from service.fhir_client import FhirAccess
from service.secret import Secret

_SCHEMAS = Path(__file__).parent / "schemas"
_BODY = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of a hook; `prefetch` maps keys to the bytes of their values, None where there is no prefetch."""

    hook: str
    hook_instance: str
    patient_id: str
    context: Mapping[str, Any]
    prefetch: Mapping[str, bytes] | None
    access: FhirAccess | None


def read_request(body: bytes, hook: str) -> HookRequest:
    """The request in a body; raises BadRequest saying what is wrong and where."""
    envelope, raw_prefetch = _decode(body)
    _check(envelope, "request", "")
    if envelope["hook"] != hook:
        raise BadRequest(f"hook is not {hook}, the only one this service answers")
    _check(envelope["context"], hook, "context")
    if "fhirAuthorization" in envelope and "fhirServer" not in envelope:
        raise BadRequest("fhirServer is missing, although fhirAuthorization is given")
    return HookRequest(
        hook=hook,
        hook_instance=envelope["hookInstance"],
        patient_id=envelope["context"]["patientId"],
        context=envelope["context"],
        prefetch=_prefetch(raw_prefetch),
        access=_access(envelope),
    )


def hook_of(body: bytes) -> str:
    """The hook that a body names; raises BadRequest where it names none."""
    envelope, _ = _decode(body)
    _check(envelope, "request", "")
    return str(envelope["hook"])


def _access(envelope: Mapping[str, Any]) -> FhirAccess | None:
    """Server and token, only where both are given."""
    authorization = envelope.get("fhirAuthorization")
    if authorization is None:
        return None
    return FhirAccess(envelope["fhirServer"], Secret(authorization["access_token"]))


def _decode(body: bytes) -> tuple[dict[str, Any], bytes | None]:
    try:
        parts = _BODY.decode(body)
        prefetch = parts.pop("prefetch", None)
        envelope = {key: _loads(bytes(raw)) for key, raw in parts.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise BadRequest(f"the body is no JSON object: {_place(error)}") from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    return {key: value for key, value in envelope.items() if value is not None}, prefetch and bytes(prefetch)


def _loads(raw: bytes) -> Any:
    return msgspec.json.decode(raw)


def _place(error: Exception) -> str:
    """Where JSON breaks, without repeating any of it."""
    text = str(error)
    return text.rpartition("(")[2].rstrip(")") if "(byte" in text else "it cannot be decoded"


def _prefetch(raw: bytes | None) -> Mapping[str, bytes] | None:
    if raw is None or raw.strip() == b"null":
        return None
    try:
        return {key: bytes(value) for key, value in _BODY.decode(raw).items()}
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("prefetch is not an object") from None


def _check(instance: Any, schema: str, place: str) -> None:
    errors = sorted(_validator(schema).iter_errors(instance), key=lambda e: list(map(str, e.absolute_path)))
    if errors:
        raise BadRequest(_in_words(errors[0], place))


def _in_words(error: ValidationError, place: str) -> str:
    path = ".".join([*([place] if place else []), *map(str, error.absolute_path)])
    expected: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "required":
            missing = next(name for name in expected if name not in instance)
            return f"{path}.{missing} is missing" if path else f"{missing} is missing"
        case "type":
            return f"{path or 'the body'} is not of type {expected}"
        case "minLength" | "minItems":
            return f"{path} is empty"
        case _:
            return f"{path} is not as it should be ({error.validator}: {json.dumps(expected)[:60]})"


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((_SCHEMAS / f"{schema}.schema.json").read_text()))
