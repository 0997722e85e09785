"""Only a client of the trust file gets in, with a token that it signed for this endpoint and has not used before."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from client_stub import (
    BASE,
    DISCOVERY,
    ISSUER,
    JKU,
    SERVICE,
    Token,
    bearer,
    ec_key,
    production,
    rsa_key,
    trust_file,
    unsigned,
)
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey

from service.security.caller import Cause, Refused
from service.security.replay import SqliteReplay
from service.security.trust import Gate
from service.security.trust_file import TrustError, load_trust
from service.settings import load_settings

NOW = int(time.time())
# Any moment, for a gate whose clock a test sets.
MOMENT = 1_800_000_000
GOOD = {"iss": ISSUER, "aud": DISCOVERY, "exp": NOW + 300, "iat": NOW, "jti": "1"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("production")
    trust_file(folder)
    return production(folder)


def discover(client: FlaskClient, token: object) -> int:
    return client.get("/cds-services", headers=bearer(token)).status_code


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
    client: FlaskClient, method: str, path: str, url: str
) -> None:
    without = client.open(path, method=method, json={})
    with_token = client.open(path, method=method, json={}, headers=bearer(Token(url=url)))

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


def test_whatever_route_is_added_later_asks_for_a_token_unless_it_is_listed(client: FlaskClient) -> None:
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.methods and "GET" in rule.methods]

    opened = {
        rule.endpoint for rule in rules if client.get(rule.rule.replace("<", "").replace(">", "")).status_code != 401
    }

    assert {name for name in opened if not name.startswith("pages.")} <= {"livez", "readyz", "version", "metrics"}


def test_a_path_that_does_not_exist_is_not_told_to_strangers(client: FlaskClient) -> None:
    assert client.get("/cds-services/no-such-service").status_code == 401


@pytest.mark.cds("X14")
@pytest.mark.parametrize(("algorithm", "key"), [("ES384", ec_key()), ("RS384", rsa_key())])
def test_the_recommended_algorithms_are_accepted(client: FlaskClient, algorithm: str, key: Any) -> None:
    assert discover(client, Token(key, {"alg": algorithm})) == 200


@pytest.mark.cds("X15")
@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS384", "PS256"])
def test_an_algorithm_that_is_not_listed_for_the_client_is_refused(client: FlaskClient, algorithm: str) -> None:
    assert discover(client, Token(rsa_key(), {"alg": algorithm})) == 401


@pytest.mark.cds("X15")
def test_an_algorithm_listed_for_the_client_is_accepted(tmp_path: Path) -> None:
    trust_file(tmp_path, algorithms=["RS256"])

    assert discover(production(tmp_path), Token(rsa_key(), {"alg": "RS256"})) == 200


@pytest.mark.cds("X12")
@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_a_token_without_a_signature_is_refused(client: FlaskClient, name: str, signature: str) -> None:
    token = unsigned({"alg": name, "typ": "JWT", "kid": "ec"}, GOOD, signature)

    assert discover(client, token) == 401


@pytest.mark.cds("X12")
def test_a_signed_token_whose_signature_was_cut_off_is_refused(client: FlaskClient) -> None:
    token = str(Token()).rpartition(".")[0]

    assert discover(client, token) == 401
    assert discover(client, token + ".") == 401


@pytest.mark.cds("X13")
@pytest.mark.parametrize(("algorithm", "digest"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(
    client: FlaskClient, algorithm: str, digest: str
) -> None:
    text = unsigned({"alg": algorithm, "typ": "JWT", "kid": "rsa"}, GOOD).rstrip(".")
    mac = hmac.new(rsa_key().as_pem(private=False), text.encode(), getattr(hashlib, digest)).digest()

    assert discover(client, f"{text}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}") == 401


@pytest.mark.cds("X13")
@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS384", "HS512", "RS1", "EdDSA"])
def test_a_trust_file_cannot_allow_other_algorithms(tmp_path: Path, algorithm: str) -> None:
    path = trust_file(tmp_path, algorithms=[algorithm])

    with pytest.raises(TrustError, match="algorithms"):
        load_trust(path)


@pytest.mark.cds("X7")
@pytest.mark.parametrize("name", ["kid", "typ"])
def test_a_token_without_a_required_header_is_refused(client: FlaskClient, name: str) -> None:
    assert discover(client, Token(without=name)) == 401


@pytest.mark.cds("X7")
@pytest.mark.parametrize(
    "header",
    [{"typ": "at+jwt"}, {"typ": "jwt"}, {"kid": 7}, {"kid": ""}, {"alg": None}, {"alg": ["ES384"]}, {}],
    ids=str,
)
def test_a_token_with_a_header_of_another_kind_is_refused(client: FlaskClient, header: dict[str, Any]) -> None:
    whole = {"alg": "ES384", "typ": "JWT", "kid": "ec"} if header else {}

    assert discover(client, unsigned({**whole, **header}, GOOD, "AAAA")) == 401


@pytest.mark.cds("X8")
@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "jti"])
def test_a_token_without_a_required_claim_is_refused(client: FlaskClient, name: str) -> None:
    assert discover(client, Token(without=name)) == 401


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
def test_a_token_with_a_claim_of_another_kind_is_refused(client: FlaskClient, claims: dict[str, Any]) -> None:
    assert discover(client, Token(claims=claims)) == 401


def test_claims_that_nobody_asked_for_are_no_reason_to_refuse(client: FlaskClient) -> None:
    assert discover(client, Token(claims={"sub": ISSUER, "nbf": NOW - 5, "extra": {"a": 1}})) == 200


@pytest.mark.cds("X9")
@pytest.mark.parametrize("audience", [DISCOVERY, [DISCOVERY], ["https://other.example.org", DISCOVERY]])
def test_the_audience_is_the_endpoint_alone_or_among_others(client: FlaskClient, audience: Any) -> None:
    assert discover(client, Token(claims={"aud": audience})) == 200


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
def test_a_token_for_another_endpoint_is_refused(client: FlaskClient, audience: Any) -> None:
    assert discover(client, Token(claims={"aud": audience})) == 401


@pytest.mark.parametrize("audience", [f"{DISCOVERY}/", f"{BASE}//cds-services", f"{BASE}//cds-services//"])
def test_slashes_that_a_base_address_brought_into_an_audience_do_not_matter(client: FlaskClient, audience: str) -> None:
    assert discover(client, Token(claims={"aud": audience})) == 200


@pytest.mark.cds("X9")
def test_the_audience_is_not_taken_from_what_the_caller_says_our_host_is(client: FlaskClient) -> None:
    headers = {**bearer(Token(url="https://evil.example/cds-services")), "Host": "evil.example"}

    assert client.get("/cds-services", headers=headers).status_code == 401


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
def test_an_issuer_that_is_not_listed_is_refused(client: FlaskClient, issuer: str) -> None:
    assert discover(client, Token(claims={"iss": issuer})) == 401


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
def test_a_key_address_that_is_not_the_configured_one_is_refused(client: FlaskClient, jku: Any) -> None:
    assert discover(client, Token(header={"jku": jku})) == 401


@pytest.mark.cds("X11")
def test_the_configured_key_address_is_accepted(client: FlaskClient) -> None:
    assert discover(client, Token(header={"jku": JKU})) == 200


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
def test_a_token_that_brings_its_own_key_or_rules_is_refused(client: FlaskClient, header: dict[str, Any]) -> None:
    assert discover(client, Token(header=header)) == 401


def test_a_key_that_a_token_brings_along_is_not_used(client: FlaskClient) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})

    assert discover(client, Token(stranger, {"jwk": stranger.as_dict(private=False)})) == 401


def test_a_token_signed_by_another_key_of_the_same_name_is_refused(client: FlaskClient) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})

    assert discover(client, Token(stranger)) == 401


def test_a_token_changed_after_it_was_signed_is_refused(client: FlaskClient) -> None:
    header, _, signature = str(Token()).split(".")
    changed = unsigned({}, {**GOOD, "jti": "2"}).split(".")[1]

    assert discover(client, f"{header}.{changed}.{signature}") == 401


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
def test_a_key_id_is_looked_up_and_never_used_as_a_path_or_query(client: FlaskClient, kid: str) -> None:
    assert discover(client, Token(header={"kid": kid})) == 401


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
def test_what_is_no_token_is_refused(client: FlaskClient, authorization: str) -> None:
    assert client.get("/cds-services", headers={"Authorization": authorization}).status_code == 401


@pytest.mark.cds("X17")
def test_a_token_is_good_for_one_call(client: FlaskClient) -> None:
    token = str(Token())

    assert [discover(client, token), discover(client, token)] == [200, 401]


@pytest.mark.cds("X17")
def test_a_token_used_at_one_worker_is_refused_by_another_and_after_a_restart(tmp_path: Path) -> None:
    trust_file(tmp_path)
    one, other = production(tmp_path), production(tmp_path)
    token = str(Token())

    assert [discover(one, token), discover(other, token)] == [200, 401]


@pytest.mark.cds("X17")
def test_a_refused_token_does_not_use_up_the_id_of_a_good_one(client: FlaskClient) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})

    discover(client, Token(stranger, claims={"jti": "same"}))

    assert discover(client, Token(claims={"jti": "same"})) == 200


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
def test_every_refusal_is_the_same_empty_401(client: FlaskClient, cause: str) -> None:
    bare = client.get("/cds-services", headers={"Origin": "https://a.example"})

    refused = client.get("/cds-services", headers={**bearer(REFUSALS[cause]), "Origin": "https://a.example"})

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


@pytest.mark.parametrize("issuer", ["https://sandbox.cds-hooks.org", "https://SANDBOX.cds-hooks.org/"])
def test_the_public_sandbox_is_never_trusted(tmp_path: Path, issuer: str) -> None:
    path = trust_file(tmp_path, issuer=issuer)

    with pytest.raises(TrustError, match="sandbox"):
        load_trust(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jku": "http://ehr.example.org/jwks.json"}, "expected https"),
        ({"jku": "https://user@ehr.example.org/jwks.json"}, "scheme, host and path"),
        ({"jku": "file:///etc/passwd"}, "jku"),
        ({"jku": "https://[::1"}, "jku: Invalid IPv6"),
        ({"fhir_servers": ["http://fhir.example.org"]}, "expected https"),
        ({"jku": None, "keys_file": None}, "issuer.0"),
        ({"keys_file": "missing.json"}, "no file"),
        ({"networks": ["10.0.0.1/8"]}, "networks"),
        ({"algorithm": ["ES384"]}, "algorithm"),
        ({"ca_file": "missing.pem"}, "no file"),
    ],
    ids=str,
)
def test_a_trust_file_that_is_wrong_stops_the_start_and_says_where(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = trust_file(tmp_path, **changes)

    with pytest.raises(TrustError, match=message):
        load_trust(path)


@pytest.mark.cds("X1")
@pytest.mark.parametrize("address", ["http://cds.example.org", "http://10.0.0.5:8000", ""])
def test_production_refuses_to_start_where_clients_would_see_plain_http(address: str) -> None:
    environment = {"HOOFBEATS_PROFILE": "production", "HOOFBEATS_BASE_URL": address, "HOOFBEATS_HOST": "0.0.0.0"}  # noqa: S104

    with pytest.raises(Exception, match="https"):
        load_settings(environment)


@pytest.mark.cds("X22")
@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/net-patient-view", "/cds-services/x/feedback"])
def test_a_preflight_needs_no_token(client: FlaskClient, path: str) -> None:
    headers = {
        "Origin": "https://ehr.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = client.options(path, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://ehr.example.org")
    assert {"authorization", "content-type"} <= set(answer.headers["Access-Control-Allow-Headers"].lower().split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.cds("X22")
def test_a_browser_may_read_that_it_was_refused(client: FlaskClient) -> None:
    refused = client.get("/cds-services", headers={"Origin": "https://ehr.example.org"})

    assert refused.headers["Access-Control-Allow-Origin"] in ("*", "https://ehr.example.org")


@pytest.mark.cds("X22")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://ehr.example.org.evil.example"])
def test_an_origin_that_is_not_listed_is_not_let_in(tmp_path: Path, origin: str) -> None:
    trust_file(tmp_path)
    client = production(tmp_path, cors_origins="https://ehr.example.org")

    answer = client.options("/cds-services", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/cds-services", "/livez", "/readyz", "/version", "/rules", "/openapi.json", "/no-such-path"]
)
def test_every_answer_tells_browsers_to_run_nothing_and_show_it_nowhere(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers={"Accept": "application/json"}).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert policy[0] in ("default-src 'none'", "default-src 'self'")


def test_a_demonstration_without_tls_does_not_promise_it(tmp_path: Path) -> None:
    demo = production(tmp_path, profile="demo", trust="", base_url="http://localhost:8000")

    assert "Strict-Transport-Security" not in demo.get("/livez").headers


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_methods_that_nobody_needs_are_refused(client: FlaskClient, method: str) -> None:
    assert client.open("/livez", method=method).status_code in (401, 405)
