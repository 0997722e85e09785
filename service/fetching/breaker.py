"""Giving up on a server for a while: one that does not answer must not hold threads that other answers need."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_MOST_FAILURES = 20
_PAUSE = 5.0
_MOST_SERVERS = 1000


class Breaker:
    """Counts by server how often in a row it did not answer; after twenty times nobody asks it for five seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, tuple[int, float]] = {}

    def is_open(self, server: str) -> bool:
        """Whether the server is left alone for now."""
        failures, last = self._failures.get(server, (0, 0.0))
        return failures >= _MOST_FAILURES and self._clock() - last < _PAUSE

    def failed(self, server: str) -> None:
        """The server did not answer."""
        with self._lock:
            if server not in self._failures and len(self._failures) >= _MOST_SERVERS:
                self._failures.clear()
            self._failures[server] = (self._failures.get(server, (0, 0.0))[0] + 1, self._clock())

    def answered(self, server: str) -> None:
        """The server answered, whatever it said."""
        with self._lock:
            self._failures.pop(server, None)
