"""Looking something up beside an answer: the answer waits a moment for it, and is given whatever becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from service.journal.failures import Failures

_PATIENCE_S = 0.2

Result = TypeVar("Result")


class Lookup:
    """One thread for questions that may fail or hang."""

    def __init__(self, failures: Failures, patience_s: float = _PATIENCE_S) -> None:
        self._failures = failures
        self._patience_s = patience_s
        # The thread starts with the first question, so after a server has forked its workers.
        self._thread = ThreadPoolExecutor(1, "lookup")
        self._lock = threading.Lock()
        self._stuck: Future[Any] | None = None

    def ask(self, question: Callable[[], Result], otherwise: Result) -> Result:
        """What the question gives, or something else where it fails or is not done in time; then nobody waits again."""
        if self._is_stuck():
            self._failures.add("Stuck")
            return otherwise
        try:
            asked = self._thread.submit(question)
        except RuntimeError as error:  # the process is ending
            self._failures.add(error)
            return otherwise
        try:
            return asked.result(self._patience_s)
        except Exception as error:  # noqa: BLE001 -- the answer is given whatever becomes of the question
            self._failures.add(error)
            if not asked.done():
                with self._lock:
                    self._stuck = asked
            return otherwise

    def _is_stuck(self) -> bool:
        """Whether a question that took too long is still being asked."""
        with self._lock:
            return self._stuck is not None and not self._stuck.done()
