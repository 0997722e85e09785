"""A token is believed where its headers are as agreed and its client's own key signed it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from client_stub import (
    DISCOVERY,
    ISSUER,
    JKU,
    Token,
    discover,
    ec_key,
    production,
    rsa_key,
    trust_file,
    unsigned,
)
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

NOW = int(time.time())
GOOD = {"iss": ISSUER, "aud": DISCOVERY, "exp": NOW + 300, "iat": NOW, "jti": "1"}


@pytest.mark.cds("X14")
@pytest.mark.parametrize(("algorithm", "key"), [("ES384", ec_key()), ("RS384", rsa_key())])
def test_the_recommended_algorithms_are_accepted(guarded: FlaskClient, algorithm: str, key: Any) -> None:
    assert discover(guarded, Token(key, {"alg": algorithm})) == 200


@pytest.mark.cds("X15")
@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS384", "PS256"])
def test_an_algorithm_that_is_not_listed_for_the_client_is_refused(guarded: FlaskClient, algorithm: str) -> None:
    assert discover(guarded, Token(rsa_key(), {"alg": algorithm})) == 401


@pytest.mark.cds("X15")
def test_an_algorithm_listed_for_the_client_is_accepted(tmp_path: Path) -> None:
    trust_file(tmp_path, algorithms=["RS256"])

    assert discover(production(tmp_path), Token(rsa_key(), {"alg": "RS256"})) == 200


@pytest.mark.cds("X12")
@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_a_token_without_a_signature_is_refused(guarded: FlaskClient, name: str, signature: str) -> None:
    token = unsigned({"alg": name, "typ": "JWT", "kid": "ec"}, GOOD, signature)

    assert discover(guarded, token) == 401


@pytest.mark.cds("X12")
def test_a_signed_token_whose_signature_was_cut_off_is_refused(guarded: FlaskClient) -> None:
    token = str(Token()).rpartition(".")[0]

    assert discover(guarded, token) == 401
    assert discover(guarded, token + ".") == 401


@pytest.mark.cds("X13")
@pytest.mark.parametrize(("algorithm", "digest"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(
    guarded: FlaskClient, algorithm: str, digest: str
) -> None:
    text = unsigned({"alg": algorithm, "typ": "JWT", "kid": "rsa"}, GOOD).rstrip(".")
    mac = hmac.new(rsa_key().as_pem(private=False), text.encode(), getattr(hashlib, digest)).digest()

    assert discover(guarded, f"{text}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}") == 401


@pytest.mark.cds("X7")
@pytest.mark.parametrize("name", ["kid", "typ"])
def test_a_token_without_a_required_header_is_refused(guarded: FlaskClient, name: str) -> None:
    assert discover(guarded, Token(without=name)) == 401


@pytest.mark.cds("X7")
@pytest.mark.parametrize(
    "header",
    [{"typ": "at+jwt"}, {"typ": "jwt"}, {"kid": 7}, {"kid": ""}, {"alg": None}, {"alg": ["ES384"]}, {}],
    ids=str,
)
def test_a_token_with_a_header_of_another_kind_is_refused(guarded: FlaskClient, header: dict[str, Any]) -> None:
    whole = {"alg": "ES384", "typ": "JWT", "kid": "ec"} if header else {}

    assert discover(guarded, unsigned({**whole, **header}, GOOD, "AAAA")) == 401


@pytest.mark.cds("X11")
@pytest.mark.parametrize(
    "jku",
    [
        "https://evil.example/jwks.json",
        JKU + "/",
        JKU + "?a",
        JKU + "#a",
        JKU.replace("https", "http"),
        "",
        None,
        [JKU],
    ],
)
def test_a_key_address_that_is_not_the_configured_one_is_refused(guarded: FlaskClient, jku: Any) -> None:
    assert discover(guarded, Token(header={"jku": jku})) == 401


@pytest.mark.cds("X11")
def test_the_configured_key_address_is_accepted(guarded: FlaskClient) -> None:
    assert discover(guarded, Token(header={"jku": JKU})) == 200


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": ec_key().as_dict(private=False)},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"]},
        {"b64": True},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_token_that_brings_its_own_key_or_rules_is_refused(guarded: FlaskClient, header: dict[str, Any]) -> None:
    assert discover(guarded, Token(header=header)) == 401


def test_a_key_that_a_token_brings_along_is_not_used(guarded: FlaskClient) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})

    assert discover(guarded, Token(stranger, {"jwk": stranger.as_dict(private=False)})) == 401


def test_a_token_signed_by_another_key_of_the_same_name_is_refused(guarded: FlaskClient) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})

    assert discover(guarded, Token(stranger)) == 401


def test_a_token_changed_after_it_was_signed_is_refused(guarded: FlaskClient) -> None:
    header, _, signature = str(Token()).split(".")
    changed = unsigned({}, {**GOOD, "jti": "2"}).split(".")[1]

    assert discover(guarded, f"{header}.{changed}.{signature}") == 401


UNFIT = {
    "another curve": (ec_key("p256", "P-256"), {}, "ES384"),
    "another type": (rsa_key(), {}, "ES384"),
    "declared for another algorithm": (rsa_key("declared"), {"alg": "RS256"}, "RS384"),
    "for encryption": (rsa_key("encryption"), {"use": "enc"}, "RS384"),
    "not for verifying": (ec_key("other"), {"key_ops": ["deriveKey"]}, "ES384"),
    "too short": (rsa_key("short", 1024), {}, "RS384"),
}


@pytest.mark.cds("X16")
@pytest.mark.parametrize("reason", sorted(UNFIT))
def test_a_published_key_that_does_not_fit_the_algorithm_is_refused(tmp_path: Path, reason: str) -> None:
    key, extra, algorithm = UNFIT[reason]
    trust_file(tmp_path)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{**key.as_dict(private=False), **extra}]}))

    assert discover(production(tmp_path), Token(key, {"alg": algorithm})) == 401


@pytest.mark.parametrize("kid", ["../../etc/passwd", "ec'--", "ec\x00", "EC", "ec ", "https://evil.example/key"])
def test_a_key_id_is_looked_up_and_never_used_as_a_path_or_query(guarded: FlaskClient, kid: str) -> None:
    assert discover(guarded, Token(header={"kid": kid})) == 401


@pytest.mark.parametrize(
    "authorization",
    [
        *(
            "",
            "Bearer",
            "Bearer ",
            "Basic dXNlcjpwYXNz",
            "Bearer a.b",
            "Bearer a.b.c",
            "Bearer ...",
            "Bearer e30.e30.e30",
        ),
        *("Bearer W10.W10.AA", "Bearer " + "a" * 9000, "Bearer \xe9.a.b", "Bearer " + "W1" * 2000 + ".e30.AA"),
    ],
    ids=lambda text: text[:24],
)
def test_what_is_no_token_is_refused(guarded: FlaskClient, authorization: str) -> None:
    assert guarded.get("/cds-services", headers={"Authorization": authorization}).status_code == 401
