"""Sparing memory: libraries that load others wherever those are installed, for what is never used here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sparing(*packages: str) -> Iterator[None]:
    """While it lasts an import finds these packages not installed; one that was loaded before stays."""
    hidden = [name for name in packages if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python itself marks what cannot be imported
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
