"""The write-ahead log of SQLite: readers and one writer at a time do not wait for each other."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

_PAUSE_S = 0.02


def use_write_ahead_log(execute: Callable[[str], object], patience_s: float) -> None:
    """Switches to it, and asks again as long as another process writes to a new file: SQLite refuses that at once.

    Raises sqlite3.OperationalError where that goes on for too long.
    """
    end = time.monotonic() + patience_s
    while True:
        try:
            execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
