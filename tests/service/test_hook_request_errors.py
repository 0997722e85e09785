"""A request that is none is refused with a 4xx that says what is wrong and where, and nothing about the patient."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_requests import VIEW, app_with, context, request
from werkzeug.test import TestResponse


def said(response: TestResponse) -> tuple[int, str]:
    """The status and the one message of an OperationOutcome."""
    body: Any = response.json
    [issue] = body["issue"]
    return response.status_code, issue["diagnostics"]


_NO_ID = r'context.patientId is not as it should be (pattern: "^[^/\\s]+$")'


@pytest.mark.cds("S4", "S5")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hook": None}, "hook is missing"),
        ({"hook": ""}, "hook is empty"),
        ({"hook": 1}, "hook is not of type string"),
        ({"hook": "order-select"}, "hook is not patient-view, the only one this service answers"),
        ({"hook": "patient-view "}, "hook is not patient-view, the only one this service answers"),
        ({"hookInstance": None}, "hookInstance is missing"),
        ({"hookInstance": ""}, "hookInstance is empty"),
        ({"hookInstance": 7}, "hookInstance is not of type string"),
        ({"hookInstance": "x" * 256}, "hookInstance is not as it should be (maxLength: 255)"),
        ({"context": None}, "context is missing"),
        ({"context": "p1"}, "context is not of type object"),
        ({"context": {"userId": "Practitioner/1"}}, "context.patientId is missing"),
        ({"context": {"patientId": "p1"}}, "context.userId is missing"),
        ({"context": context(patientId="")}, "context.patientId is empty"),
        ({"context": context(patientId=1)}, "context.patientId is not of type string"),
        ({"context": context(userId=[])}, "context.userId is not of type string"),
        (
            {"context": context(patientId="Patient/p1")},
            _NO_ID,
        ),
        ({"context": context(encounterId=5)}, "context.encounterId is not of type string or null"),
        ({"fhirServer": "ehr"}, 'fhirServer is not as it should be (pattern: "^https?://")'),
        ({"fhirAuthorization": "x", "fhirServer": "https://e.example"}, "fhirAuthorization is not of type object"),
        (
            {"fhirAuthorization": {"token_type": "Bearer"}, "fhirServer": "https://e.example"},
            "fhirAuthorization.access_token is missing",
        ),
        (
            {"fhirAuthorization": {"access_token": "t", "token_type": "Bearer"}},
            "fhirServer is missing, although fhirAuthorization is given",
        ),
        ({"prefetch": [1]}, "prefetch is not an object"),
        ({"prefetch": "all"}, "prefetch is not an object"),
        ({"prefetch": 7}, "prefetch is not an object"),
    ],
)
def test_wrong_envelope_is_refused_with_its_place(client: FlaskClient, changes: dict[str, Any], message: str) -> None:
    response = client.post(VIEW, json=request(**changes))

    assert said(response) == (400, message)


@pytest.mark.parametrize("name", ["hook", "hookInstance", "context"])
def test_null_counts_as_missing(client: FlaskClient, name: str) -> None:
    response = client.post(VIEW, json={**request(), name: None})

    assert said(response) == (400, f"{name} is missing")


@pytest.mark.cds("S5")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"{'hook': 1}",
        b'{"hook": "patient-view",}',
        b'{"hook": NaN}',
        b'\xef\xbb\xbf{"hook": "patient-view"}',
        b"hook=patient-view",
    ],
)
def test_body_that_is_no_json_object_is_refused(client: FlaskClient, body: bytes) -> None:
    status, message = said(client.post(VIEW, data=body, content_type="application/json"))

    assert status == 400
    assert message.startswith("the body is no JSON object: ")


def test_body_that_is_not_utf_8_is_refused(client: FlaskClient) -> None:
    body = b'{"hook": "\xff"}'

    assert said(client.post(VIEW, data=body, content_type="application/json")) == (400, "the body is not UTF-8")


def test_place_of_broken_json_is_told_without_any_of_it(client: FlaskClient) -> None:
    body = b'{"context": {"patientId": "Jane Doe" "x"}}'

    assert said(client.post(VIEW, data=body, content_type="application/json")) == (
        400,
        "the body is no JSON object: byte 37",
    )


def test_body_that_is_nested_too_deeply_is_refused(client: FlaskClient) -> None:
    body = b'{"hook":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    status, message = said(client.post(VIEW, data=body, content_type="application/json"))

    assert status == 400
    assert "nested" in message


@pytest.mark.cds("T1")
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", ""],
)
def test_body_that_is_not_declared_as_json_is_refused(client: FlaskClient, content_type: str) -> None:
    response = client.post(VIEW, data=json.dumps(request()), content_type=content_type)

    assert said(response) == (415, "the body has to be application/json")


@pytest.mark.cds("H1")
@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON", "application/json; v=1"],
)
def test_parameters_of_the_content_type_do_not_matter(client: FlaskClient, content_type: str) -> None:
    response = client.post(VIEW, data=json.dumps(request()), content_type=content_type)

    assert response.status_code == 200


def test_body_over_the_limit_is_refused() -> None:
    small = app_with(MAX_BODY_BYTES="1000").test_client()

    assert said(small.post(VIEW, json=request())) == (413, "the body is larger than this service accepts")


def test_body_at_the_limit_is_read() -> None:
    body = json.dumps(request())
    exact = app_with(MAX_BODY_BYTES=str(len(body))).test_client()

    assert exact.post(VIEW, data=body, content_type="application/json").status_code == 200
