"""The floor: the stack of the service with a route that only parses the body and answers a constant card."""

from __future__ import annotations

import sys
from typing import Any

import orjson
from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication

_ANSWER = orjson.dumps(
    {"cards": [{"summary": "A constant card.", "indicator": "info", "source": {"label": "Hoofbeats"}, "uuid": "0"}]}
)


def floor_app() -> Flask:
    """An application that reads a request as generically as can be, and no more."""
    app = Flask(__name__, static_folder=None)

    @app.post("/cds-services/net-patient-view")
    def call() -> Response:
        orjson.loads(request.get_data(cache=False))
        return Response(_ANSWER, mimetype="application/json")

    return app


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    def __init__(self, port: str) -> None:
        self._port = port
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"127.0.0.1:{self._port}",
            "workers": 1,
            "threads": 4,
            "worker_class": "gthread",
            "preload_app": True,
            "keepalive": 75,
            "control_socket_disable": True,
            "loglevel": "error",
        }
        for key, value in options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        return floor_app()


if __name__ == "__main__":
    _Server(sys.argv[1]).run()
