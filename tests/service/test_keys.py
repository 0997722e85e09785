"""Keys come from the configured place alone, are cached and rotated, and outlive an outage of the key server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from client_stub import Token, bearer, ec_key, key_set, production, rsa_key, trust_file
from key_stub import KeyServer, key_server

from service.outbound.reach import Reach
from service.outbound.sessions import Sessions
from service.security.keys import KeyRing, KeysUnavailable, UnknownKey, fetch_keys, read_keys
from service.security.trust_file import Issuer

DAY = 86400.0


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """A source of key sets that a test can break, change or slow down."""

    def __init__(self, *keys: Any) -> None:
        self.body = key_set(*keys)
        self.is_down = False
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self) -> bytes:
        self.asked += 1
        self.gate.wait(5)
        if self.is_down:
            raise KeysUnavailable("down")
        return self.body


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(key_set(ec_key())) as stub:
        yield stub


def issuer(url: str, networks: tuple[str, ...] = ("127.0.0.0/8",)) -> Issuer:
    reach = Reach(tuple(ip_network(network) for network in networks))
    return Issuer("https://ehr.example.org", None, url, frozenset(), frozenset(), frozenset(), (), reach)


@pytest.mark.cds("X16")
def test_the_key_is_chosen_by_its_id() -> None:
    ring = KeyRing(Source(ec_key(), rsa_key()))

    assert ring.key("rsa").kid == "rsa"


@pytest.mark.cds("X21")
def test_a_key_set_is_fetched_once_and_kept() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)

    for _ in range(100):
        ring.key("ec")

    assert source.asked == 1


@pytest.mark.cds("X21")
def test_a_key_that_the_client_rotated_in_is_found_by_one_refresh() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)
    ring.key("ec")

    source.body = key_set(ec_key("new"))
    clock.now += 31

    assert ring.key("new").kid == "new"
    assert source.asked == 2


@pytest.mark.cds("X21")
def test_a_key_that_the_client_withdrew_is_refused_after_ten_minutes() -> None:
    source, clock = Source(ec_key(), rsa_key()), Clock()
    ring = KeyRing(source, clock)
    ring.key("rsa")

    source.body = key_set(ec_key())
    clock.now += 601

    with pytest.raises(UnknownKey):
        ring.key("rsa")


@pytest.mark.cds("X16")
def test_a_thousand_unknown_key_ids_cause_one_fetch() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)
    ring.key("ec")
    clock.now += 31

    for number in range(1000):
        with pytest.raises(UnknownKey):
            ring.key(f"unknown-{number}")

    assert source.asked == 2


def test_many_callers_at_once_cause_one_fetch() -> None:
    source = Source(ec_key())
    source.gate.clear()
    ring = KeyRing(source)

    with ThreadPoolExecutor(20) as pool:
        found = [pool.submit(ring.key, "ec") for _ in range(20)]
        source.gate.set()

    assert {future.result().kid for future in found} == {"ec"}
    assert source.asked == 1


def test_keys_are_kept_while_their_server_is_down_for_an_hour() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)
    ring.key("ec")

    source.is_down = True
    clock.now += 3600

    assert ring.key("ec").kid == "ec"


def test_while_a_key_server_hangs_one_caller_waits_and_then_nobody() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)
    ring.key("ec")
    source.is_down = True
    clock.now += 601
    ring.key("ec")
    source.gate.clear()
    clock.now += 31

    began = time.monotonic()
    assert ring.key("ec").kid == "ec"
    waited = time.monotonic() - began
    source.gate.set()

    assert waited < 4


def test_who_asks_for_an_unknown_key_waits_no_longer_than_a_fetch_may_take() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)
    source.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ring.key, "ec")
        while not source.asked:
            time.sleep(0.01)
        clock.now += 3

        with pytest.raises(UnknownKey):
            ring.key("ec")
        source.gate.set()

        assert first.result().kid == "ec"


def test_keys_are_given_up_when_their_server_is_down_for_a_day() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)
    ring.key("ec")

    source.is_down = True
    clock.now += DAY + 1

    with pytest.raises(UnknownKey):
        ring.key("ec")


def test_a_server_that_is_down_is_asked_twice_a_minute_at_most() -> None:
    source, clock = Source(ec_key()), Clock()
    source.is_down = True
    ring = KeyRing(source, clock)

    for _ in range(60):
        clock.now += 1
        with pytest.raises(UnknownKey):
            ring.key("ec")

    assert source.asked == 2


def test_a_key_set_that_turns_into_nonsense_does_not_replace_the_one_we_have() -> None:
    source, clock = Source(ec_key()), Clock()
    ring = KeyRing(source, clock)
    ring.key("ec")

    source.body = b"<html>maintenance</html>"
    clock.now += 601

    assert ring.key("ec").kid == "ec"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"{}", b'{"keys": null}', b'{"keys": []}', b'{"keys": [null, 1, {}]}', b"[" * 100000),
        b'{"keys": [{"kty": "oct", "kid": "ec", "k": "c2VjcmV0"}]}',
        b'{"keys": [{"kty": "EC", "kid": "ec", "crv": "P-384", "x": "AA", "y": "AA"}]}',
    ],
    ids=lambda body: body[:40].decode(),
)
def test_what_holds_no_usable_key_is_no_key_set(body: bytes) -> None:
    with pytest.raises(KeysUnavailable):
        read_keys(body)


def test_a_private_part_that_was_published_by_mistake_is_not_kept() -> None:
    keys = read_keys(json.dumps({"keys": [ec_key().as_dict(private=True)]}).encode())

    assert not keys["ec"].is_private


def test_the_key_set_is_fetched_from_its_configured_address(server: KeyServer) -> None:
    assert fetch_keys(issuer(server.url), Sessions()) == server.body


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_key_server_is_not_followed(server: KeyServer, status: int) -> None:
    server.status, server.location = status, "/elsewhere"

    with pytest.raises(KeysUnavailable):
        fetch_keys(issuer(server.url), Sessions())

    assert server.asked == ["/jwks.json"]


def test_a_key_set_of_a_megabyte_is_not_read(server: KeyServer) -> None:
    server.body = b" " * 1_000_000

    with pytest.raises(KeysUnavailable):
        fetch_keys(issuer(server.url), Sessions())


def test_a_key_server_that_hangs_is_given_up_after_three_seconds(server: KeyServer) -> None:
    server.delay = 6

    with pytest.raises(KeysUnavailable):
        fetch_keys(issuer(server.url), Sessions())


def test_a_key_server_at_a_private_address_is_not_asked_unless_its_network_is_listed(server: KeyServer) -> None:
    with pytest.raises(KeysUnavailable):
        fetch_keys(issuer(server.url, ()), Sessions())

    assert server.asked == []


@pytest.mark.cds("X11")
def test_a_foreign_key_address_is_never_asked(tmp_path: Path, server: KeyServer) -> None:
    trust_file(tmp_path)

    answer = production(tmp_path).get("/cds-services", headers=bearer(Token(header={"jku": server.url})))

    assert answer.status_code == 401
    assert server.asked == []


@pytest.mark.cds("X16")
@pytest.mark.cds("X21")
def test_a_client_whose_keys_are_at_an_address_gets_in_before_and_after_it_rotates_them(
    tmp_path: Path, server: KeyServer
) -> None:
    trust_file(tmp_path, jku=server.url, keys_file=None, networks=["127.0.0.0/8"])
    client = production(tmp_path)

    answers = [client.get("/cds-services", headers=bearer(Token())).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(server.asked) == 1


def test_the_service_is_not_ready_before_it_has_keys(tmp_path: Path, server: KeyServer) -> None:
    server.status = 503
    trust_file(tmp_path, jku=server.url, keys_file=None, networks=["127.0.0.0/8"])

    answer = production(tmp_path).get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"] == {"knowledge": True, "database": True, "keys": False, "replay": True}


def test_one_client_whose_key_server_is_down_does_not_take_the_service_from_the_others(
    tmp_path: Path, server: KeyServer
) -> None:
    server.status = 503
    path = trust_file(tmp_path)
    other = f'[[issuer]]\nissuer = "https://b.example"\njku = "{server.url}"\nnetworks = ["127.0.0.0/8"]\n'
    path.write_text(f"{other}{path.read_text()}")

    answer = production(tmp_path).get("/readyz")

    assert answer.status_code == 200
    assert server.asked == ["/jwks.json"]
