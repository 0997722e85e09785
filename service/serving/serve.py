"""Serving with gunicorn: workers of threads, limits on what is received, a graceful stop, and nothing in its log."""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from service.errors import outcome
from service.logs import SafeFormatter, log, write_to_stderr
from service.receiving.body import in_one_piece
from service.receiving.patience import PATIENCE
from service.serving.draining import take_in_who_waits
from service.serving.warming import warm_up_beside
from service.settings import Settings

# As in service/operations/metrics.py, which has to be imported later.
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_HEADER_SECONDS = 15.0
# Longer than proxies and clients keep an idle connection, so that none sends a request while we are closing it.
_KEPT_OPEN = 75
_GRACE = 30
# Containers more than were freed before the collector looks at them: a chart of 5,000 Observations has fewer, and the
# router, which leaves ten at each call, has gathered less than a megabyte by then.
_GARBAGE = 10_000
# For glibc's mallopt; blocks from this size on, such as large bodies, go back to the system as soon as they are freed.
# Of smaller ones so much is kept for the next request: to be given the same pages again takes longer than it sounds.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BLOCK = 2 * 1024 * 1024
_KEPT_FREE = 4 * 1024 * 1024
_BAD_REQUEST = msgspec.json.encode(outcome("structure", "the request is no HTTP that this service accepts"))


def run(settings: Settings) -> None:
    """Serves until told to stop; the knowledge is loaded once, before workers fork."""
    write_to_stderr()
    _say_how(settings)
    folder = Path(tempfile.mkdtemp(prefix="hoofbeats-metrics-"))
    if settings.workers > 1:
        assert "prometheus_client" not in sys.modules, "metrics were imported too early to be summed over workers"
        # Before the metrics module is first imported, which chooses by it how to count.
        os.environ[_METRICS_FOLDER] = str(folder)
    master = os.getpid()
    try:
        _Server(settings, lambda: _application(settings)).run()
    finally:
        if os.getpid() == master:
            shutil.rmtree(folder, ignore_errors=True)


def _application(settings: Settings) -> Any:
    from service.app import create_app  # after the folder is set

    application = create_app(settings)
    gc.freeze()  # workers share it the longer, the less it is touched
    return application


def _say_how(settings: Settings) -> None:
    """Says at start what an operator must not overlook."""
    if settings.profile == "demo":
        log().warning("demonstration: callers are not asked who they are", profile=settings.profile)
    else:
        log().info("starting", profile=settings.profile, workers=settings.workers)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    def __init__(self, settings: Settings, make: Callable[[], Any]) -> None:
        self._settings = settings
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        for key, value in _options(self._settings).items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        return self._make()


def _options(settings: Settings) -> dict[str, Any]:
    tls = {"certfile": str(settings.tls_certificate), "keyfile": str(settings.tls_key)}
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.workers,
        "threads": 4,
        "worker_class": _Worker,
        "logger_class": _Log,
        "preload_app": True,
        "graceful_timeout": _GRACE,
        "keepalive": _KEPT_OPEN,
        "limit_request_line": 2048,
        "limit_request_fields": 50,
        "limit_request_field_size": 16384,
        "control_socket_disable": True,
        "proc_name": "hoofbeats",
        "child_exit": _forget_worker,
        "post_worker_init": _settle,
        **(tls if settings.tls_certificate else {}),
    }


def _settle(_: object) -> None:
    """Answers at once: what few requests need is built meanwhile."""
    gc.set_threshold(_GARBAGE, 10, 10)
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_FREE)
        mallopt(_M_ARENA_MAX, 1)  # Python runs one thread at a time, and each arena keeps free memory of its own
    gc.enable()
    warm_up_beside()


def _forget_worker(_: object, worker: Any) -> None:
    if _METRICS_FOLDER in os.environ:
        from prometheus_client import multiprocess  # after the folder is set

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


class _Log(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's log in our form, without what a request brought."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(SafeFormatter())


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Gives up on headers that do not arrive, receives bodies at once, answers what is no HTTP without repeating it,
    loses nobody at a stop.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        if not enabled and not self.alive and self._accepting:
            for listener in self.sockets:
                take_in_who_waits(listener, self.accept)
        super().set_accept_enabled(enabled)

    def handle(self, conn: Any) -> Any:
        conn.waiting = PATIENCE.begin(_HEADER_SECONDS, partial(_hang_up, conn.sock))
        try:
            return super().handle(conn)
        finally:
            PATIENCE.done(conn.waiting)

    def handle_request(self, req: Any, conn: Any) -> Any:
        PATIENCE.done(conn.waiting)
        req.body = in_one_piece(req.body)
        return super().handle_request(req, conn)

    def handle_error(self, _req: Any, client: socket.socket, _addr: Any, exc: BaseException) -> None:
        log().warning("not HTTP", fault=type(exc).__name__)
        head = (
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(_BAD_REQUEST)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + _BAD_REQUEST)
        except OSError:
            return


def _hang_up(connection: socket.socket) -> None:
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
