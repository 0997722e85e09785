"""Whether the service lives, is ready, and which version it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

import msgspec
from flask import Flask, Response
from sqlalchemy import text

from service.journal.store import Store, StoreUnavailable
from service.security.replay import ReplayUnavailable

if TYPE_CHECKING:
    from service.security.trust import Gate

Check = Callable[[], bool]


def add_health(app: Flask, checks: Mapping[str, Check], knowledge: str) -> None:
    """The routes for whatever watches over the service; none of them needs a token or says anything of a patient."""

    @app.get("/livez")
    def livez() -> Response:
        return _json({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        found = {name: check() for name, check in checks.items()}
        ready = all(found.values())
        return _json({"status": "ok" if ready else "not ready", "checks": found}, 200 if ready else 503)

    @app.get("/version")
    def version() -> Response:
        return _json({"version": version_of("hoofbeats"), "knowledge": knowledge})


def readiness(gate: Gate | None, store: Store) -> Mapping[str, Check]:
    """What has to hold before requests are sent here; knowledge is loaded, or the service would not have started."""
    checks: dict[str, Check] = {"knowledge": lambda: True, "database": lambda: store_answers(store)}
    if gate is not None:
        checks |= {"keys": lambda: _keys_are_ready(gate), "replay": lambda: _replay_answers(gate)}
    return checks


def store_answers(store: Store) -> bool:
    """Whether the database can be asked something."""
    try:
        with store.reading() as connection:
            connection.execute(text("SELECT 1"))
    except StoreUnavailable:
        return False
    return True


def _keys_are_ready(gate: Gate) -> bool:
    """Whether any client can get in: one whose key server is down must not take the service from the others."""
    return any(ring.is_ready() for ring in gate.rings.values())


def _replay_answers(gate: Gate) -> bool:
    try:
        gate.replay.check()
    except ReplayUnavailable:
        return False
    return True


def _json(value: Mapping[str, object], status: int = 200) -> Response:
    response = Response(msgspec.json.encode(value), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
