"""Tokens for measuring in production: a client of our own whose keys the service trusts."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

_ISSUER = "https://bench.hoofbeats.example"


class Signer:
    """Signs one token for each call, as the specification asks."""

    def __init__(self, folder: Path, url: str) -> None:
        self._url = url
        self._key = ECKey.generate_key("P-384", {"kid": "bench"})
        (folder / "keys.json").write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}))
        self.trust_file = folder / "trust.toml"
        jku = f"{_ISSUER}/jwks.json"
        self.trust_file.write_text(f'[[issuer]]\nissuer = "{_ISSUER}"\njku = "{jku}"\nkeys_file = "keys.json"\n')
        self._jku = jku

    def headers(self) -> Mapping[str, str]:
        """The headers of one call."""
        now = int(time.time())
        header = {"alg": "ES384", "typ": "JWT", "kid": "bench", "jku": self._jku}
        claims = {"iss": _ISSUER, "aud": self._url, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4())}
        return {"Authorization": f"Bearer {jwt.encode(header, claims, self._key, algorithms=['ES384'])}"}
