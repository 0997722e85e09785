"""What is written and counted about each request: one log line and the metrics, by names of ours alone."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, request

from cards.context import proof_of
from cards.decide import Outcome
from service.errors import NotFound
from service.logs import log
from service.operations.metrics import Metrics
from service.security.guard import caller
from service.serving.warming import is_warming_up
from service.settings import Settings
from service.watch import Deadline, Watch

# Until a worker has warmed up a request may have to wait for that, and must not lose a finding by it.
_WARMING_SECONDS = 3.0
_SILENT, _RECOMMEND = Outcome.SILENT.value, Outcome.RECOMMEND.value
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


def observe(app: Flask, metrics: Metrics) -> None:
    """Times every request, logs it in one line and counts it; registered before anything that may refuse it."""

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()

    @app.after_request
    def finish(response: Response) -> Response:
        seconds = time.monotonic() - g.get("began", time.monotonic())
        route = request.url_rule.rule if request.url_rule else "none"
        metrics.answered(route, response.status_code, seconds)
        if cause := g.get("cause"):
            metrics.refused(cause)
        if watch := g.get("watch"):
            metrics.watched(g.service, watch)
        log().info("request", **_line(route, response.status_code, seconds))
        return response


def begin_watch(service: str, *, settings: Settings, fetches: bool) -> Watch:
    """The watch of this request: its time began when it came in."""
    allowed = settings.fetch_deadline_ms if fetches else settings.deadline_ms
    waits = _WARMING_SECONDS if is_warming_up() else 0.0
    g.service = service
    g.watch = Watch(Deadline(allowed / 1000 + waits - (time.monotonic() - g.began)))
    watch: Watch = g.watch
    return watch


def end_watch(watch: Watch, outcomes: Mapping[str, str], response: Any) -> None:
    """Notes whether rules were decided, which of them were not silent, and which kinds of card went out."""
    watch.decided = bool(outcomes)
    watch.rules = {rule: outcome for rule, outcome in outcomes.items() if outcome != _SILENT}
    watch.kinds = [proof_of(card)["kind"] for card in response["cards"]]


def add_metrics(app: Flask, metrics: Metrics, settings: Settings) -> None:
    """The route of the metrics: open in a demonstration, with its own token in production, else not there."""

    @app.get("/metrics", endpoint="metrics")
    def exposition() -> Response:
        if not _may_see_metrics(settings):
            raise NotFound("no metrics without their token")
        return Response(metrics.exposition(), mimetype="text/plain; version=0.0.4")


def _line(route: str, status: int, seconds: float) -> dict[str, Any]:
    client = caller()
    line = {
        "method": request.method if request.method in _METHODS else "other",
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "issuer": client.issuer.name if client else "",
        "tenant": client.tenant if client else "",
        "cause": g.get("cause", ""),
    }
    watch: Watch | None = g.get("watch")
    return line if watch is None else line | _outcome(watch)


def _outcome(watch: Watch) -> dict[str, Any]:
    return {
        "service": g.service,
        "kinds": watch.kinds,
        "cards": len(watch.kinds),
        "rules": sorted(rule for rule, outcome in watch.rules.items() if outcome == _RECOMMEND),
        "unread": sum(watch.unread.values()),
        "unchecked": len(watch.unchecked),
        "fetch_failures": sum(watch.fetch_failures.values()),
    }


def _may_see_metrics(settings: Settings) -> bool:
    if settings.metrics_token is None:
        return settings.profile == "demo"
    given = request.headers.get("Authorization", "").encode()
    return hmac.compare_digest(given, f"Bearer {settings.metrics_token.reveal()}".encode())
