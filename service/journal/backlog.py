"""What is written down after an answer was given: soon, many at a time, by one thread that no answer waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from service.journal.failures import Failures

# What is added within this time is written together.
_GATHERED_S = 0.25
_MOST_WAITING = 1000

Item = TypeVar("Item")


class Backlog(Generic[Item]):
    """Items that wait to be written; a process that ends writes them first, one that is killed loses them."""

    def __init__(
        self, write: Callable[[Sequence[Item]], object], failures: Failures, gathered_s: float = _GATHERED_S
    ) -> None:
        self._write = write
        self._failures = failures
        self._gathered_s = gathered_s
        # The thread starts with the first item, so after a server has forked its workers.
        self._thread = ThreadPoolExecutor(1, "backlog")
        self._lock = threading.Lock()
        self._items: list[Item] = []
        self._round: Future[None] | None = None
        self._hurry = threading.Event()

    def add(self, item: Item) -> None:
        """Has an item written soon; where too many wait already it is lost, and counted as such."""
        with self._lock:
            is_full = len(self._items) >= _MOST_WAITING
            if not is_full:
                self._items.append(item)
                if len(self._items) == 1:
                    self._begin()
        if is_full:
            self._failures.add("too much is waiting")

    def flush(self, patience_s: float = 0.5) -> None:
        """Waits until what was added before is written or has failed, but no longer than a moment."""
        with self._lock:
            last = self._round
        if last is not None:
            self._hurry.set()
            wait([last], patience_s)
            self._hurry.clear()

    def _begin(self) -> None:
        try:
            self._round = self._thread.submit(self._write_all)
        except RuntimeError:  # the process is ending
            self._items.clear()
            self._failures.add("Refused")

    def _write_all(self) -> None:
        self._hurry.wait(self._gathered_s)
        with self._lock:
            items, self._items = self._items, []
        try:
            self._write(items)
        except Exception as error:  # noqa: BLE001 -- what one round meets must not end the thread for the next
            self._failures.add(error)
