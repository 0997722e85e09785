"""The OpenAPI document is valid, describes every call that there is, and what is really answered is as it says."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_requests import INSTANCE, app_with, chart, request, shared_client
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from page_reading import page, section
from stories import STORIES, request_of

from cards.knowledge import shipped_knowledge
from service.openapi import document
from service.services import SERVICES, discovery
from service.settings import load_settings

HOSPITAL = {"HOOFBEATS_PROFILE": "production", "HOOFBEATS_BASE_URL": "https://cds.example.org"}


@cache
def described() -> dict[str, Any]:
    """The document as the service hands it out."""
    return dict(shared_client().get("/openapi.json").get_json())


def faults(instance: object, schema: str) -> list[str]:
    """What in an instance is not as a schema of the document says."""
    root = {**described(), "$ref": f"#/components/schemas/{schema}"}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(root).iter_errors(instance)]


def example(name: str) -> Any:
    """An example of the document."""
    return described()["components"]["examples"][name]["value"]


@pytest.mark.parametrize("environment", [{}, HOSPITAL], ids=["demo", "production"])
def test_document_is_valid(environment: dict[str, str]) -> None:
    held = document(shipped_knowledge(), load_settings(environment))

    assert list(OpenAPIV31SpecValidator(held).iter_errors()) == []


def test_document_describes_every_call_but_pages() -> None:
    app = app_with()
    rules = [rule.rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith(("pages.", "clinic"))]
    written = {rule.replace("<service_id>", service) for rule in rules for service in SERVICES}

    assert written == set(described()["paths"])


def test_document_names_the_address_that_clients_see() -> None:
    held = document(shipped_knowledge(), load_settings(HOSPITAL))

    assert held["servers"] == [{"url": "https://cds.example.org"}]


def test_production_asks_for_a_token_and_explains_nothing() -> None:
    held = document(shipped_knowledge(), load_settings(HOSPITAL))

    assert held["security"] == [{"clientToken": []}]
    assert "/explain" not in held["paths"]
    assert "401" in held["paths"]["/cds-services/net-patient-view"]["post"]["responses"]


def test_prefetch_of_the_document_is_that_of_discovery() -> None:
    for service in discovery(shipped_knowledge())["services"]:
        path = f"/cds-services/{service['id']}"
        body = described()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = described()["components"]["schemas"][body.rpartition("/")[2]]
        told = schema["properties"]["prefetch"]["properties"]
        assert {key: f"`{query}`" for key, query in service["prefetch"].items()} == {
            key: value["description"] for key, value in told.items()
        }


def test_discovery_is_as_described(client: FlaskClient) -> None:
    assert faults(client.get("/cds-services").get_json(), "Discovery") == []


@pytest.mark.parametrize("story", STORIES)
def test_cards_are_as_described(client: FlaskClient, story: str) -> None:
    body = request_of(story)

    for service in SERVICES.values():
        if service.hook == body["hook"]:
            answer = client.post(f"/cds-services/{service.id}", json=body)
            assert answer.status_code == 200
            assert faults(answer.get_json(), "CdsResponse") == []


@pytest.mark.parametrize("story", STORIES)
def test_requests_of_patients_are_as_described(story: str) -> None:
    body = request_of(story)

    assert faults(body, "NetPatientViewRequest") == []


@pytest.mark.parametrize(("name", "service"), [(service.hook, service.id) for service in SERVICES.values()])
def test_examples_are_as_described_and_answered(client: FlaskClient, name: str, service: str) -> None:
    answer = client.post(f"/cds-services/{service}", json=example(name))

    schema = "".join(part.capitalize() for part in service.split("-")) + "Request"
    assert faults(example(name), schema) == []
    assert answer.status_code == 200
    assert faults(answer.get_json(), "CdsResponse") == []


@pytest.mark.parametrize("name", ["patient-view", "order-select"])
def test_examples_show_cards(client: FlaskClient, name: str) -> None:
    service = next(service for service in SERVICES.values() if service.hook == name)

    answer = client.post(f"/cds-services/{service.id}", json=example(name))

    assert answer.get_json()["cards"]


def test_feedback_is_as_described(client: FlaskClient) -> None:
    answer = client.post("/cds-services/net-patient-view/feedback", json=example("feedback"))

    assert faults(example("feedback"), "Feedback") == []
    assert answer.status_code == 200
    assert faults(answer.get_json(), "Receipt") == []


def test_feedback_in_the_spelling_of_epic_is_as_described() -> None:
    entry = {**example("feedback")["feedback"][0], "overrideReasons": [{"reason": {"code": "x"}}], "extension": {}}

    assert faults({"feedback": [entry], "extension": {"com.epic": {}}}, "Feedback") == []


def test_explanation_is_as_described(client: FlaskClient) -> None:
    answer = client.post("/explain", json=example("patient-view")).get_json()

    assert set(answer) == {"net-patient-view", "net-surveillance"}
    assert [fault for held in answer.values() for fault in faults(held, "Explanation")] == []


@pytest.mark.parametrize(("address", "schema"), [("/livez", "Health"), ("/readyz", "Health"), ("/version", "Version")])
def test_operation_is_as_described(client: FlaskClient, address: str, schema: str) -> None:
    assert faults(client.get(address).get_json(), schema) == []


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/cds-services/net-patient-view", {"json": {"hook": "patient-view"}}, 400),
        ("/cds-services/none", {"json": request()}, 404),
        ("/cds-services/net-patient-view", {"json": request(None)}, 412),
        ("/cds-services/net-patient-view", {"data": "{}", "content_type": "text/plain"}, 415),
        ("/cds-services/net-patient-view/feedback", {"json": {}}, 400),
        ("/explain", {"json": {"hook": "patient-view"}}, 400),
        ("/explain", {"json": request(None)}, 412),
    ],
)
def test_faults_are_as_described(client: FlaskClient, path: str, sent: dict[str, Any], status: int) -> None:
    answer = client.post(path, **sent)

    told = described()["paths"].get(path, described()["paths"]["/cds-services/net-patient-view"])["post"]["responses"]
    assert answer.status_code == status
    assert str(status) in told
    assert faults(answer.get_json(), "OperationOutcome") == []


@pytest.mark.parametrize(
    ("change", "schema"),
    [
        ({"cards": [{"summary": "no source"}]}, "CdsResponse"),
        ({"cards": [], "card": []}, "CdsResponse"),
        ({"services": [{"id": "x"}]}, "Discovery"),
        (request(context={"userId": "Practitioner/1"}), "NetPatientViewRequest"),
        (request(hook="order-select"), "NetPatientViewRequest"),
        ({"feedback": [{"card": "x"}]}, "Feedback"),
    ],
)
def test_what_is_wrong_is_told_apart(change: object, schema: str) -> None:
    assert faults(change, schema) != []


def test_extensions_may_stand_in_requests() -> None:
    body = request(chart(), extension={"com.epic.cdshooks.request.fhir-version": "R4"}, hookInstance=INSTANCE)

    assert faults(body, "NetPatientViewRequest") == []


def test_document_is_a_page_too(client: FlaskClient) -> None:
    told = section(page(client, "/api"), "CDS Hooks").text

    paths = [path for path in described()["paths"] if path.startswith("/cds-services")]
    assert [path for path in paths if path not in told] == []


def test_every_schema_is_on_the_page(client: FlaskClient) -> None:
    articles = section(page(client, "/api"), "Schemas").all("article")

    assert {article.all("h3")[0].text for article in articles} == set(described()["components"]["schemas"])
