"""What could not be written down or looked up: counted, and logged by the type of fault alone."""

from __future__ import annotations

import logging
import threading

from service.journal.store import StoreUnavailable

_LOG = logging.getLogger("hoofbeats")


class Failures:
    """How often something beside the answers failed since the process began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.number = 0

    def add(self, fault: BaseException | str) -> None:
        """Counts a fault and logs it: an error by its type, since its message may hold what was to be written."""
        named = fault if isinstance(fault, str | StoreUnavailable) else type(fault).__name__
        with self._lock:
            self.number += 1
            number = self.number
        _LOG.warning("something was not recorded: %s (%d so far)", named, number)
