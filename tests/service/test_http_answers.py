"""Every answer is JSON that any client can read, whatever went wrong."""

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_requests import VIEW, app_with, request
from werkzeug.test import TestResponse

from service.errors import outcome

_ORIGIN = {"Origin": "https://sandbox.example"}


def ask(client: FlaskClient, what: str) -> TestResponse:
    """One request for each kind of answer."""
    match what:
        case "200":
            return client.post(VIEW, json=request(), headers=_ORIGIN)
        case "200 discovery":
            return client.get("/cds-services", headers=_ORIGIN)
        case "400":
            return client.post(VIEW, json={}, headers=_ORIGIN)
        case "404":
            return client.get("/nowhere", headers=_ORIGIN)
        case "404 service":
            return client.post("/cds-services/no-such-service", json=request(), headers=_ORIGIN)
        case "405":
            return client.delete("/cds-services", headers=_ORIGIN)
        case "412":
            return client.post(VIEW, json=request(None), headers=_ORIGIN)
        case "415":
            return client.post(VIEW, data="{}", headers=_ORIGIN)
        case _:
            return broken().post(VIEW, json=request(), headers=_ORIGIN)


def broken() -> FlaskClient:
    """A client of a service whose call has a fault that nobody expected."""
    app = app_with()

    def fails(service_id: str) -> None:
        raise RuntimeError("Jane Doe, born 1960-01-02")

    app.view_functions["call"] = fails
    return app.test_client()


_FAILING = ["400", "404", "404 service", "405", "412", "415", "500"]


@pytest.mark.cds("T1", "S4")
@pytest.mark.parametrize("what", ["200", "200 discovery", *_FAILING])
def test_answer_is_json_of_its_status(client: FlaskClient, what: str) -> None:
    response = ask(client, what)

    assert (response.status_code, response.content_type) == (int(what[:3]), "application/json")


@pytest.mark.cds("S5")
@pytest.mark.parametrize("what", _FAILING)
def test_every_failure_is_an_operation_outcome(client: FlaskClient, what: str) -> None:
    body: Any = ask(client, what).json

    assert body["resourceType"] == "OperationOutcome"
    assert [(issue["severity"], bool(issue["code"]), bool(issue["diagnostics"])) for issue in body["issue"]] == [
        ("error", True, True)
    ]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("400", "invalid"),
        ("404", "not-found"),
        ("404 service", "not-found"),
        ("405", "not-supported"),
        ("412", "required"),
        ("415", "not-supported"),
        ("500", "exception"),
    ],
)
def test_failure_has_a_code_of_the_fhir_issue_types(client: FlaskClient, what: str, code: str) -> None:
    body: Any = ask(client, what).json

    assert body["issue"][0]["code"] == code


@pytest.mark.cds("X22")
@pytest.mark.parametrize("what", ["200", "200 discovery", *_FAILING])
def test_browser_of_another_origin_may_read_every_answer(client: FlaskClient, what: str) -> None:
    assert ask(client, what).headers["Access-Control-Allow-Origin"] in ("*", _ORIGIN["Origin"])


@pytest.mark.cds("X22")
@pytest.mark.parametrize("path", ["/cds-services", VIEW, "/cds-services/net-surveillance", VIEW + "/feedback"])
def test_preflight_allows_what_the_sandbox_asks_for(client: FlaskClient, path: str) -> None:
    response = client.options(
        path,
        headers={
            **_ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )

    allowed = response.headers["Access-Control-Allow-Headers"].lower()
    assert response.status_code == 200
    assert {"authorization", "content-type"} <= set(allowed.replace(" ", "").split(","))


@pytest.mark.cds("X22")
def test_preflight_allows_reading_and_posting(client: FlaskClient) -> None:
    response = client.options(VIEW, headers={**_ORIGIN, "Access-Control-Request-Method": "POST"})

    assert {"GET", "POST"} <= set(response.headers["Access-Control-Allow-Methods"].replace(" ", "").split(","))


@pytest.mark.cds("X22")
def test_browser_of_an_origin_that_is_not_listed_may_read_nothing() -> None:
    closed = app_with(CORS_ORIGINS="https://ehr.example").test_client()

    response = closed.get("/cds-services", headers=_ORIGIN)

    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.cds("X22")
def test_browser_of_an_origin_that_is_listed_may_read() -> None:
    closed = app_with(CORS_ORIGINS="https://ehr.example, https://sandbox.example").test_client()

    response = closed.get("/cds-services", headers=_ORIGIN)

    assert response.headers["Access-Control-Allow-Origin"] == "https://sandbox.example"


@pytest.mark.cds("X22")
def test_answer_for_one_origin_is_not_given_to_another_by_a_cache() -> None:
    closed = app_with(CORS_ORIGINS="https://ehr.example,https://sandbox.example").test_client()

    assert "Origin" in closed.get("/cds-services", headers=_ORIGIN).headers["Vary"]


def test_cards_are_not_kept_by_anything_on_the_way(client: FlaskClient) -> None:
    assert client.post(VIEW, json=request()).headers["Cache-Control"] == "no-store"


def test_wrong_method_is_told_which_ones_are_right(client: FlaskClient) -> None:
    response = client.get(VIEW)

    assert (response.status_code, response.headers["Allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize("method", ["get", "post"])
def test_path_with_a_slash_at_its_end_is_answered_without_redirect(client: FlaskClient, method: str) -> None:
    paths = {"get": "/cds-services/", "post": VIEW + "/"}

    response = client.open(paths[method], method=method.upper(), json=request() if method == "post" else None)

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["//cds-services", "/cds-services//"])
def test_discovery_by_a_path_with_more_slashes_than_are_meant_is_answered(client: FlaskClient, path: str) -> None:
    assert client.get(f"http://localhost{path}").status_code == 200


@pytest.mark.parametrize("path", ["/cds-services//net-patient-view", "/cds-services///net-patient-view//"])
def test_hook_by_a_path_with_more_slashes_than_are_meant_is_answered(client: FlaskClient, path: str) -> None:
    preflight = client.options(f"http://localhost{path}", headers={**_ORIGIN, "Access-Control-Request-Method": "POST"})

    assert client.post(f"http://localhost{path}", json=request()).status_code == 200
    assert preflight.status_code == 200


def test_head_of_discovery_has_its_headers_and_no_body(client: FlaskClient) -> None:
    response = client.head("/cds-services")

    assert (response.status_code, response.data, response.content_type) == (200, b"", "application/json")


@pytest.mark.parametrize("path", ["/cds-services", VIEW])
def test_options_without_origin_are_answered(client: FlaskClient, path: str) -> None:
    assert client.options(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/cds-services/../etc/passwd", "/cds-services/%00", "/cds-services/net-patient-view/x"]
)
def test_path_of_nothing_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.post(path, json=request()).status_code == 404


def test_unexpected_fault_says_nothing_of_itself(client: FlaskClient) -> None:
    response = ask(client, "500")

    assert response.json == outcome("exception", "an unexpected fault; the request was not answered")


def test_unexpected_fault_is_logged_by_its_type_alone(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(client, "500")

    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == ["request failed: RuntimeError"]
    assert "Jane" not in caplog.text


def test_service_goes_on_after_an_unexpected_fault() -> None:
    app = app_with()
    answers = app.view_functions["call"]
    client = app.test_client()
    app.view_functions["call"] = broken().application.view_functions["call"]
    client.post(VIEW, json=request())
    app.view_functions["call"] = answers

    assert client.post(VIEW, json=request()).status_code == 200
