"""Operations: health, version, metrics over several workers, TLS, a graceful stop, bodies that never end."""

from __future__ import annotations

import datetime
import http.client
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pytest
import requests
from client_stub import production, trust_file
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fhir_stub import Answer, searchset, serving
from flask.testing import FlaskClient
from hook_requests import chart, ki67, request, search
from running import Running, running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> object:
    with running(tmp_path_factory.mktemp("service"), workers="2") as started:
        yield started


def view(service: Running, **changes: object) -> requests.Response:
    return requests.post(f"{service.url}/cds-services/net-patient-view", json=request(**changes), timeout=40)


def test_health_needs_no_token(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path)

    assert client.get("/livez").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert set(client.get("/version").json) == {"version", "knowledge"}


def test_the_version_names_the_knowledge_that_cards_name(client: FlaskClient) -> None:
    version = client.get("/version").json["knowledge"]

    cards = client.post("/cds-services/net-patient-view", json=request()).json["cards"]

    assert {card["extension"]["org.hoofbeats.card"]["knowledge"] for card in cards} == {version}


def test_metrics_are_closed_in_production_without_their_token(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path)

    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(("given", "status"), [("", 404), ("Bearer wrong", 404), ("Bearer right", 200)])
def test_metrics_are_open_in_production_with_their_token(tmp_path: Path, given: str, status: int) -> None:
    trust_file(tmp_path)
    client = production(tmp_path, metrics_token="right")

    assert client.get("/metrics", headers={"Authorization": given}).status_code == status


def test_metrics_are_summed_over_the_workers(service: Running) -> None:
    for _ in range(20):
        requests.get(f"{service.url}/cds-services", timeout=5)

    lines = requests.get(f"{service.url}/metrics", timeout=5).text.splitlines()

    assert 'hoofbeats_requests_total{route="/cds-services",status="200"} 20.0' in lines


def test_metrics_count_answers_and_of_rules_those_that_were_not_silent(tmp_path: Path) -> None:
    with running(tmp_path) as alone:
        for prefetch in (chart(), chart(conditions=search())):
            view(alone, prefetch=prefetch)
        lines = requests.get(f"{alone.url}/metrics", timeout=5).text.splitlines()

    rules = [line for line in lines if line.startswith("hoofbeats_rules_total{")]
    spoke = 'outcome="recommend",rule="sstr-pet-at-staging-of-duodenal-net",service="net-patient-view"'
    assert 'hoofbeats_answers_total{service="net-patient-view"} 1.0' in lines
    assert f"hoofbeats_rules_total{{{spoke}}} 1.0" in rules
    assert not [line for line in rules if "silent" in line]


def test_metrics_tell_rules_cards_unread_resources_and_codes_that_are_not_covered(service: Running) -> None:
    coded = {"coding": [{"system": "http://loinc.org", "code": "99999-9"}, {"system": "https://local.example"}]}
    passed_over = {"resourceType": "Observation", "id": "o1", "status": "final", "code": coded}
    unreadable = {"resourceType": "Procedure", "id": "x1", "code": 7}

    prefetch = {**request()["prefetch"], "observations": searchset(passed_over), "procedures": searchset(unreadable)}
    view(service, prefetch=prefetch)
    text = requests.get(f"{service.url}/metrics", timeout=5).text

    assert 'hoofbeats_codes_not_covered_total{system="LOINC"}' in text
    assert 'hoofbeats_codes_not_covered_total{system="other"}' in text
    assert "99999-9" not in text
    assert 'hoofbeats_unread_resources_total{type="Procedure"}' in text
    assert 'outcome="recommend"' in text
    assert 'hoofbeats_cards_total{kind="work-up",service="net-patient-view"}' in text


def test_a_demonstration_says_at_its_start_that_it_asks_nobody(service: Running) -> None:
    assert "callers are not asked who they are" in service.output()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 60 + b"\r\n",
        b"GET /" + b"a" * 3_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["long header", "many headers", "long line", "smuggled", "nonsense"],
)
def test_what_is_no_acceptable_http_is_answered_with_an_outcome_and_nothing_of_itself(
    service: Running, sent: bytes
) -> None:
    with service.connected() as connection:
        connection.sendall(sent)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("chunks", [b"zz\r\nabc\r\n0\r\n\r\n", b"3\r\nabcX\r\n0\r\n\r\n"], ids=["no length", "no end"])
def test_a_body_in_chunks_that_are_none_is_the_fault_of_its_sender(service: Running, chunks: bytes) -> None:
    head = b"POST /cds-services/net-patient-view HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    with service.connected() as connection:
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["resourceType"] == "OperationOutcome"


