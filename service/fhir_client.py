"""Fetching from the client's FHIR server: pooled, one deadline for all, pages on the same server only, no redirects."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from service.secret import Secret

_ACCEPT = "application/fhir+json, application/json"
_RETRIED = frozenset({429, 502, 503, 504})
_PAUSE = 0.05


class FetchFailed(Exception):
    """A query could not be answered; the message says how, never what was asked for whom."""


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """Where the client's resources can be fetched, and the token that it gave for it."""

    server: str
    token: Secret


class Deadline:
    """The moment until which everything that is fetched for one request has to be here."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises FetchFailed where there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchFailed("the deadline passed")
        return left


class FhirClient:
    """Fetches searches page by page; holds the pooled connections."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=8, pool_maxsize=32)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def fetch(self, access: FhirAccess, query: str, deadline: Deadline) -> bytes:
        """The answer to one query, relative to the server or on it; raises FetchFailed."""
        url = urljoin(access.server.rstrip("/") + "/", query)
        if not is_on(access.server, url):
            raise FetchFailed("a page lies on another server")
        while True:
            status, body = self._once(url, access.token, deadline)
            if status == 200:
                return body
            if status not in _RETRIED:
                raise FetchFailed(f"the server answered {status}")
            if deadline.left() < 2 * _PAUSE:
                raise FetchFailed(f"the server answered {status} until the deadline")
            time.sleep(_PAUSE)

    def _once(self, url: str, token: Secret, deadline: Deadline) -> tuple[int, bytes]:
        headers = {"Accept": _ACCEPT, "Authorization": f"Bearer {token.reveal()}"}
        try:
            with self._session.get(
                url, headers=headers, timeout=deadline.left(), allow_redirects=False, stream=True
            ) as response:
                return response.status_code, self._read(response, deadline)
        except requests.Timeout:
            raise FetchFailed("the deadline passed") from None
        except requests.RequestException as error:
            raise FetchFailed(f"the connection failed ({type(error).__name__})") from None

    def _read(self, response: requests.Response, deadline: Deadline) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > self._max_bytes:
                raise FetchFailed("the answer is larger than this service accepts")
            deadline.left()
        return bytes(body)


def is_on(server: str, url: str) -> bool:
    """Whether a URL lies under a server's base: same scheme, host, port and path prefix, no user information."""
    base, other = urlsplit(server.rstrip("/") + "/"), urlsplit(url)
    same_origin = (base.scheme, base.netloc) == (other.scheme, other.netloc) and "@" not in other.netloc
    return same_origin and other.path.startswith(base.path) and "/.." not in other.path
