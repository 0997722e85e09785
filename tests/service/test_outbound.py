"""Connections go only where the trust file allows, to an address that was checked, and are never redirected."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import requests
from client_stub import SERVICE, Token, bearer, production, trust_file
from fetched_charts import to_be_fetched
from fhir_stub import Answer, FhirStub, searchset
from flask.testing import FlaskClient
from hook_requests import VIEW, ki67

from service.fetching.breaker import Breaker
from service.fetching.fhir_client import FetchFailed, FhirClient
from service.hook_request import FhirAccess
from service.outbound.connections import ResponseRefused, read_limited, was_refused
from service.outbound.reach import ANYWHERE, Reach
from service.outbound.sessions import Sessions
from service.secret import Secret
from service.watch import Deadline

LOOPBACK = Reach((ip_network("127.0.0.0/8"),))


@pytest.fixture
def server(server: FhirStub) -> FhirStub:
    """The server with a Ki-67 index in the chart."""
    server.answer("Observation", Answer(searchset(ki67())))
    return server


def closed(folder: Path, **trust: Any) -> FlaskClient:
    trust_file(folder, networks=["127.0.0.0/8"], **trust)
    return production(folder, fetch_deadline_ms="20000")


def ask(client: FlaskClient, fhir_server: str) -> Any:
    return client.post(VIEW, json=to_be_fetched(fhir_server), headers=bearer(Token(url=SERVICE)))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104
        *("100.64.0.1", "168.63.129.16", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.0.8", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::a9fe:a9fe", "2001:db8::1"),
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not Reach().allows(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert Reach().allows(address)


def test_a_network_that_is_listed_is_allowed_and_no_other() -> None:
    reach = Reach((ip_network("10.20.0.0/16"),))

    assert reach.allows("10.20.3.4")
    assert not reach.allows("10.21.3.4")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "[::1]"]
)
def test_no_spelling_of_loopback_is_connected_to(server: FhirStub, host: str) -> None:
    url = server.url.replace("127.0.0.1", host)

    with pytest.raises(requests.RequestException) as failed:
        Sessions().within(Reach()).get(url, timeout=2, allow_redirects=False)

    assert was_refused(failed.value) or isinstance(failed.value, requests.exceptions.InvalidURL)
    assert server.asked == []


def test_a_name_is_resolved_once_and_the_address_that_was_checked_is_the_one_that_is_used(
    server: FhirStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, asked = socket.getaddrinfo, []

    def rebinding(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return resolve("127.0.0.1" if len(asked) == 1 else "10.255.255.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: (rebinding if a[0] == "ehr.test" else resolve)(*a, **k))
    access = FhirAccess(server.url.replace("127.0.0.1", "ehr.test"), Secret("t"), LOOPBACK)

    FhirClient(1_000_000).fetch(access, "metadata", Deadline(5))

    assert asked == ["ehr.test"]


def test_a_name_that_turns_private_is_refused(server: FhirStub, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: resolve("127.0.0.1", *a, **k))
    access = FhirAccess(server.url.replace("127.0.0.1", "ehr.test"), Secret("t"), Reach())

    with pytest.raises(FetchFailed, match="its address is refused"):
        FhirClient(1_000_000).fetch(access, "metadata", Deadline(5))

    assert server.asked == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"])
def test_not_even_a_demonstration_connects_to_link_local_addresses(address: str) -> None:
    assert not ANYWHERE.allows(address)
    assert ANYWHERE.allows("127.0.0.1")


def test_where_one_address_of_a_name_refuses_connections_the_next_is_tried(
    server: FhirStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    both = [(family, kind, 0, "", (host, 0)) for family, kind, host in ((10, 1, "::1"), (2, 1, "127.0.0.1"))]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: both if host == "ehr.test" else resolve(host, *a, **k)
    )
    reach = Reach((ip_network("127.0.0.0/8"), ip_network("::1/128")))
    access = FhirAccess(server.url.replace("127.0.0.1", "ehr.test"), Secret("t"), reach)

    assert b"CapabilityStatement" in FhirClient(1_000_000).fetch(access, "metadata", Deadline(5))


def test_a_server_that_does_not_answer_is_left_alone_for_a_while(server: FhirStub) -> None:
    client, silent = FhirClient(1_000_000), FhirAccess("http://127.0.0.1:9/fhir", Secret("t"), LOOPBACK)
    for _ in range(20):
        with pytest.raises(FetchFailed, match="connection failed"):
            client.fetch(silent, "metadata", Deadline(5))

    with pytest.raises(FetchFailed, match="has not been answering"):
        client.fetch(silent, "metadata", Deadline(5))

    assert client.fetch(FhirAccess(server.url, Secret("t"), LOOPBACK), "metadata", Deadline(5))


def test_a_server_is_asked_again_after_five_seconds_and_forgiven_when_it_answers() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(20):
        breaker.failed("a")
    assert breaker.is_open("a")

    now[0] = 5.0
    assert not breaker.is_open("a")
    breaker.failed("a")
    assert breaker.is_open("a")
    breaker.answered("a")
    assert not breaker.is_open("a")


def test_servers_without_number_do_not_fill_the_memory_of_those_that_did_not_answer() -> None:
    breaker = Breaker()

    for number in range(2500):
        breaker.failed(f"https://{number}.example.org")

    assert len(breaker._failures) <= 1000


def test_a_redirect_to_the_metadata_address_is_not_followed(server: FhirStub) -> None:
    server.answer("metadata", Answer(b"", status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"}))

    with pytest.raises(FetchFailed, match="302"):
        FhirClient(1_000_000).fetch(FhirAccess(server.url, Secret("t"), LOOPBACK), "metadata", Deadline(5))


@pytest.mark.cds("F1")
def test_production_asks_a_server_that_is_listed_for_the_client(tmp_path: Path, server: FhirStub) -> None:
    response = ask(closed(tmp_path, fhir_servers=[server.url]), server.url)

    assert response.status_code == 200
    assert response.json["cards"]
    assert set(server.tokens) == {"Bearer secret-token"}


@pytest.mark.parametrize(
    "spelling",
    [
        "{url}/../admin",
        "{url}/x",
        "{url}?x=",
        "{url}#",
        "http://user@{host}/fhir",
        "http://{host}.evil.example/fhir",
        "http://localhost:1/fhir",
        "http://169.254.169.254/latest",
        "HTTP://{host}/fhir",
    ],
)
def test_production_asks_no_server_whose_address_is_not_exactly_listed(
    tmp_path: Path, server: FhirStub, spelling: str
) -> None:
    host = server.url.removeprefix("http://").removesuffix("/fhir")
    client = closed(tmp_path, fhir_servers=[server.url])

    response = ask(client, spelling.format(url=server.url, host=host))

    assert response.status_code in (400, 412)
    assert server.asked == []


def test_production_without_listed_servers_lives_on_prefetch_alone(tmp_path: Path, server: FhirStub) -> None:
    response = ask(closed(tmp_path), server.url)

    assert response.status_code == 412
    assert server.asked == []


def test_the_token_of_one_client_does_not_open_the_server_of_another(tmp_path: Path, server: FhirStub) -> None:
    path = trust_file(tmp_path, networks=["127.0.0.0/8"])
    other = path.read_text().replace("https://ehr.example.org", "https://other.example.org")
    path.write_text(f'{path.read_text()}\n{other}fhir_servers = ["{server.url}"]\n')

    response = ask(production(tmp_path), server.url)

    assert response.status_code == 412
    assert server.asked == []


def test_an_answer_that_drips_is_given_up_at_the_deadline() -> None:
    with dripping() as url:
        began = time.monotonic()
        with pytest.raises(FetchFailed, match="deadline"):
            FhirClient(1_000_000).fetch(FhirAccess(url, Secret("t"), LOOPBACK), "metadata", Deadline(0.5))

    assert time.monotonic() - began < 1.5


def test_an_answer_over_the_limit_is_not_read_to_its_end(server: FhirStub) -> None:
    server.answer("metadata", Answer(b" " * 300_000))

    with pytest.raises(FetchFailed, match="larger"):
        FhirClient(100_000).fetch(FhirAccess(server.url, Secret("t"), LOOPBACK), "metadata", Deadline(5))


def test_an_answer_that_unpacks_to_much_more_is_not_unpacked_to_its_end(server: FhirStub) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    server.answer("metadata", Answer(packed, headers={"Content-Encoding": "gzip"}))

    with (
        Sessions().within(LOOPBACK).get(f"{server.url}/metadata", stream=True, timeout=5) as response,
        pytest.raises(ResponseRefused, match="larger"),
    ):
        read_limited(response, 100_000, lambda: None)


class dripping:  # noqa: N801
    """A server that sends a byte every tenth of a second, for ever."""

    def __enter__(self) -> str:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/fhir"

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self._ended.wait(0.1):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return
