"""Nothing about a patient and no token is ever written: planted words are looked for in all that the service leaves."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from client_stub import Token, bearer, ec_key, key_set, trust_file
from fhir_stub import Answer, FhirStub, searchset, serving
from joserfc.jwk import ECKey
from running import Running, free_port, running

from service.logs import KEYS
from service.services import PREFETCH_KEYS

# No real person has any of these.
CANARIES = (
    "Canaryname",
    "canary-mrn-4711",
    "1931-02-03",
    "canary-access-token",
    "canary-jti",
    "canary-resource",
    "canary street",
    "canary-comment",
    "canary-user",
    "Canary remark",
)
NAME, IDENTIFIER, BIRTH = CANARIES[:3]
ACCESS_TOKEN = CANARIES[3]


def patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": IDENTIFIER,
        "name": [{"family": NAME}],
        "birthDate": BIRTH,
        "identifier": [{"value": IDENTIFIER}],
        "address": [{"text": "canary street"}],
    }


def condition() -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": "canary-resource-1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C7A.010"}],
            "text": "Canary remark",
        },
        "subject": {"reference": f"Patient/{IDENTIFIER}", "display": NAME},
        "recordedDate": BIRTH,
    }


def broken() -> dict[str, Any]:
    """An Observation that screening keeps and no model accepts."""
    return {
        "resourceType": "Observation",
        "id": "canary-resource-2",
        "status": {"Canaryname": 1},
        "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}], "text": "Canary remark"},
        "subject": {"reference": f"Patient/{IDENTIFIER}"},
        "effectiveDateTime": f"{BIRTH} {NAME}",
    }


def body(**changes: Any) -> dict[str, Any]:
    whole = {
        "hook": "patient-view",
        "hookInstance": "canary-jti-instance",
        "context": {"userId": "Practitioner/canary-user", "patientId": IDENTIFIER},
        "prefetch": {
            "patient": patient(),
            "conditions": searchset(condition()),
            "observations": searchset(broken(), {"resourceType": NAME, "id": IDENTIFIER}),
        },
        "extension": {"note": "Canary remark"},
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


AUTHORIZATION = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "canary-user"}


@pytest.fixture(scope="module")
def server() -> Iterator[FhirStub]:
    with serving() as stub:
        stub.answer("Condition", Answer(searchset(condition())))
        stub.answer("Observation", Answer(b"<html>Canaryname canary-mrn-4711</html>", status=500))
        stub.answer("Procedure", Answer(searchset(next_url="http://canary-resource.invalid/?name=Canaryname")))
        stub.answer("Immunization", Answer(b'{"resourceType": "Canaryname'))
        yield stub


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, server: FhirStub) -> tuple[Running, list[requests.Response]]:
    """A service in production after every kind of request, stopped; and all its answers that no client should keep."""
    folder = tmp_path_factory.mktemp("trust")
    trust_file(folder, networks=["127.0.0.0/8"], fhir_servers=[server.url])
    work = tmp_path_factory.mktemp("work")
    port = str(free_port())
    given = {
        "profile": "production",
        "trust": str(folder / "trust.toml"),
        "metrics_token": "canary-access-token-metrics",
    }
    with running(work, **given, port=port, base_url=f"http://localhost:{port}", max_body_bytes="200000") as service:
        answers = list(everything(service, server))
        not_http(service)
        metrics = requests.get(f"{service.url}/metrics", headers=bearer("canary-access-token-metrics"), timeout=5)
        (work / "metrics").write_bytes(metrics.content)
        service.stop()
    return service, answers


def everything(service: Running, server: FhirStub) -> Iterator[requests.Response]:
    """Every kind of request, each full of canaries."""

    def call(data: Any, path: str = "net-patient-view", token: object = None, **headers: str) -> requests.Response:
        url = f"{service.url}/cds-services/{path}"
        sent = data if isinstance(data, bytes) else json.dumps(data).encode()
        good = Token(url=url, claims={"jti": f"canary-jti-{time.monotonic_ns()}"})
        whole = {"Content-Type": "application/json", **bearer(token or good), **headers}
        return requests.post(url, data=sent, headers=whole, timeout=30, allow_redirects=False)

    searched = {key: searchset() for key in PREFETCH_KEYS.values()}
    yield call(body())
    yield call(body(prefetch={**searched, "patient": patient(), "conditions": searchset(condition())}))
    yield call(body(fhirServer=server.url, fhirAuthorization=AUTHORIZATION, prefetch=None))
    yield call(body(fhirServer="http://10.0.0.1/Canaryname", fhirAuthorization=AUTHORIZATION, prefetch=None))
    yield call(body(prefetch={NAME: {"resourceType": NAME}}))
    yield call(body(context={"userId": "canary-user", "patientId": [NAME]}))
    yield call(body(hook=NAME))
    yield call(body(fhirAuthorization={"access_token": ACCESS_TOKEN}))
    yield call(b'{"hook": "Canaryname')
    yield call(b"[" * 70 + b'"Canaryname"' + b"]" * 70)
    yield call(b'{"a": "' + NAME.encode() * 30_000 + b'"}')
    yield call(gzip.compress(json.dumps(body()).encode())[:-6], **{"Content-Encoding": "gzip"})
    yield call(body(), path=f"{NAME}-{IDENTIFIER}")
    yield call(body(), path=f"net-patient-view?patient={NAME}&id={IDENTIFIER}")
    yield call(body(), **{"Content-Type": f"text/{NAME}"})
    yield call(body(), token=f"{NAME}.{IDENTIFIER}.{ACCESS_TOKEN}")
    yield call(body(), token=Token(ECKey.generate_key("P-384", {"kid": NAME}), {"kid": NAME, "jku": f"https://{NAME}"}))
    yield call(body(), token=Token(claims={"iss": NAME, "jti": "canary-jti-2", "tenant": NAME}))
    yield call({"feedback": [feedback()]}, path="net-patient-view/feedback")
    yield call({"feedback": [{"card": NAME, "outcome": NAME}]}, path="net-patient-view/feedback")
    yield requests.request("CANARYNAME", f"{service.url}/{NAME}/{IDENTIFIER}", timeout=5)
    yield requests.get(f"{service.url}/rules/{NAME}", headers={"Accept": "application/json", "X-Name": NAME}, timeout=5)


def feedback() -> dict[str, Any]:
    return {
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-20T10:00:00Z",
        "overrideReason": {"reason": {"code": "x", "system": "https://x.example"}, "userComment": "canary-comment"},
    }


def not_http(service: Running) -> None:
    """Bytes that are no HTTP, full of canaries."""
    for line in (
        f"GET /{NAME} HTTP/1.1\r\nBad {IDENTIFIER}\r\n\r\n",
        f"{NAME}\r\n\r\n",
        f"GET /{NAME * 500} HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", service.port), timeout=5) as connection:
            connection.sendall(line.encode())
            answer = connection.recv(65536)
        assert not found(answer)


def found(written: bytes) -> list[str]:
    """The canaries in some bytes, as they are or encoded."""
    lowered = written.lower()
    return [c for c in CANARIES if c.lower().encode() in lowered or base64.b64encode(c.encode())[:-2] in written]


def test_every_kind_of_request_was_made(left: tuple[Running, list[requests.Response]]) -> None:
    statuses = {answer.status_code for answer in left[1]}

    assert {200, 400, 401, 404, 412, 413, 415} <= statuses
    assert 500 not in statuses


@pytest.mark.cds("F4")
@pytest.mark.cds("F5")
@pytest.mark.cds("X2")
@pytest.mark.cds("X19")
def test_no_log_file_metric_or_database_row_holds_anything_of_a_patient_or_a_token(
    left: tuple[Running, list[requests.Response]],
) -> None:
    files = [path for path in left[0].folder.rglob("*") if path.is_file()]

    # A write-ahead log is a part of its database, and may outlive the process that wrote it.
    held = {(path.name.removesuffix("-wal"), canary) for path in files for canary in found(path.read_bytes())}

    # What a clinician wrote to us is kept, because it was written to us; it is deleted after its time.
    assert held == {("hoofbeats.db", "canary-comment")}


def test_no_answer_that_is_an_error_repeats_anything_of_its_request(
    left: tuple[Running, list[requests.Response]],
) -> None:
    errors = [answer for answer in left[1] if answer.status_code != 200]

    assert [found(answer.content + str(answer.headers).encode()) for answer in errors] == [[]] * len(errors)


def test_no_answer_carries_the_token_of_the_fhir_server(left: tuple[Running, list[requests.Response]]) -> None:
    assert not [answer for answer in left[1] if ACCESS_TOKEN.encode() in answer.content + str(answer.headers).encode()]


def test_every_line_of_the_log_is_an_object_with_keys_of_the_closed_list(
    left: tuple[Running, list[requests.Response]],
) -> None:
    lines = [json.loads(line) for line in left[0].output().splitlines()]

    assert {key for line in lines for key in line} <= KEYS
    assert sum(line["event"] == "request" for line in lines) >= len(left[1])


def test_the_line_of_a_request_says_who_what_and_how_long(left: tuple[Running, list[requests.Response]]) -> None:
    lines = [json.loads(line) for line in left[0].output().splitlines()]

    line = next(line for line in lines if line.get("cards"))

    assert line["issuer"] == "https://ehr.example.org"
    assert line["route"] == "/cds-services/<service_id>"
    assert line["service"] == "net-patient-view"
    assert "work-up" in line["kinds"]
    assert any(line.get("unread") for line in lines)


def test_the_log_says_why_a_token_was_refused(left: tuple[Running, list[requests.Response]]) -> None:
    causes = {json.loads(line).get("cause") for line in left[0].output().splitlines()}

    assert {"not a JWT", "issuer"} <= causes


def test_the_public_keys_are_no_secret() -> None:
    assert not found(key_set(ec_key()))
