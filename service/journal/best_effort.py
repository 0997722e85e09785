"""Work beside an answer: the answer waits a moment for it, and is given whatever becomes of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from service.journal.store import StoreUnavailable

_LOG = logging.getLogger("hoofbeats")
_PATIENCE_S = 0.2
_MOST_WAITING = 1000

Result = TypeVar("Result")


class BestEffort:
    """One thread for work that may fail, hang or be lost; `failures` says how often it did."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        # The thread starts with the first work, so after a server has forked its workers.
        self._thread = ThreadPoolExecutor(1, "best-effort")
        self._lock = threading.Lock()
        self._waiting: set[Future[Any]] = set()
        self._stuck: Future[Any] | None = None
        self.failures = 0

    def ask(self, work: Callable[[], Result], otherwise: Result) -> Result:
        """What the work gives, or something else where it fails or is not done in time."""
        if self._is_stuck():
            self._failed("Stuck")
            return otherwise
        future = self._begin(work)
        if future is None or not self._is_done(future) or future.exception() is not None:
            return otherwise
        return future.result()

    def tell(self, work: Callable[[], object]) -> None:
        """Has the work done: before this returns where that is quick, later where it is not."""
        if self._is_stuck():
            self._begin(work)
        elif (future := self._begin(work)) is not None:
            self._is_done(future)

    def _is_stuck(self) -> bool:
        """Whether something that took too long is still being done, so that nobody waits again."""
        with self._lock:
            return self._stuck is not None and not self._stuck.done()

    def _begin(self, work: Callable[[], Result]) -> Future[Result] | None:
        try:
            with self._lock:
                if len(self._waiting) >= _MOST_WAITING:
                    raise RuntimeError("too much is waiting")
                future = self._thread.submit(work)
                self._waiting.add(future)
        except RuntimeError:  # or the process is ending
            self._failed("Refused")
            return None
        future.add_done_callback(self._ended)
        return future

    def _is_done(self, future: Future[Result]) -> bool:
        done, _ = wait([future], self._patience_s)
        if not done:
            with self._lock:
                self._stuck = future
        return bool(done)

    def _ended(self, future: Future[Any]) -> None:
        with self._lock:
            self._waiting.discard(future)
        # An error of any kind is told by its type alone: its message may hold what was to be written.
        if (error := future.exception()) is not None:
            self._failed(str(error) if isinstance(error, StoreUnavailable) else type(error).__name__)

    def _failed(self, what: str) -> None:
        with self._lock:
            self.failures += 1
            number = self.failures
        _LOG.warning("something was not recorded: %s (%d so far)", what, number)
