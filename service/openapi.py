"""The OpenAPI 3.1 document: the hand-written part, with what follows from services, knowledge, schemas and settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cards.knowledge import Knowledge
from service.services import SERVICES, discovery
from service.settings import Settings

_SCHEMAS = Path(__file__).parent / "schemas"
_COMPONENTS = "#/components/schemas/"
_CONTEXTS = ("patient-view", "order-select", "order-sign")
# Which answers any call can get beside its own; a refusal only where tokens are asked for.
_FAULTS = {
    "400": "BadRequest",
    "404": "NotFound",
    "408": "TooSlow",
    "412": "PreconditionFailed",
    "413": "TooLarge",
    "415": "UnsupportedMediaType",
    "500": "Unexpected",
    "503": "Unavailable",
}
_DATA_FAULTS = {"412"}


def document(knowledge: Knowledge, settings: Settings) -> dict[str, Any]:
    """The document of a service as it is set up: its address, its profile, the prefetch of its rules."""
    described: dict[str, Any] = json.loads((_SCHEMAS / "openapi.json").read_text())
    described["info"]["version"] = version("hoofbeats")
    described["servers"] = [{"url": settings.base_url}]
    schemas = described["components"]["schemas"]
    for name, file in (("Envelope", "request"), ("Feedback", "feedback"), *((hook, hook) for hook in _CONTEXTS)):
        schemas.update(_embedded(_schema_name(name), file))
    schemas["HookRequest"] = {"anyOf": [_reference(_request_name(service)) for service in SERVICES]}
    services = discovery(knowledge)["services"]
    schemas.update({_request_name(service["id"]): _request(service) for service in services})
    first, rest = described["paths"].pop("/cds-services"), described["paths"]
    calls = {path: operations for service in services for path, operations in _paths(service).items()}
    rest["/explain"]["post"]["responses"].update(_faults())
    described["paths"] = {"/cds-services": first, **calls, **rest}
    if settings.profile == "production":
        _secured(described)
    else:
        described["components"].pop("securitySchemes")
    return described


def _paths(service: dict[str, Any]) -> dict[str, Any]:
    """The call of a service and the feedback on its cards."""
    path, identity = f"/cds-services/{service['id']}", service["id"].replace("-", "_")
    call = _operation(
        f"call_{identity}",
        service["title"],
        _body(_request_name(service["id"]), service["hook"]),
        _answer("The cards, none where there is nothing to say.", "CdsResponse"),
    )
    feedback = _operation(
        f"feedback_{identity}",
        "What users did with cards of this service",
        _body("Feedback", "feedback"),
        _answer("All of it is stored.", "Receipt"),
    )
    feedback["responses"] = {k: v for k, v in feedback["responses"].items() if k not in _DATA_FAULTS}
    return {path: {"post": {**call, "description": service["description"]}}, f"{path}/feedback": {"post": feedback}}


def _operation(identity: str, summary: str, body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "tags": ["CDS Hooks"],
        "operationId": identity,
        "summary": summary,
        "requestBody": body,
        "responses": {"200": answer, **_faults()},
    }


def _faults() -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in _FAULTS.items()}


def _body(schema: str, example: str) -> dict[str, Any]:
    examples = {example: {"$ref": f"#/components/examples/{example}"}}
    return {"required": True, "content": {"application/json": {"schema": _reference(schema), "examples": examples}}}


def _answer(description: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _reference(schema)}}}


def _request(service: dict[str, Any]) -> dict[str, Any]:
    """The request of a service: the envelope, its hook's context, its prefetch."""
    prefetched = {
        key: {**_reference("Prefetched"), "description": f"`{query}`"} for key, query in service["prefetch"].items()
    }
    return {
        "description": f"A call of {service['id']}. Keys of prefetch may be left out, and other names are read too.",
        "allOf": [_reference("Envelope")],
        "properties": {
            "hook": {"const": service["hook"]},
            "context": _reference(_schema_name(service["hook"])),
            "prefetch": {"type": ["object", "null"], "properties": prefetched},
        },
    }


def _embedded(name: str, file: str) -> Iterator[tuple[str, Any]]:
    """A schema of ours as a component, and its definitions as components beside it."""
    schema = json.loads((_SCHEMAS / f"{file}.schema.json").read_text())
    schema.pop("$schema")
    definitions = schema.pop("$defs", {})
    for part, content in ((name, schema), *((f"{name}-{key}", value) for key, value in definitions.items())):
        yield part, _moved(content, f"{_COMPONENTS}{name}-")


def _moved(part: Any, place: str) -> Any:
    """A schema whose references to definitions point to components."""
    match part:
        case dict():
            return {
                key: _moved_reference(value, place) if key == "$ref" else _moved(value, place)
                for key, value in part.items()
            }
        case list():
            return [_moved(inner, place) for inner in part]
        case _:
            return part


def _moved_reference(target: str, place: str) -> str:
    return target.replace("#/$defs/", place)


def _secured(described: dict[str, Any]) -> None:
    """Leaves out what only a demonstration has, and asks for a token everywhere else."""
    described["security"] = [{"clientToken": []}]
    described["paths"].pop("/explain")
    described["tags"] = [tag for tag in described["tags"] if tag["name"] != "Explanation"]
    for name in ("Explanation", "ExplainedRule", "Trace", "Counterfactual", "HookRequest"):
        described["components"]["schemas"].pop(name)
    for operations in described["paths"].values():
        for operation in operations.values():
            if operation.get("security") != []:
                operation["responses"]["401"] = {"$ref": "#/components/responses/Refused"}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"{_COMPONENTS}{name}"}


def _schema_name(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("-")) + ("Context" if name in _CONTEXTS else "")


def _request_name(service: str) -> str:
    return "".join(part.capitalize() for part in service.split("-")) + "Request"
