"""What counts as plain keeps its schema, and what clients send is plain."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hook_requests import context, request
from jsonschema import Draft202012Validator

import service.schema_check
from service.plain_request import is_plain

SCHEMAS = Path(service.schema_check.__file__).parent / "schemas"
NAMES = ("request", "patient-view", "order-select", "order-sign")
AUTHORIZATION = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read"}
ORDERS = {"draftOrders": {"resourceType": "Bundle", "entry": []}}
SENT = {
    "request": request(fhirServer="https://ehr.example/fhir", fhirAuthorization=AUTHORIZATION),
    "patient-view": context(encounterId="e1"),
    "order-select": context(selections=["ServiceRequest/1"], **ORDERS),
    "order-sign": context(**ORDERS),
}
ODD = (
    *(..., None, True, 1, 0.5, 10**400, {}, [], [""], [None], [1], ["x"], "", " ", "x", "é", "a b", "a/b", "a\n"),
    *("x" * 255, "x" * 256, "https://e", "http:/e", "HTTP://e", " https://e", "Bundle"),
    *({"resourceType": kind} for kind in ("Bundle", "bundle", "", 1, None)),
    {"access_token": "t"},
    {"token_type": "Bearer"},
)


@cache
def written(schema: str) -> Any:
    """The schema itself."""
    return json.loads((SCHEMAS / f"{schema}.schema.json").read_text())


def keeps(instance: Any, schema: str) -> bool:
    """Whether jsonschema says so."""
    return Draft202012Validator(written(schema)).is_valid(instance)


def changed(instance: Any, path: tuple[str, ...], value: Any) -> Any:
    """A copy with one element replaced, or taken out where there is no value."""
    first, *rest = path
    held = instance.get(first, {})
    if rest:
        return instance | {first: changed(held, tuple(rest), value) if isinstance(held, dict) else value}
    return {name: kept for name, kept in instance.items() if name != first} | ({} if value is ... else {first: value})


def paths(schema: str) -> list[tuple[str, ...]]:
    """The elements that a schema speaks of."""
    said = written(schema)["properties"]
    return [
        *((name,) for name in said),
        *((name, inner) for name in said for inner in said[name].get("properties", ())),
    ]


@pytest.mark.parametrize("schema", NAMES)
def test_what_clients_send_is_plain_and_keeps_its_schema(schema: str) -> None:
    assert is_plain(SENT[schema], schema)
    assert keeps(SENT[schema], schema)


@pytest.mark.parametrize("schema", NAMES)
def test_what_is_plain_is_not_held_against_its_schema(schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(service.schema_check, "_validator")

    service.schema_check.check(SENT[schema], schema, "")


@pytest.mark.parametrize("schema", NAMES)
def test_what_breaks_its_schema_is_not_plain(schema: str) -> None:
    instances = [changed(SENT[schema], path, value) for path in paths(schema) for value in ODD]

    assert [i for i in instances if is_plain(i, schema) and not keeps(i, schema)] == []


@pytest.mark.parametrize("instance", [None, [], "x", 1])
@pytest.mark.parametrize("schema", NAMES)
def test_what_is_no_object_is_not_plain(schema: str, instance: object) -> None:
    assert not is_plain(instance, schema)


def test_other_schemas_know_nothing_plain() -> None:
    assert not is_plain({"feedback": []}, "feedback")
