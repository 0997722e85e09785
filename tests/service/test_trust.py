"""Only a client of the trust file gets in, with a token of its own for each call; who does not learns nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from client_stub import (
    DISCOVERY,
    SERVICE,
    Token,
    bearer,
    discover,
    production,
    rsa_key,
    trust_file,
)
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey

from service.security.caller import Cause, Refused
from service.security.replay import SqliteReplay
from service.security.trust import Gate
from service.security.trust_file import load_trust


@pytest.mark.cds("X6")
@pytest.mark.parametrize(
    ("method", "path", "url"),
    [
        ("GET", "/cds-services", DISCOVERY),
        ("POST", "/cds-services/net-patient-view", SERVICE),
        ("POST", "/cds-services/net-patient-view/feedback", f"{SERVICE}/feedback"),
    ],
)
def test_discovery_services_and_feedback_each_ask_for_a_token_of_their_own(
    guarded: FlaskClient, method: str, path: str, url: str
) -> None:
    without = guarded.open(path, method=method, json={})
    with_token = guarded.open(path, method=method, json={}, headers=bearer(Token(url=url)))

    assert without.status_code == 401
    assert with_token.status_code in (200, 400)


@pytest.mark.cds("X4")
def test_production_without_a_trust_file_refuses_everybody(tmp_path: Path) -> None:
    trust_file(tmp_path)
    closed = production(tmp_path, trust="")

    assert discover(closed, Token()) == 401


def test_a_demonstration_asks_nobody(tmp_path: Path) -> None:
    open_to_all = production(tmp_path, profile="demo", trust="")

    assert open_to_all.get("/cds-services").status_code == 200


def test_whatever_route_is_added_later_asks_for_a_token_unless_it_is_listed(guarded: FlaskClient) -> None:
    rules = [rule for rule in guarded.application.url_map.iter_rules() if rule.methods and "GET" in rule.methods]

    opened = {
        rule.endpoint for rule in rules if guarded.get(rule.rule.replace("<", "").replace(">", "")).status_code != 401
    }

    assert {name for name in opened if not name.startswith("pages.")} <= {"livez", "readyz", "version", "metrics"}


def test_a_path_that_does_not_exist_is_not_told_to_strangers(guarded: FlaskClient) -> None:
    assert guarded.get("/cds-services/no-such-service").status_code == 401


REFUSALS: dict[str, Token] = {
    "issuer": Token(claims={"iss": "https://evil.example"}),
    "algorithm": Token(rsa_key(), {"alg": "RS512"}),
    "jku": Token(header={"jku": "https://evil.example"}),
    "key": Token(header={"kid": "unknown"}),
    "signature": Token(ECKey.generate_key("P-384", {"kid": "ec"})),
    "audience": Token(url=SERVICE),
    "time": Token(claims={"exp": 1, "iat": 0}),
    "claims": Token(without="jti"),
}


@pytest.mark.cds("X20")
@pytest.mark.cds("S6")
@pytest.mark.parametrize("cause", sorted(REFUSALS))
def test_every_refusal_is_the_same_empty_401(guarded: FlaskClient, cause: str) -> None:
    bare = guarded.get("/cds-services", headers={"Origin": "https://a.example"})

    refused = guarded.get("/cds-services", headers={**bearer(REFUSALS[cause]), "Origin": "https://a.example"})

    assert refused.status_code == 401
    assert refused.data == b""
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert list(refused.headers) == list(bare.headers)


@pytest.mark.parametrize("cause", sorted(REFUSALS))
def test_a_refusal_takes_the_time_of_one_signature_check_whatever_its_cause(
    tmp_path: Path, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(load_trust(trust_file(tmp_path)), SqliteReplay(tmp_path / "used.db"))
    check, checked = jwt.decode, []
    monkeypatch.setattr(
        jwt, "decode", lambda token, *rest, **more: (checked.append(token), check(token, *rest, **more))[1]
    )

    with pytest.raises(Refused):
        gate.admit(f"Bearer {REFUSALS[cause]}", DISCOVERY)

    assert len(checked) == 1


def test_the_cause_of_a_refusal_is_known_to_us_alone(tmp_path: Path) -> None:
    gate = Gate(load_trust(trust_file(tmp_path)), SqliteReplay(tmp_path / "used.db"))

    with pytest.raises(Refused) as refused:
        gate.admit(f"Bearer {REFUSALS['audience']}", DISCOVERY)

    assert refused.value.cause is Cause.AUDIENCE
