"""Paths with several slashes where one is meant: a base address that ends in one makes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

_SEVERAL = re.compile("/{2,}")

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def with_single_slashes(path: str) -> str:
    """A path in which each slash stands once."""
    return _SEVERAL.sub("/", path)


def single_slashes(application: Wsgi) -> Wsgi:
    """The application, asked as if each slash stood once: a redirect would end the preflight of a browser."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "//" in environ["PATH_INFO"]:
            environ["PATH_INFO"] = with_single_slashes(environ["PATH_INFO"])
        return application(environ, start_response)

    return answer
