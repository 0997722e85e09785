"""What a trust file may say, and how a mistake in it is told; production starts behind https only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from client_stub import (
    trust_file,
)

from service.security.trust_file import TrustError, load_trust
from service.settings import load_settings


@pytest.mark.cds("X13")
@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS384", "HS512", "RS1", "EdDSA"])
def test_a_trust_file_cannot_allow_other_algorithms(tmp_path: Path, algorithm: str) -> None:
    path = trust_file(tmp_path, algorithms=[algorithm])

    with pytest.raises(TrustError, match="algorithms"):
        load_trust(path)


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
