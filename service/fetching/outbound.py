"""Connections to other servers: names are resolved once, their address checked and pinned, redirects not followed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

Network = IPv4Network | IPv6Network
# Addresses that look public: protocol assignments, and one behind which a cloud provider answers machines.
_NOT_PUBLIC = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))
_TRANSLATED = ip_network("64:ff9b::/96")
# A name may have an address of each family, of which one does not work.
_MOST_ADDRESSES = 2


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses may be connected to: public ones and those of the listed networks, or any but link-local ones.

    `ca_file` vouches for the servers there. Behind link-local addresses clouds tell machines their secrets.
    """

    networks: tuple[Network, ...] = ()
    anything: bool = False
    ca_file: str = ""

    def allows(self, address: str) -> bool:
        """Whether a connection to this address may be made."""
        meant = _meant(ip_address(address.partition("%")[0]))
        if any(meant in network for network in self.networks):
            return True
        if self.anything:
            return not meant.is_link_local
        public = meant.is_global and not meant.is_multicast and not meant.is_reserved
        return public and not any(meant in network for network in _NOT_PUBLIC)


ANYWHERE = Reach(anything=True)


class AddressRefused(NewConnectionError):
    """A name resolves to no address that may be connected to."""


class ResponseRefused(Exception):
    """An answer is larger or slower than is accepted."""


class Sessions:
    """One pooled session for each reach; environment proxies are ignored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[Reach, requests.Session] = {}

    def within(self, reach: Reach) -> requests.Session:
        """The session whose connections stay within a reach."""
        with self._lock:
            if reach not in self._sessions:
                self._sessions[reach] = _session(reach)
            return self._sessions[reach]


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


def _session(reach: Reach) -> requests.Session:
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


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


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
