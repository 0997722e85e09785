"""Fetching from the client's FHIR server: pooled, one deadline for all, pages on the same server only, no redirects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from service.fetching.breaker import Breaker
from service.fetching.outbound import ANYWHERE, Reach, ResponseRefused, Sessions, read_limited, was_refused
from service.security.secret import Secret
from service.watch import Deadline, OutOfTime

P = ParamSpec("P")
T = TypeVar("T")

_ACCEPT = "application/fhir+json, application/json"
_RETRIED = frozenset({429, 502, 503, 504})
_PAUSE = 0.05


class FetchFailed(Exception):
    """A query could not be answered; the message says how, never what was asked for whom."""


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """Where the client's resources can be fetched, the token it gave, and where connections may go, if settled."""

    server: str
    token: Secret
    reach: Reach | None = None


class FhirClient:
    """Fetches searches page by page; holds the pooled connections."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._sessions = Sessions()
        self._breaker = Breaker()
        # Threads start with the first search, so after a server has forked its workers.
        self._threads = ThreadPoolExecutor(32, "fetch")

    def start(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begins some fetching; `in_time` awaits it."""
        return self._threads.submit(work, *args, **kwargs)

    def fetch(self, access: FhirAccess, query: str, deadline: Deadline) -> bytes:
        """The answer to one query, relative to the server or on it; raises FetchFailed."""
        url = _joined(access.server, query)
        if not is_on(access.server, url):
            raise FetchFailed("a page lies on another server")
        if self._breaker.is_open(access.server):
            raise FetchFailed("the server has not been answering")
        try:
            return self._patiently(url, access, deadline)
        except OutOfTime as error:
            raise FetchFailed(str(error)) from None

    def _patiently(self, url: str, access: FhirAccess, deadline: Deadline) -> bytes:
        while True:
            status, body = self._once(url, access, deadline)
            if status == 200:
                return body
            if status not in _RETRIED:
                raise FetchFailed(f"the server answered {status}")
            if deadline.left() < 2 * _PAUSE:
                raise FetchFailed(f"the server answered {status} until the deadline")
            time.sleep(_PAUSE)

    def _once(self, url: str, access: FhirAccess, deadline: Deadline) -> tuple[int, bytes]:
        headers = {"Accept": _ACCEPT, "Authorization": f"Bearer {access.token.reveal()}"}
        try:
            with self._sessions.within(access.reach or ANYWHERE).get(
                url, headers=headers, timeout=deadline.left(), allow_redirects=False, stream=True
            ) as response:
                self._breaker.answered(access.server)
                return response.status_code, read_limited(response, self._max_bytes, deadline.left)
        except requests.Timeout:
            self._breaker.failed(access.server)
            raise FetchFailed("the deadline passed") from None
        except requests.RequestException as error:
            self._breaker.failed(access.server)
            how = "its address is refused" if was_refused(error) else f"the connection failed ({type(error).__name__})"
            raise FetchFailed(how) from None
        except (HTTPError, ResponseRefused, OSError) as error:
            raise FetchFailed(str(error) if isinstance(error, ResponseRefused) else type(error).__name__) from None


def _joined(server: str, query: str) -> str:
    try:
        return urljoin(server.rstrip("/") + "/", query)
    except ValueError:
        raise FetchFailed("a page has an address that is none") from None


def in_time(work: Future[T], deadline: Deadline) -> T:
    """What some fetching gave; raises FetchFailed where it fails or hangs, leaving it behind."""
    try:
        return work.result(0 if work.done() else deadline.left())
    except (OutOfTime, TimeoutError):
        work.cancel()
        raise FetchFailed("the deadline passed") from None


def is_listed(server: str, listed: Iterable[str]) -> bool:
    """Whether a server is one of a list, or any will do."""
    return any(one == "*" or is_on(one, server) for one in listed)


def is_on(server: str, url: str) -> bool:
    """Whether a URL lies under a server's base: same scheme, host, port and path prefix, no user information."""
    try:
        base, other = urlsplit(server.rstrip("/") + "/"), urlsplit(url)
    except ValueError:
        return False
    same_origin = (base.scheme, base.netloc) == (other.scheme, other.netloc) and "@" not in other.netloc
    climbs = "/.." in other.path or "\\" in other.path or "%2e" in other.path.lower()
    return same_origin and other.path.startswith(base.path) and not climbs
