"""Serving with gunicorn: threads in workers, a graceful stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from service.app import create_app
from service.settings import Settings


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    def __init__(self, settings: Settings, make: Callable[[], Any]) -> None:
        self._settings = settings
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": 1,
            "threads": 4,
            "worker_class": "gthread",
            "preload_app": True,
            "graceful_timeout": 30,
            "proc_name": "hoofbeats",
        }
        for key, value in options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        return self._make()


def run(settings: Settings) -> None:
    """Serves until told to stop; the knowledge is loaded once, before workers fork."""
    _Server(settings, lambda: create_app(settings)).run()
