"""Connections to other servers: names are resolved once, their address checked and pinned, redirects not followed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from service.outbound.reach import Reach

# A name may have an address of each family, of which one does not work.
_MOST_ADDRESSES = 2


class AddressRefused(NewConnectionError):
    """A name resolves to no address that may be connected to."""


class ResponseRefused(Exception):
    """An answer is larger or slower than is accepted."""


def read_limited(response: requests.Response, most: int, go_on: Callable[[], object]) -> bytes:
    """The body, decoded, read piece by piece; `go_on` is asked between pieces and raises where time is up."""
    body = bytearray()
    while chunk := response.raw.read1(65536, decode_content=True):
        body += chunk
        if len(body) > most:
            raise ResponseRefused("the answer is larger than this service accepts")
        go_on()
    if response.raw.length_remaining:
        raise ResponseRefused("the answer was cut off")
    return bytes(body)


def was_refused(error: requests.RequestException) -> bool:
    """Whether a request failed because no address of its server may be connected to."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), AddressRefused)


def session_within(reach: Reach) -> requests.Session:
    """A session whose connections stay within a reach; environment proxies are ignored."""
    session = requests.Session()
    session.trust_env = False
    # A session is shared by all clients: what a server remembers by a cookie must not reach the next one.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    if reach.ca_file:
        session.verify = reach.ca_file
    adapter = _PinnedAdapter(reach)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _PinnedAdapter(HTTPAdapter):
    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        super().__init__(pool_connections=8, pool_maxsize=32)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._reach)


def _pools(reach: Reach) -> Mapping[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, reach)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, reach)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _connect(connection: HTTPConnection, reach: Reach) -> socket.socket:
    """A socket to an address that was checked; the name is not asked for a second time."""
    try:
        found = socket.getaddrinfo(connection.host.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(connection.host, connection, socket.gaierror(str(error))) from None
    allowed = [str(address[0]) for *_, address in found if reach.allows(str(address[0]))]
    if not allowed:
        raise AddressRefused(connection, "the address is not one that may be connected to")
    *others, last = allowed[:_MOST_ADDRESSES]
    for address in others:
        with suppress(NewConnectionError):
            return _connect_to(address, connection)
    return _connect_to(last, connection)


def _connect_to(address: str, connection: HTTPConnection) -> socket.socket:
    try:
        return create_connection(
            (address, connection.port), connection.timeout, socket_options=connection.socket_options
        )
    except TimeoutError:
        raise ConnectTimeoutError(connection, "the connection timed out") from None
    except OSError as error:
        raise NewConnectionError(connection, f"no connection ({type(error).__name__})") from None
