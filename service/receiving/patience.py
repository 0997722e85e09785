"""Patience with clients: what takes too long is ended, by one thread for all that is waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_TICK = 0.25


class Patience:
    """Things that are waited for, each with the moment at which it is ended unless it is done by then."""

    def __init__(self, tick: float = _TICK) -> None:
        self._tick = tick
        self._lock = threading.Lock()
        self._ends: dict[object, tuple[float, Callable[[], None]]] = {}
        self._begun = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, seconds: float, end: Callable[[], None]) -> object:
        """What stands for the waiting, to be given to `done`; `end` is called when the seconds are over."""
        waiting = object()
        with self._lock:
            self._ends[waiting] = (time.monotonic() + seconds, end)
            # With the first that is waited for, so after a server has forked its workers.
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="patience", daemon=True)
                self._thread.start()
        self._begun.set()
        return waiting

    def done(self, waiting: object) -> None:
        """Nothing is ended any more for this."""
        with self._lock:
            self._ends.pop(waiting, None)

    @contextmanager
    def __call__(self, seconds: float, end: Callable[[], None]) -> Iterator[None]:
        """Ends what the block does, should it not be done after the seconds."""
        waiting = self.begin(seconds, end)
        try:
            yield
        finally:
            self.done(waiting)

    def _watch(self) -> None:
        while True:
            self._begun.wait()
            time.sleep(self._tick)
            for end in self._overdue():
                end()

    def _overdue(self) -> list[Callable[[], None]]:
        now = time.monotonic()
        with self._lock:
            late = [waiting for waiting, (until, _) in self._ends.items() if until <= now]
            ends = [self._ends.pop(waiting)[1] for waiting in late]
            if not self._ends:
                self._begun.clear()
        return ends


PATIENCE = Patience()
