"""What the services answer, and what the cards of an answer say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient


def answer(client: FlaskClient, request: Mapping[str, Any]) -> Any:
    """The answer to a request, which has to be answered, by the service that is named after its hook."""
    response = client.post(f"/cds-services/net-{request['hook']}", json=request)
    assert response.status_code == 200, response.json
    return response.json


def cards_of(client: FlaskClient, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cards that a request gets."""
    return list(answer(client, request)["cards"])


def kinds(said: Any) -> list[str]:
    """The kinds of the cards of an answer, in their order."""
    return [proof["kind"] for proof in _proofs(said)]


def statements(said: Any) -> set[str]:
    """The ids of the statements that the cards of an answer rest on."""
    return {statement for proof in _proofs(said) for statement in proof["statements"]}


def missing(said: Any) -> set[str]:
    """Everything that the cards of an answer say is missing."""
    return {name for proof in _proofs(said) for name in proof.get("missing", ())}


def facts(said: Any) -> dict[str, Any]:
    """The findings that the cards of an answer rest on, by name."""
    return {finding["name"]: finding["value"] for proof in _proofs(said) for finding in proof.get("findings", ())}


def details(said: Any) -> str:
    """The details of the cards of an answer, one after the other."""
    return "\n\n".join(card["detail"] for card in said["cards"])


def unchecked(said: Any) -> list[str]:
    """What an answer says was not checked."""
    return list(said.get("extension", {}).get("org.hoofbeats.response", {}).get("unchecked", ()))


def _proofs(said: Any) -> list[dict[str, Any]]:
    return [card["extension"]["org.hoofbeats.card"] for card in said["cards"]]
