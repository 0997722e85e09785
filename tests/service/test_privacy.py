"""Nothing about a patient leaves a call but in its cards: not in logs, not in errors, not in counts."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_requests import VIEW, app_with, chart, condition, ki67, request, search
from werkzeug.test import TestResponse

_CANARIES = ("Canaria", "canary-id", "1961-07-13", "MRN-4711", "canary-token", "canary-text", "canary-key")
_PATIENT = {
    "resourceType": "Patient",
    "id": "canary-id",
    "name": [{"family": "Canaria", "given": ["Canaria"]}],
    "birthDate": "1961-07-13",
    "identifier": [{"system": "urn:mrn", "value": "MRN-4711"}],
}
_OWN = {"subject": {"reference": "Patient/canary-id", "display": "Canaria"}}
_CONTEXT = {"userId": "Practitioner/Canaria", "patientId": "canary-id", "encounterId": "canary-id"}


def canary(prefetch: object = ..., **changes: Any) -> dict[str, Any]:
    """A request in which everything about the patient is a canary."""
    held = chart(
        patient=_PATIENT,
        conditions=search(condition(note=[{"text": "canary-text"}], **_OWN)),
        observations=search(ki67(**_OWN), {**ki67(id="canary-id", **_OWN), "status": {"text": "canary-text"}}),
        **{"canary-key": search(ki67(id="canary-id", subject={"reference": "Patient/Canaria"}))},
    )
    return request(held if prefetch is ... else prefetch, **{"context": _CONTEXT, **changes})


def told(text: str) -> list[str]:
    """The canaries in a text."""
    return [canary for canary in _CANARIES if canary.lower() in text.lower()]


def ask(client: FlaskClient, what: str) -> TestResponse:
    """One call of a kind."""
    return _CALLS[what](client)


def _post(**changes: Any) -> Callable[[FlaskClient], TestResponse]:
    return lambda client: client.post(VIEW, json=canary(**changes))


def _send(data: bytes, content_type: str = "application/json") -> Callable[[FlaskClient], TestResponse]:
    return lambda client: client.post(VIEW, data=data, content_type=content_type)


def broken() -> FlaskClient:
    """A service in which every call meets a fault that speaks of the patient."""
    app = app_with()

    def fails(service_id: str) -> None:
        raise ValueError("Canaria, born 1961-07-13, MRN-4711")

    app.view_functions["call"] = fails
    return app.test_client()


_TOKEN = {"access_token": ["canary-token"], "token_type": "Bearer"}
_CALLS: dict[str, Callable[[FlaskClient], TestResponse]] = {
    "cards": _post(),
    "wrong hook": _post(hook="Canaria"),
    "wrong context": _post(context={**_CONTEXT, "patientId": ["canary-id"]}),
    "long context": _post(context={**_CONTEXT, "patientId": "canary-id" * 100}),
    "wrong server": _post(fhirServer="ftp://Canaria"),
    "wrong token": _post(fhirServer="https://e.example", fhirAuthorization=_TOKEN),
    "wrong prefetch": _post(prefetch="Canaria"),
    "no data": _post(prefetch={"canary-key": "Canaria"}),
    "half a body": _send(json.dumps(canary()).encode()[:-9]),
    "wrong bytes": _send(b'{"hook": "Canaria\xff"}'),
    "wrong type": _send(json.dumps(canary()).encode(), "text/Canaria"),
    "wrong service": lambda client: client.post("/cds-services/Canaria", json=canary()),
    "wrong path": lambda client: client.post("/Patient/canary-id?name=Canaria", json=canary()),
    "wrong method": lambda client: client.put(VIEW + "?patient=canary-id", json=canary()),
    "fault": lambda client: broken().post(VIEW, json=canary()),
}
_ENDS = {
    "cards": 200,
    "wrong hook": 400,
    "wrong context": 400,
    "long context": 400,
    "wrong server": 400,
    "wrong token": 400,
    "wrong prefetch": 400,
    "no data": 412,
    "half a body": 400,
    "wrong bytes": 400,
    "wrong type": 415,
    "wrong service": 404,
    "wrong path": 404,
    "wrong method": 405,
    "fault": 500,
}
_ERRORS = [end for end, status in _ENDS.items() if status != 200]


@pytest.mark.parametrize(("what", "status"), _ENDS.items())
def test_each_of_these_calls_ends_as_it_is_meant_to(client: FlaskClient, what: str, status: int) -> None:
    assert ask(client, what).status_code == status


@pytest.mark.cds("X2")
@pytest.mark.parametrize("what", _ENDS)
def test_no_log_tells_anything_about_the_patient(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(client, what)

    assert told(caplog.text) == []


@pytest.mark.cds("X2")
@pytest.mark.parametrize("what", _ENDS)
def test_nothing_is_printed_about_the_patient(
    client: FlaskClient, capfd: pytest.CaptureFixture[str], what: str
) -> None:
    ask(client, what)

    assert told("".join(capfd.readouterr())) == []


@pytest.mark.cds("X2")
@pytest.mark.parametrize("what", _ERRORS)
def test_no_error_tells_anything_about_the_patient(client: FlaskClient, what: str) -> None:
    response = ask(client, what)

    assert told(response.get_data(as_text=True)) == []
    assert told(str(response.headers)) == []


def test_card_names_resources_but_not_the_person(client: FlaskClient) -> None:
    said = ask(client, "cards").get_data(as_text=True)

    assert set(told(said)) == {"canary-id"}


def test_fault_of_a_reader_is_logged_by_name_and_type_alone(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    huge = ki67(id="canary-id", valueQuantity={"value": 1e400, "code": "%", "note": "canary-text"}, **_OWN)

    with caplog.at_level(logging.DEBUG):
        client.post(VIEW, data=json.dumps(canary(chart(observations=search(huge)))), content_type="application/json")

    assert told(caplog.text) == []


def test_health_and_counts_tell_nothing_about_the_patient() -> None:
    client = app_with().test_client()
    ask(client, "cards")

    told_there = [told(client.get(path).get_data(as_text=True)) for path in ("/metrics", "/cds-services", "/healthz")]

    assert told_there == [[], [], []]
