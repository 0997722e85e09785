"""Sessions: the pooled connections to other servers, made when the first is needed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from service.outbound.reach import Reach

if TYPE_CHECKING:
    import requests


class Sessions:
    """One pooled session for each reach; environment proxies are ignored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[Reach, requests.Session] = {}

    def within(self, reach: Reach) -> requests.Session:
        """The session whose connections stay within a reach."""
        with self._lock:
            if reach not in self._sessions:
                from service.outbound.connections import session_within  # brings requests, for those who fetch

                self._sessions[reach] = session_within(reach)
            return self._sessions[reach]
