"""A stop that loses nobody: no connection is begun any more, and those that wait to be accepted are taken in."""

from __future__ import annotations

import ctypes
import select
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Protocol

# From the kernel's headers; Python does not name it.
_SO_ATTACH_FILTER = 26
# Drop what carries the flag SYN, let everything else pass: load byte 13 of TCP, test it, return.
_NO_NEWCOMERS = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
# Handshakes that are under way end within this, or their client is further away than a hospital.
_HANDSHAKES = 0.2


class Listener(Protocol):
    """A socket that listens, or gunicorn's wrapper of one."""

    def fileno(self) -> int:
        """Its file descriptor."""
        ...

    def setsockopt(self, level: int, option: int, value: bytes, /) -> None:
        """Sets an option."""
        ...


def take_in_who_waits(listener: Listener, accept: Callable[[Listener], object]) -> None:
    """Accepts every connection that its client believes to be open; later ones are not begun.

    Closing a listening socket resets what waits at it, although those clients have sent their requests.
    """
    _turn_away_newcomers(listener)
    time.sleep(_HANDSHAKES)
    while select.select([listener], [], [], 0)[0]:
        accept(listener)


def _turn_away_newcomers(listener: Listener) -> None:
    """Who comes now gets no answer, is refused once the socket is closed, and so knows that it has to retry."""
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _NO_NEWCOMERS))
    filter_of = struct.pack("HP", len(_NO_NEWCOMERS), ctypes.addressof(program))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter_of)
