"""Client authentication: a JWT signed by a client of the trust file, made for this endpoint, used once.

Refused            the token is not accepted (service/security/caller.py)
ReplayUnavailable  nobody can tell whether the token is new (service/security/replay.py)
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from service.outbound.sessions import Sessions
from service.security.caller import Caller, Cause, Refused
from service.security.keys import KeyRing, PublicKey, UnknownKey, algorithm_fits, ring_of
from service.security.replay import ReplayMemory
from service.security.trust_file import Issuer
from service.slashes import with_single_slashes

LEEWAY = 60
MOST_SECONDS = 3600
_LONGEST_TOKEN = 8192
_LONGEST_ID = 255
# Headers that bring keys of their own or change how a signature is read; no client has a use for them here.
_FORBIDDEN_HEADERS = frozenset({"jwk", "x5u", "x5c", "crit", "b64"})
_REQUIRED_CLAIMS = ("iss", "aud", "exp", "iat", "jti")


class Gate:
    """Admits callers; holds their key rings and the memory of used tokens."""

    def __init__(
        self,
        issuers: Mapping[str, Issuer],
        replay: ReplayMemory,
        clock: Callable[[], float] = time.time,
        rings: Mapping[str, KeyRing] | None = None,
    ) -> None:
        sessions = Sessions()
        self.issuers = issuers
        self.replay = replay
        self.rings = rings or {name: ring_of(issuer, sessions) for name, issuer in issuers.items()}
        self._clock = clock
        self._decoy = _decoy()

    def admit(self, authorization: str, url: str) -> Caller:
        """The caller of an endpoint; raises Refused, or ReplayUnavailable for a token that is good so far."""
        verified = False
        try:
            token = _bearer(authorization)
            issuer, key, algorithm = self._source(token)
            verified = True
            claims = _verified(token, key, algorithm)
        except Refused:
            if not verified:
                _verify_decoy(*self._decoy)
            raise
        _check_claims(claims, issuer, url, self._clock())
        until = claims["exp"] + LEEWAY
        if not self.replay.is_first(issuer.name, claims["jti"], until, self._clock()):
            raise Refused(Cause.USED)
        return Caller(issuer, claims.get("tenant", "") if issuer.tenants else "")

    def _source(self, token: str) -> tuple[Issuer, PublicKey, str]:
        """Whose token it says it is, and the key and algorithm that have to have signed it."""
        header, claims = _peek(token)
        if header.get("typ") != "JWT" or not _is_id(header.get("kid")) or not _FORBIDDEN_HEADERS.isdisjoint(header):
            raise Refused(Cause.HEADER)
        name = claims.get("iss")
        if not isinstance(name, str) or name not in self.issuers:
            raise Refused(Cause.ISSUER)
        issuer, algorithm = self.issuers[name], header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
            raise Refused(Cause.ALGORITHM)
        if "jku" in header and (not issuer.jku or header["jku"] != issuer.jku):
            raise Refused(Cause.KEY_ADDRESS)
        return issuer, self._key(issuer, header["kid"], algorithm), algorithm

    def _key(self, issuer: Issuer, key_id: str, algorithm: str) -> PublicKey:
        try:
            key = self.rings[issuer.name].key(key_id)
        except UnknownKey:
            raise Refused(Cause.KEY) from None
        if not algorithm_fits(key, algorithm):
            raise Refused(Cause.KEY)
        return key


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(Cause.MISSING)
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise Refused(Cause.MALFORMED)
    return token.strip()


def _peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unproven: good only to find out which key to check them with."""
    parts = token.split(".")
    if len(parts) != 3 or not parts[2]:
        raise Refused(Cause.MALFORMED)
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, Base64Error, RecursionError):
        raise Refused(Cause.MALFORMED) from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Refused(Cause.MALFORMED)
    return header, claims


def _verified(token: str, key: PublicKey, algorithm: str) -> dict[str, Any]:
    try:
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jwt.decode(token, key, algorithms=[algorithm], registry=registry).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Refused(Cause.SIGNATURE) from None


def _check_claims(claims: Mapping[str, Any], issuer: Issuer, url: str, now: float) -> None:
    if any(name not in claims for name in _REQUIRED_CLAIMS) or not _is_id(claims["jti"]):
        raise Refused(Cause.CLAIMS)
    if claims["iss"] != issuer.name:
        raise Refused(Cause.ISSUER)
    named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not any(isinstance(one, str) and (_as_called(one) == url or one in issuer.audience) for one in named):
        raise Refused(Cause.AUDIENCE)
    _check_times(claims, now)
    tenant = claims.get("tenant")
    if issuer.tenants and not (isinstance(tenant, str) and tenant in issuer.tenants):
        raise Refused(Cause.TENANT)


def _as_called(audience: str) -> str:
    """An address as the guard has it, however many slashes a client's base address brought into it."""
    scheme, separator, rest = audience.partition("://")
    return f"{scheme}{separator}{with_single_slashes(rest).rstrip('/')}"


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, issued, begins = claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])
    if not all(_is_time(value) for value in (expires, issued, begins)):
        raise Refused(Cause.CLAIMS)
    too_late, too_early = expires + LEEWAY <= now, max(issued, begins) - LEEWAY > now
    if too_late or too_early or not 0 < expires - issued <= MOST_SECONDS:
        raise Refused(Cause.TIME)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_ID


def _decoy() -> tuple[str, ECKey]:
    key = ECKey.generate_key("P-384")
    return jwt.encode({"alg": "ES384"}, {}, key, algorithms=["ES384"]), key


def _verify_decoy(token: str, key: ECKey) -> None:
    """Takes the time of a signature check, so that a refusal does not tell by its speed how far the token came."""
    jwt.decode(token, key, algorithms=["ES384"])
