"""A token is good for one endpoint, at one time, from one client, and once."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from client_stub import (
    BASE,
    DISCOVERY,
    ISSUER,
    SERVICE,
    Token,
    bearer,
    discover,
    production,
    trust_file,
)
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

from service.security.caller import Refused
from service.security.replay import SqliteReplay
from service.security.trust import Gate
from service.security.trust_file import load_trust

NOW = int(time.time())


# Any moment, for a gate whose clock a test sets.
MOMENT = 1_800_000_000


@pytest.mark.cds("X8")
@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "jti"])
def test_a_token_without_a_required_claim_is_refused(guarded: FlaskClient, name: str) -> None:
    assert discover(guarded, Token(without=name)) == 401


@pytest.mark.cds("X8")
@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "soon"},
        {"exp": True},
        {"exp": None},
        {"exp": float("inf")},
        {"iat": "now"},
        {"nbf": "later"},
        {"jti": 1},
        {"jti": ""},
        {"jti": "x" * 256},
        {"aud": 7},
        {"aud": None},
        {"aud": []},
        {"aud": {"url": DISCOVERY}},
        {"iss": None},
        {"iss": [ISSUER]},
    ],
    ids=str,
)
def test_a_token_with_a_claim_of_another_kind_is_refused(guarded: FlaskClient, claims: dict[str, Any]) -> None:
    assert discover(guarded, Token(claims=claims)) == 401


def test_claims_that_nobody_asked_for_are_no_reason_to_refuse(guarded: FlaskClient) -> None:
    assert discover(guarded, Token(claims={"sub": ISSUER, "nbf": NOW - 5, "extra": {"a": 1}})) == 200


@pytest.mark.cds("X9")
@pytest.mark.parametrize("audience", [DISCOVERY, [DISCOVERY], ["https://other.example.org", DISCOVERY]])
def test_the_audience_is_the_endpoint_alone_or_among_others(guarded: FlaskClient, audience: Any) -> None:
    assert discover(guarded, Token(claims={"aud": audience})) == 200


@pytest.mark.cds("X9")
@pytest.mark.parametrize(
    "audience",
    [
        SERVICE,
        BASE,
        DISCOVERY.upper(),
        f"{DISCOVERY}?x=1",
        "http://localhost/cds-services",
        ["https://evil.example"],
        [[DISCOVERY]],
    ],
    ids=str,
)
def test_a_token_for_another_endpoint_is_refused(guarded: FlaskClient, audience: Any) -> None:
    assert discover(guarded, Token(claims={"aud": audience})) == 401


@pytest.mark.parametrize("audience", [f"{DISCOVERY}/", f"{BASE}//cds-services", f"{BASE}//cds-services//"])
def test_slashes_that_a_base_address_brought_into_an_audience_do_not_matter(
    guarded: FlaskClient, audience: str
) -> None:
    assert discover(guarded, Token(claims={"aud": audience})) == 200


@pytest.mark.cds("X9")
def test_the_audience_is_not_taken_from_what_the_caller_says_our_host_is(guarded: FlaskClient) -> None:
    headers = {**bearer(Token(url="https://evil.example/cds-services")), "Host": "evil.example"}

    assert guarded.get("/cds-services", headers=headers).status_code == 401


@pytest.mark.cds("X9")
def test_an_audience_of_the_trust_file_is_accepted(tmp_path: Path) -> None:
    trust_file(tmp_path, audience=["sand_man"])

    assert discover(production(tmp_path), Token(claims={"aud": "sand_man"})) == 200


@pytest.mark.cds("X10")
@pytest.mark.parametrize(
    ("offsets", "accepted"),
    [
        ({"exp": -59, "iat": -300}, True),
        ({"exp": -60, "iat": -300}, False),
        ({"exp": 300, "iat": 60}, True),
        ({"exp": 300, "iat": 61}, False),
        ({"exp": 300, "iat": 0, "nbf": 60}, True),
        ({"exp": 300, "iat": 0, "nbf": 61}, False),
        ({"exp": 3600, "iat": 0}, True),
        ({"exp": 3601, "iat": 0}, False),
        ({"exp": 10, "iat": 20}, False),
        ({"exp": 20, "iat": 20}, False),
        ({"exp": -MOMENT, "iat": -MOMENT}, False),
    ],
    ids=str,
)
def test_a_token_holds_for_an_hour_at_most_and_a_minute_of_skew(
    tmp_path: Path, offsets: dict[str, int], accepted: bool
) -> None:
    gate = Gate(load_trust(trust_file(tmp_path)), SqliteReplay(tmp_path / "used.db"), lambda: MOMENT)
    token = Token(claims={name: MOMENT + offset for name, offset in offsets.items()})

    with nullcontext() if accepted else pytest.raises(Refused, match="time"):
        gate.admit(f"Bearer {token}", DISCOVERY)


@pytest.mark.cds("X11")
@pytest.mark.parametrize("issuer", ["https://evil.example", ISSUER + "/", ISSUER.upper(), ""])
def test_an_issuer_that_is_not_listed_is_refused(guarded: FlaskClient, issuer: str) -> None:
    assert discover(guarded, Token(claims={"iss": issuer})) == 401


@pytest.mark.cds("X17")
def test_a_token_is_good_for_one_call(guarded: FlaskClient) -> None:
    token = str(Token())

    assert [discover(guarded, token), discover(guarded, token)] == [200, 401]


@pytest.mark.cds("X17")
def test_a_token_used_at_one_worker_is_refused_by_another_and_after_a_restart(tmp_path: Path) -> None:
    trust_file(tmp_path)
    one, other = production(tmp_path), production(tmp_path)
    token = str(Token())

    assert [discover(one, token), discover(other, token)] == [200, 401]


@pytest.mark.cds("X17")
def test_a_refused_token_does_not_use_up_the_id_of_a_good_one(guarded: FlaskClient) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})

    discover(guarded, Token(stranger, claims={"jti": "same"}))

    assert discover(guarded, Token(claims={"jti": "same"})) == 200


@pytest.mark.cds("X18")
@pytest.mark.parametrize(
    ("claims", "status"),
    [({"tenant": "north"}, 200), ({"tenant": "south"}, 401), ({"tenant": ["north"]}, 401), ({}, 401)],
)
def test_a_client_with_tenants_has_to_name_one_that_is_listed(
    tmp_path: Path, claims: dict[str, Any], status: int
) -> None:
    trust_file(tmp_path, tenants=["north"])

    assert discover(production(tmp_path), Token(claims=claims)) == status
