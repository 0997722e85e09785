"""A CDS Hooks client for tests: its keys, its tokens, its key server, and the trust file that names it."""

from __future__ import annotations

import base64
import json
import time
import uuid
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from service.app import create_app
from service.settings import load_settings

BASE = "https://cds.example.org"
DISCOVERY = f"{BASE}/cds-services"
SERVICE = f"{DISCOVERY}/net-patient-view"
ISSUER = "https://ehr.example.org"
JKU = "https://ehr.example.org/jwks.json"


@cache
def ec_key(kid: str = "ec", curve: str = "P-384") -> ECKey:
    """An elliptic curve key, made once."""
    return ECKey.generate_key(curve, {"kid": kid})


@cache
def rsa_key(kid: str = "rsa", bits: int = 2048) -> RSAKey:
    """An RSA key, made once."""
    with warnings.catch_warnings(action="ignore"):  # one that is too short is made on purpose
        return RSAKey.generate_key(bits, {"kid": kid})


def key_set(*keys: Any) -> bytes:
    """The public key set of some keys."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


@dataclass
class Token:
    """A token as a client would sign it; a test changes one thing."""

    key: Any = field(default_factory=ec_key)
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    url: str = DISCOVERY
    without: str = ""

    def __str__(self) -> str:
        now = int(time.time())
        header = {"alg": "ES384", "kid": self.key.kid, "typ": "JWT", **self.header}
        claims = {"iss": ISSUER, "aud": self.url, "exp": now + 300, "iat": now, "jti": str(uuid.uuid4()), **self.claims}
        header.pop(self.without, None)
        claims.pop(self.without, None)
        return signed(header, claims, self.key)


def signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """A token with exactly this header and these claims, signed as the header says or as the key can."""
    own = "RS384" if isinstance(key, RSAKey) else {"P-256": "ES256", "P-384": "ES384"}[key.curve_name]
    algorithm = header.get("alg")
    fits = isinstance(algorithm, str) and algorithm[:2] in (own[:2], "PS" if own == "RS384" else "") and own[:2] != "ES"
    text = unsigned(header, claims).rstrip(".")
    signature = JWSRegistry.algorithms[str(algorithm) if fits else own].sign(text.encode(), key)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def trust_file(folder: Path, **changes: Any) -> Path:
    """A trust file with one client whose keys stand in a file beside it."""
    (folder / "keys.json").write_bytes(key_set(ec_key(), rsa_key()))
    table = {"issuer": ISSUER, "keys_file": "keys.json", "jku": JKU, **changes}
    lines = ["[[issuer]]", *(f"{name} = {json.dumps(value)}" for name, value in table.items() if value is not None)]
    path = folder / "trust.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """The settings of a service in production that trusts the client."""
    given = {
        "profile": "production",
        "trust": str(folder / "trust.toml"),
        "base_url": BASE,
        "replay_file": str(folder / "used.db"),
        "database_url": f"sqlite:///{folder / 'hoofbeats.db'}",
        "today": "2026-11-20",
        "unsigned": "show",
        **changes,
    }
    return {f"HOOFBEATS_{name.upper()}": value for name, value in given.items()}


def production(folder: Path, **changes: str) -> FlaskClient:
    """A service in production that trusts the client."""
    return create_app(load_settings(environment(folder, **changes))).test_client()


def bearer(token: object) -> dict[str, str]:
    """The headers that carry a token."""
    return {"Authorization": f"Bearer {token}"}


def discover(client: FlaskClient, token: object) -> int:
    """The status of an answer to discovery with a token."""
    return client.get("/cds-services", headers=bearer(token)).status_code


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    """A token whose signature nobody made."""
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join([*parts, signature])
