"""What browsers are told: who may call, and what an answer may do."""

from __future__ import annotations

from pathlib import Path

import pytest
from client_stub import (
    production,
    trust_file,
)
from flask.testing import FlaskClient


@pytest.mark.cds("X22")
@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/net-patient-view", "/cds-services/x/feedback"])
def test_a_preflight_needs_no_token(guarded: FlaskClient, path: str) -> None:
    headers = {
        "Origin": "https://ehr.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = guarded.options(path, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://ehr.example.org")
    assert {"authorization", "content-type"} <= set(answer.headers["Access-Control-Allow-Headers"].lower().split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.cds("X22")
def test_a_browser_may_read_that_it_was_refused(guarded: FlaskClient) -> None:
    refused = guarded.get("/cds-services", headers={"Origin": "https://ehr.example.org"})

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
def test_every_answer_tells_browsers_to_run_nothing_and_show_it_nowhere(guarded: FlaskClient, path: str) -> None:
    headers = guarded.get(path, headers={"Accept": "application/json"}).headers

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
def test_methods_that_nobody_needs_are_refused(guarded: FlaskClient, method: str) -> None:
    assert guarded.open("/livez", method=method).status_code in (401, 405)
