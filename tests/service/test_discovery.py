"""Discovery tells a client which services there are, on which hooks, and what they need."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_requests import app_with, request
from json_reading import empties

from service.services import PREFETCH_KEYS

_HOOKS = {
    "net-patient-view": "patient-view",
    "net-surveillance": "patient-view",
    "net-order-select": "order-select",
    "net-order-sign": "order-sign",
}


@pytest.fixture
def services(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/cds-services").get_json()["services"]
    return found


@pytest.mark.cds("D1", "D3", "T1")
def test_discovery_is_json_at_its_fixed_place(client: FlaskClient) -> None:
    response = client.get("/cds-services")

    assert (response.status_code, response.content_type) == (200, "application/json")


@pytest.mark.cds("D2")
def test_discovery_is_an_object_with_a_list_of_services(client: FlaskClient) -> None:
    body = client.get("/cds-services").get_json()

    assert list(body) == ["services"]
    assert isinstance(body["services"], list)


@pytest.mark.cds("D5", "D8")
def test_services_keep_their_ids_and_hooks(services: list[dict[str, Any]]) -> None:
    assert {service["id"]: service["hook"] for service in services} == _HOOKS


@pytest.mark.cds("D13")
def test_no_two_services_share_an_id(services: list[dict[str, Any]]) -> None:
    ids = [service["id"] for service in services]

    assert len(set(ids)) == len(ids)


@pytest.mark.cds("D8")
@pytest.mark.parametrize("id", _HOOKS)
def test_each_service_is_where_its_id_says(client: FlaskClient, id: str) -> None:
    response = client.post(f"/cds-services/{id}", json={})

    assert response.status_code == 400
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", id)


@pytest.mark.cds("D6", "D7")
@pytest.mark.parametrize("field", ["title", "description"])
def test_each_service_says_what_it_does(services: list[dict[str, Any]], field: str) -> None:
    assert all(isinstance(service[field], str) and service[field] for service in services)


@pytest.mark.cds("D9")
def test_prefetch_maps_names_to_templates(services: list[dict[str, Any]]) -> None:
    values = [value for service in services for pair in service["prefetch"].items() for value in pair]

    assert {type(value) for value in values} == {str}


@pytest.mark.cds("D11")
def test_each_service_names_the_version_of_the_specification(services: list[dict[str, Any]]) -> None:
    assert {service["version"] for service in services} == {"2.0.1"}


@pytest.mark.cds("D12", "G7")
def test_no_service_promises_what_only_the_ballot_has(services: list[dict[str, Any]]) -> None:
    assert {key for service in services for key in service} == {
        "hook",
        "title",
        "description",
        "id",
        "version",
        "prefetch",
        "extension",
    }


@pytest.mark.cds("D13", "E1", "E4", "E5")
def test_before_signing_the_cards_of_the_selection_are_said_to_be_stale(services: list[dict[str, Any]]) -> None:
    replaced = {service["id"]: service["extension"] for service in services if "extension" in service}

    assert replaced == {"net-order-sign": {"org.hoofbeats.service": {"replaces": ["net-order-select"]}}}


@pytest.mark.cds("D14")
def test_each_service_asks_for_the_patient_and_the_problem_list(services: list[dict[str, Any]]) -> None:
    assert all({"patient", "conditions"} <= set(service["prefetch"]) for service in services)


@pytest.mark.cds("D14")
def test_every_key_that_is_understood_is_asked_for_by_some_service(services: list[dict[str, Any]]) -> None:
    asked = {key for service in services for key in service["prefetch"]}

    assert asked == set(PREFETCH_KEYS.values())


@pytest.mark.cds("T3", "T4", "T5")
def test_discovery_holds_nothing_that_is_empty(client: FlaskClient) -> None:
    assert list(empties(client.get("/cds-services").get_json())) == []


def test_discovery_is_the_same_bytes_each_time(client: FlaskClient) -> None:
    assert client.get("/cds-services").data == app_with().test_client().get("/cds-services").data


def test_discovery_may_be_kept(client: FlaskClient) -> None:
    assert client.get("/cds-services").headers.get("Cache-Control") != "no-store"


@pytest.mark.cds("D3")
def test_discovery_is_not_posted_to(client: FlaskClient) -> None:
    response = client.post("/cds-services", json=request())

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
