"""Fetching from the client's FHIR server: pooled, one deadline for all, pages on the same server only, no redirects."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ParamSpec, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

from service.fetching.breaker import Breaker
from service.hook_request import FhirAccess
from service.outbound.reach import ANYWHERE
from service.outbound.sessions import Sessions
from service.watch import Deadline, OutOfTime

P = ParamSpec("P")
T = TypeVar("T")

_ACCEPT = "application/fhir+json, application/json"
_RETRIED = frozenset({429, 502, 503, 504})
_PAUSE = 0.05
_PORTS = {"http": 80, "https": 443}


class FetchFailed(Exception):
    """A query could not be answered; the message says how, never what was asked for whom."""


class ConnectionDropped(FetchFailed):
    """The server let go of a connection without an answer, as it may of one that was idle."""


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
        if not is_base(access.server):
            raise FetchFailed("fhirServer is not the base address of a server")
        url = address_on(access.server, query)
        if not is_on(access.server, url):
            raise FetchFailed("a page lies on another server")
        if self._breaker.is_open(access.server):
            raise FetchFailed("the server has not been answering")
        try:
            return self._again_where_dropped(url, access, deadline)
        except OutOfTime as error:
            raise FetchFailed(str(error)) from None

    def _again_where_dropped(self, url: str, access: FhirAccess, deadline: Deadline) -> bytes:
        try:
            return self._patiently(url, access, deadline)
        except ConnectionDropped:
            return self._patiently(url, access, deadline)

    def _patiently(self, url: str, access: FhirAccess, deadline: Deadline) -> bytes:
        """Asks again where the server is busy, after the time that it asks for or else less and less often."""
        pause = _PAUSE
        while True:
            status, body, wait = self._once(url, access, deadline)
            if status == 200:
                return body.removeprefix(codecs.BOM_UTF8)
            if status not in _RETRIED:
                raise FetchFailed(f"the server answered {status}")
            wait = max(wait, pause)
            if deadline.left() < wait + _PAUSE:
                raise FetchFailed(f"the server answered {status} until the deadline")
            time.sleep(wait)
            pause *= 2

    def _once(self, url: str, access: FhirAccess, deadline: Deadline) -> tuple[int, bytes, float]:
        """The status, the body, and the seconds that the server asks to wait."""
        import requests  # five megabytes, for those who fetch
        from urllib3.exceptions import HTTPError, ProtocolError

        from service.outbound.connections import ResponseRefused, read_limited, was_refused

        headers = {"Accept": _ACCEPT, "Authorization": f"Bearer {access.token.reveal()}"}
        try:
            with self._sessions.within(access.reach or ANYWHERE).get(
                url, headers=headers, timeout=deadline.left(), allow_redirects=False, stream=True
            ) as response:
                self._breaker.answered(access.server)
                body = read_limited(response, self._max_bytes, deadline.left)
                return response.status_code, body, _asked_to_wait(response.headers.get("Retry-After", ""))
        except requests.Timeout:
            self._breaker.failed(access.server)
            raise FetchFailed("the deadline passed") from None
        except requests.RequestException as error:
            self._breaker.failed(access.server)
            if error.args and isinstance(error.args[0], ProtocolError):
                raise ConnectionDropped("the connection was dropped") from None
            how = "its address is refused" if was_refused(error) else f"the connection failed ({type(error).__name__})"
            raise FetchFailed(how) from None
        except (HTTPError, ResponseRefused, OSError) as error:
            raise FetchFailed(str(error) if isinstance(error, ResponseRefused) else type(error).__name__) from None


def _asked_to_wait(written: str) -> float:
    """The seconds, or the time until the moment, that a server names; none where it names neither."""
    if written.isdecimal():
        return float(written)
    try:
        return max((parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds(), 0)
    except (ValueError, TypeError):
        return 0


def address_on(server: str, query: str) -> str:
    """The address of a query or link; one without TLS on a server that has it, as behind a proxy, is meant with it."""
    try:
        url = urljoin(server.rstrip("/") + "/", query)
        base, other = urlsplit(server), urlsplit(url)
        stripped = (other.scheme, base.scheme) == ("http", "https") and other.port in (None, 80)
        return (
            other._replace(scheme="https", netloc=base.netloc).geturl() if stripped and _same_host(base, other) else url
        )
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


def is_base(server: str) -> bool:
    """Whether an address is that of a server: a host, a port if any, a path, and nothing else."""
    try:
        parts = urlsplit(server)
    except ValueError:
        return False
    return bool(parts.hostname) and not (parts.query or parts.fragment) and is_on(server, f"{server}/")


def is_on(server: str, url: str) -> bool:
    """Whether a URL lies under a server's base: same scheme, host, port and path prefix, no user information."""
    try:
        base, other = urlsplit(server.rstrip("/") + "/"), urlsplit(url)
        same_origin = _origin(base) == _origin(other) and "@" not in other.netloc
    except ValueError:
        return False
    climbs = "/.." in other.path or "\\" in other.path or "%2e" in other.path.lower()
    return same_origin and other.path.startswith(base.path) and not climbs


def _same_host(one: SplitResult, other: SplitResult) -> bool:
    return one.hostname == other.hostname and "@" not in other.netloc


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port, those that are not written filled in; raises ValueError where the port is none."""
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)
