"""Requests whose chart, or a part of it, has to be fetched, and a server that has it."""

from __future__ import annotations

from typing import Any

from fhir_stub import Answer, FhirStub, searchset
from flask.testing import FlaskClient
from hook_requests import condition, request


def give_chart(stub: FhirStub) -> None:
    """Gives a server the chart of a patient with a duodenal NET, in which there is nothing else."""
    stub.answer("metadata", Answer({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}))
    stub.answer("Patient/p1", Answer({"resourceType": "Patient", "id": "p1"}))
    stub.answer("Condition", Answer(searchset(condition())))


def to_be_fetched(fhir_server: str, prefetch: object = None, **changes: Any) -> dict[str, Any]:
    """A request that names the server of the chart and has a token for it."""
    access = {"access_token": "secret-token", "token_type": "Bearer", "expires_in": 300}
    return request(prefetch, **{"fhirServer": fhir_server, "fhirAuthorization": access, **changes})


def ask(client: FlaskClient, server: FhirStub, prefetch: object = None, **changes: Any) -> Any:
    """The response to such a request, by the service that is named after its hook."""
    body = to_be_fetched(server.url, prefetch, **changes)
    return client.post(f"/cds-services/net-{body['hook']}", json=body)
