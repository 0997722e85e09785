"""The OpenAPI document as plain data for its page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TypeView:
    """A type in words; `reference` names the schema that it is or is a list of."""

    text: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer of an operation."""

    status: str
    description: str
    type: TypeView

    @property
    def is_fault(self) -> bool:
        """Whether the call failed."""
        return self.status >= "400"


@dataclass(frozen=True, slots=True)
class OperationView:
    """A call: where, what for, with which body, which answers."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    body: TypeView | None
    example: str
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True, slots=True)
class PropertyView:
    """A property of a schema."""

    name: str
    type: TypeView
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class SchemaView:
    """A schema: what it builds on, or is one of, and its own properties."""

    name: str
    description: str
    type: TypeView
    extends: tuple[str, ...]
    one_of: tuple[str, ...]
    properties: tuple[PropertyView, ...]


def operations(document: Mapping[str, Any]) -> Iterator[OperationView]:
    """Every call, in the order of the document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield _operation(path, method, operation, document)


def schemas(document: Mapping[str, Any]) -> Iterator[SchemaView]:
    """Every schema, by name."""
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield SchemaView(
            name,
            schema.get("description", schema.get("title", "")),
            _type(schema),
            tuple(_named(part["$ref"]) for part in schema.get("allOf", ())),
            tuple(_named(part["$ref"]) for part in schema.get("anyOf", ())),
            tuple(_properties(schema)),
        )


def _operation(path: str, method: str, operation: Mapping[str, Any], document: Mapping[str, Any]) -> OperationView:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers = (_answer(status, answer, document) for status, answer in sorted(operation["responses"].items()))
    return OperationView(
        operation["operationId"],
        operation["tags"][0],
        method.upper(),
        path,
        operation["summary"],
        operation.get("description", ""),
        _type(content["schema"]) if content else None,
        _example(content, document),
        tuple(answers),
    )


def _answer(status: str, answer: Mapping[str, Any], document: Mapping[str, Any]) -> AnswerView:
    held = document["components"]["responses"][_named(answer["$ref"])] if "$ref" in answer else answer
    schema = next((media["schema"] for media in held.get("content", {}).values()), None)
    return AnswerView(status, held["description"], _type(schema) if schema else TypeView("nothing"))


def _example(content: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    for example in content.get("examples", {}).values():
        held = document["components"]["examples"][_named(example["$ref"])]
        return json.dumps(held["value"], indent=2)
    return ""


def _properties(schema: Mapping[str, Any]) -> Iterator[PropertyView]:
    for name, inner in schema.get("properties", {}).items():
        yield PropertyView(name, _type(inner), name in schema.get("required", ()), inner.get("description", ""))


def _type(schema: Mapping[str, Any]) -> TypeView:
    match schema:
        case {"$ref": str(reference)}:
            return TypeView("", _named(reference))
        case {"const": value}:
            return TypeView(f'"{value}"')
        case {"enum": values}:
            return TypeView(" or ".join(f'"{value}"' for value in values))
        case {"type": "array", "items": items}:
            inner = _type(items)
            return TypeView(f"list of {inner.text}".rstrip(), inner.reference)
        case {"type": "object", "additionalProperties": dict(inner)} if inner and "properties" not in schema:
            held = _type(inner)
            return TypeView(f"by name, {held.text}".rstrip(" ,") if held.text else "by name,", held.reference)
        case {"type": list(names)}:
            return TypeView(" or ".join(names))
        case _:
            return TypeView(str(schema.get("type", "")))


def _named(reference: str) -> str:
    return reference.rpartition("/")[2]
