"""A client's public keys: fetched from the one configured place, cached, rotated, kept while that place is down."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from service.logs import log
from service.outbound.connections import ResponseRefused, read_limited
from service.outbound.sessions import Sessions
from service.security.trust_file import Issuer

PublicKey = ECKey | RSAKey
_FRESH = 600.0
_KEPT = 86400.0
_PAUSE = 30.0
_TIME_LIMIT = 3.0
_MOST_BYTES = 262144
_MOST_KEYS = 100
_LEAST_RSA_BITS = 2048
_PUBLIC = ("kty", "kid", "alg", "use", "crv", "x", "y", "n", "e")
_CURVES = {"P-256": "ES256", "P-384": "ES384"}


class UnknownKey(Exception):
    """No key with this id can be had now."""


class KeysUnavailable(Exception):
    """The key set could not be had; the message says how."""


class KeyRing:
    """The keys of one client; refreshed by one thread at a time, at most once in half a minute."""

    def __init__(
        self, fetch: Callable[[], bytes], clock: Callable[[], float] = time.monotonic, issuer: str = ""
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._issuer = issuer
        self._lock = threading.Lock()
        self._keys: Mapping[str, PublicKey] = {}
        self._had = float("-inf")
        self._tried = float("-inf")

    def key(self, key_id: str) -> PublicKey:
        """The key with an id; raises UnknownKey."""
        if key_id not in self._keys or self._age() > _KEPT:
            self._refresh(wait=self._patience())
        elif self._age() > _FRESH and self._tried <= self._had:
            self._refresh(wait=0)
        elif self._age() > _FRESH and not self._was_just_tried():
            # Its server is in trouble: a caller whose key we have does not wait for the end of that.
            threading.Thread(target=self._refresh, args=(0,), daemon=True).start()
        if self._age() > _KEPT or key_id not in self._keys:
            raise UnknownKey
        return self._keys[key_id]

    def is_ready(self) -> bool:
        """Whether there are keys that may still be used, fetched now if there are none."""
        if self._age() > _FRESH:
            self._refresh(wait=self._patience())
        return bool(self._keys) and self._age() <= _KEPT

    def _age(self) -> float:
        return self._clock() - self._had

    def _was_just_tried(self) -> bool:
        return self._clock() - self._tried < _PAUSE

    def _patience(self) -> float:
        """How long to wait for a fetch that another thread has begun: no longer than it may take by itself."""
        return max(0.0, _TIME_LIMIT - (self._clock() - self._tried)) if self._was_just_tried() else _TIME_LIMIT

    def _refresh(self, wait: float) -> None:
        """Fetches unless that was just tried; one thread does, others wait for it or go on with the keys they have."""
        with _held(self._lock, wait) as mine:
            if not mine or self._was_just_tried():
                return
            self._tried = self._clock()
            try:
                self._keys = read_keys(self._fetch())
                self._had = self._clock()
            except (KeysUnavailable, OSError) as error:
                fault = str(error) if isinstance(error, KeysUnavailable) else type(error).__name__
                log().warning("no new keys", issuer=self._issuer, fault=fault)


def ring_of(issuer: Issuer, sessions: Sessions) -> KeyRing:
    """The key ring of an issuer: from its file where there is one, else from its configured address."""
    if issuer.keys_file is not None:
        return KeyRing(issuer.keys_file.read_bytes, issuer=issuer.name)
    return KeyRing(lambda: fetch_keys(issuer, sessions), issuer=issuer.name)


def fetch_keys(issuer: Issuer, sessions: Sessions) -> bytes:
    """The key set at the issuer's configured address; raises KeysUnavailable."""
    end = time.monotonic() + _TIME_LIMIT
    try:
        with sessions.within(issuer.reach).get(
            issuer.jku,
            headers={"Accept": "application/json"},
            timeout=_TIME_LIMIT,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code != 200:
                raise KeysUnavailable(f"the server answered {response.status_code}")
            return read_limited(response, _MOST_BYTES, lambda: _still(end))
    except (requests.RequestException, ResponseRefused, OSError) as error:
        raise KeysUnavailable(type(error).__name__) from None


def read_keys(raw: bytes) -> Mapping[str, PublicKey]:
    """The usable signature keys of a key set by id; raises KeysUnavailable where it is none or holds none."""
    try:
        listed = json.loads(raw)["keys"]
        keys = {jwk["kid"]: key for jwk in listed[:_MOST_KEYS] if (key := _key(jwk)) is not None}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise KeysUnavailable(f"no key set ({type(error).__name__})") from None
    if not keys:
        raise KeysUnavailable("the key set holds no usable key")
    return keys


def algorithm_fits(key: PublicKey, algorithm: str) -> bool:
    """Whether a key is of the type, curve and declared algorithm that a signature algorithm needs."""
    declared = key.get("alg")
    if declared not in (None, algorithm):
        return False
    if isinstance(key, ECKey):
        return _CURVES.get(key.curve_name) == algorithm
    return algorithm.startswith("RS")


def _key(jwk: Any) -> PublicKey | None:
    """A public signature key, or nothing for any other: symmetric, for encryption, too short, without id."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str) or jwk.get("use", "sig") != "sig":
        return None
    if jwk.get("kty") not in ("EC", "RSA") or "verify" not in jwk.get("key_ops", ("verify",)):
        return None
    if jwk["kty"] == "RSA" and len(str(jwk.get("n"))) * 6 < _LEAST_RSA_BITS:
        return None
    try:
        key = import_key({name: jwk[name] for name in _PUBLIC if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, ECKey | RSAKey) else None


@contextmanager
def _held(lock: threading.Lock, wait: float) -> Iterator[bool]:
    """A lock, held if it can be had within some seconds."""
    mine = lock.acquire(timeout=wait) if wait else lock.acquire(blocking=False)
    try:
        yield mine
    finally:
        if mine:
            lock.release()


def _still(end: float) -> None:
    if time.monotonic() > end:
        raise ResponseRefused("the answer takes too long")