def test_a_body_in_chunks_is_measured_whole(service: Running) -> None:
    blanks = (b" " * 65536 for _ in range(17 * 16))

    answer = requests.post(
        f"{service.url}/cds-services/net-patient-view",
        data=chain([json.dumps(request()).encode()], blanks),
        headers={"Content-Type": "application/json"},
        timeout=20,
    )

    assert answer.status_code == 413
    assert "larger than this service accepts" in answer.json()["issue"][0]["diagnostics"]


def test_three_bodies_that_never_end_are_given_up_after_five_seconds_and_hold_nobody_up(service: Running) -> None:
    head = b"POST /cds-services/net-patient-view HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    with ExitStack() as opened:
        slow = [opened.enter_context(service.connected()) for _ in range(3)]
        for connection in slow:
            connection.sendall(head + b"Content-Length: 1000\r\n\r\n{")
        began = time.monotonic()

        meanwhile = requests.get(f"{service.url}/livez", timeout=3)
        answers = [connection.recv(65536) for connection in slow]

    assert meanwhile.status_code == 200
    assert {answer[:13] for answer in answers} == {b"HTTP/1.1 408 "}
    assert time.monotonic() - began < 9


def test_a_stop_under_load_loses_no_request_that_was_sent(tmp_path: Path) -> None:
    with serving() as server, running(tmp_path / "work", workers="2", fetch_deadline_ms="20000") as service:
        server.answer("metadata", Answer({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}, delay=1))
        access = {"access_token": "t", "token_type": "Bearer", "expires_in": 300}
        slow = request(fhirServer=server.url, fhirAuthorization=access, prefetch={"a": None})
        with ThreadPoolExecutor(20) as clients:
            sent = [clients.submit(until_refused, service.port, [slow, request()][n % 2]) for n in range(20)]
            time.sleep(1.5)
            code = service.stop()

        answers = [status for client in sent for status in client.result()]

    assert code == 0
    assert len(answers) >= 20
    assert set(answers) == {200}


def until_refused(port: int, body: object) -> list[object]:
    """The statuses that a client gets, each over a connection of its own, and what goes wrong once it is connected."""
    answers: list[object] = []
    sent = json.dumps(body)
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
        try:
            connection.connect()
        except OSError:
            return answers
        try:
            connection.request("POST", "/cds-services/net-patient-view", sent, {"Content-Type": "application/json"})
            answers.append(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            answers.append(type(error).__name__)
        finally:
            connection.close()


def test_a_worker_that_is_killed_is_replaced_and_loses_only_what_it_was_doing(tmp_path: Path) -> None:
    with running(tmp_path / "work", workers="2") as service:
        requests.get(f"{service.url}/livez", timeout=30)
        workers = _children(service.process.pid)
        os.kill(workers[0], signal.SIGKILL)

        answers = [_calm(lambda: requests.get(f"{service.url}/cds-services", timeout=5)) for _ in range(20)]
        time.sleep(1.5)

        assert answers.count(200) >= 19
        assert len(_children(service.process.pid)) == 2


def _calm(ask: object) -> int:
    try:
        return ask().status_code  # type: ignore[operator]
    except requests.ConnectionError:
        return 0


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_ten_times_the_load_is_answered_late_and_never_with_an_error(service: Running) -> None:
    with ThreadPoolExecutor(80) as clients:
        answers = [clients.submit(view, service) for _ in range(160)]

    assert {answer.result().status_code for answer in answers} == {200}


def test_requests_that_are_sent_without_waiting_are_answered_one_after_the_other(service: Running) -> None:
    body = json.dumps(request(prefetch=chart(more=search(*[ki67()] * 200)))).encode()
    head = f"POST /cds-services/net-patient-view HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    call = f"{head}Content-Type: application/json\r\n\r\n".encode() + body

    with service.connected() as connection:
        connection.sendall(call * 3)
        answers = b""
        while answers.count(b'"cards":[{') < 3:
            more = connection.recv(65536)
            assert more, answers
            answers += more

    assert answers.count(b"HTTP/1.1 200") == 3


@pytest.mark.cds("X1")
@pytest.mark.cds("T2")
def test_with_a_certificate_the_service_speaks_tls_and_nothing_else(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    _certify(certificate, key)

    with running(tmp_path / "work", tls_certificate=str(certificate), tls_key=str(key)) as service:
        encrypted = requests.get(f"{service.url}/livez", verify=str(certificate), timeout=5)
        large = requests.post(
            f"{service.url}/cds-services/net-patient-view",
            json=request(prefetch=chart(more=search(*[ki67()] * 3000))),
            verify=str(certificate),
            timeout=20,
        )
        with pytest.raises(requests.RequestException):
            requests.get(service.url.replace("https", "http"), timeout=5).raise_for_status()

    assert encrypted.status_code == 200
    assert large.json()["cards"]


def _certify(certificate: Path, key: Path) -> None:
    """A certificate for localhost that vouches for itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
