"""Logs: one JSON object a line, keys from a closed list; what libraries write is cut down to what is known safe."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import Any

from mappings.sparing import sparing

with sparing("rich"):  # for tracebacks in colour
    import structlog

NAME = "hoofbeats"
_LINES = "hoofbeats.lines"
# Everything that a log line may hold. Values are ours: names of routes, rules, clients; numbers; words of closed lists.
KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "method",
        "route",
        "status",
        "ms",
        "issuer",
        "tenant",
        "service",
        "kinds",
        "rules",
        "cards",
        "unread",
        "unchecked",
        "fetch_failures",
        "cause",
        "part",
        "fault",
        "profile",
        "version",
        "knowledge",
        "workers",
    }
)
# Messages of gunicorn that hold process ids, signals and our own address, and nothing of any request.
_SAFE_MESSAGES = frozenset(
    {
        "Starting gunicorn %s",
        "Listening at: %s (%s)",
        "Using worker: %s",
        "Connection in use: %s",
        "Retrying in 1 second.",
        "Can't connect to %s",
        "Booting worker with pid: %s",
        "Handling signal: %s",
        "Shutting down: %s",
        "Worker exiting (pid: %s)",
        "Worker (pid:%s) was sent %s!",
        "Worker (pid:%s) exited with code %s",
        "Worker (pid:%s) exited with code %s.",
        "WORKER TIMEOUT (pid:%s)",
        "Worker graceful timeout (pid:%s)",
    }
)


@cache
def log() -> structlog.typing.FilteringBoundLogger:
    """The logger of this service."""
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        logging.getLogger(_LINES),
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_known_keys,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()
    return logger


def write_to_stderr() -> None:
    """Sends every logger, warning and uncaught exception of this process to stderr in our form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(NAME).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _tell("thread ended by an exception", args.exc_type.__name__)


class SafeFormatter(logging.Formatter):
    """Our own lines and messages; of a library's its place and level, its words only if they are known safe."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        if record.name == _LINES:
            return record.getMessage()
        known = record.name == NAME or (record.name == "gunicorn.error" and record.msg in _SAFE_MESSAGES)
        line = {
            "event": record.getMessage() if known else "message withheld",
            "part": record.name if known else f"{record.name}:{record.module}:{record.lineno}",
            "level": record.levelname.lower(),
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info and record.exc_info[0]:
            line["fault"] = record.exc_info[0].__name__
        return json.dumps(line)


def _only_known_keys(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in KEYS and value not in ("", None, [], {})}


def _uncaught(kind: type[BaseException], _: BaseException, __: TracebackType | None) -> None:
    _tell("ended by an exception", kind.__name__)


def _tell(event: str, fault: str) -> None:
    log().error(event, fault=fault)
