"""The application factory: routes, JSON everywhere, CORS on every answer."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
from flask import Flask, Request, Response, current_app, request
from flask_cors import CORS
from werkzeug.exceptions import HTTPException

from service.advise import Advisor, advisor_for, consult
from service.clinic.routes import clinic
from service.errors import BadRequest, NotFound, ServiceError, outcome
from service.explain import explanation_of
from service.hook_request import hook_of, read_request
from service.journal.feedback import MOST_BYTES, read_feedback, store_feedback
from service.journal.journal import Journal, RepeatPolicy
from service.journal.store import Store
from service.operations.health import add_health, readiness
from service.operations.metrics import Metrics
from service.operations.observe import add_metrics, begin_watch, end_watch, observe
from service.pages.routes import pages
from service.receiving.body import read_body
from service.receiving.shape import Received
from service.requested_day import on_requested_day
from service.security.guard import caller, gate_of, guard, within_reach
from service.security.headers import add_headers
from service.services import SERVICES, Service, discovery
from service.settings import Settings, load_settings
from service.slashes import single_slashes

_LOG = logging.getLogger("hoofbeats")
_ISSUE_CODES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


def create_app(settings: Settings | None = None) -> Flask:
    """The service, with its knowledge loaded; raises DefinitionError or SettingsError where a file of ours is wrong."""
    settings = settings or load_settings()
    advisor = advisor_for(settings)
    knowledge = advisor.knowledge
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    store = Store(settings.database_url)
    metrics, gate = Metrics(), gate_of(settings, store)
    observe(app, metrics)
    add_headers(app, settings)
    guard(app, settings, gate)
    app.wsgi_app = single_slashes(app.wsgi_app)  # type: ignore[assignment]  # as Flask wants it
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    CORS(
        app,
        origins=list(settings.cors_origins),
        allow_headers=["Authorization", "Content-Type"],
        methods=["GET", "POST", "OPTIONS"],
        max_age=3600,
    )
    app.extensions["hoofbeats.journal"] = journal = _journal(store, advisor)
    _add_routes(app, advisor, _json(discovery(knowledge)), journal)
    _add_feedback_route(app, store, journal, settings)
    add_health(app, readiness(gate, store), knowledge.version)
    add_metrics(app, metrics, settings)
    if settings.profile == "demo":
        _add_demo_routes(app, advisor)
        app.register_blueprint(clinic(knowledge, settings))
    app.register_blueprint(pages(knowledge, settings))
    _add_error_handlers(app)
    return app


def _add_routes(app: Flask, advisor: Advisor, services: bytes, journal: Journal) -> None:
    @app.get("/cds-services")
    def discover() -> Response:
        return _answer(services)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str) -> Response:
        service = _service(service_id)
        settings = advisor.settings
        hook_request = within_reach(read_request(_json_body(request), service.hook), settings, caller())
        watch = begin_watch(service.id, settings=settings, fetches=hook_request.access is not None)
        advice = consult(hook_request, service, on_requested_day(advisor, hook_request.extension), watch)
        response = journal.settle(advice, hook_request, service, settings.day())
        end_watch(watch, advice.outcomes, response)
        return _answer(_json(response), private=True)


def _add_feedback_route(app: Flask, store: Store, journal: Journal, settings: Settings) -> None:
    @app.post("/cds-services/<service_id>/feedback")
    def feedback(service_id: str) -> Response:
        """Answered only once it is on disk."""
        service = _service(service_id)
        entries = read_feedback(_json_body(request, MOST_BYTES))
        journal.flush()
        receipt = store_feedback(entries, service.id, store, datetime.now(UTC), settings.day())
        said = {"recorded": receipt.recorded, "matched": receipt.matched}
        return _answer(_json({"extension": {"org.hoofbeats.feedback": said}}), private=True)


def _service(service_id: str) -> Service:
    service = SERVICES.get(service_id)
    if service is None:
        raise NotFound("no service has this id; GET /cds-services lists them")
    return service


def _journal(store: Store, advisor: Advisor) -> Journal:
    """The journal, with its database readied."""
    settings = advisor.settings
    policy = RepeatPolicy(settings.repeat_after_days, settings.secret_key)
    journal = Journal(store, policy, advisor.knowledge.version)
    journal.open(settings.day())
    return journal


def _add_demo_routes(app: Flask, advisor: Advisor) -> None:
    @app.post("/explain")
    def explain() -> Response:
        """Why each service of the hook answers as it does, rule by rule."""
        body = _json_body(request)
        services = [service for service in SERVICES.values() if service.hook == hook_of(body)]
        if not services:
            raise BadRequest("no service answers this hook")
        asked = read_request(body, services[0].hook)
        moved = on_requested_day(advisor, asked.extension)
        answers = {service.id: explanation_of(asked, service, moved) for service in services}
        return _answer(_json(answers), private=True)


def _json_body(incoming: Request, most: int = sys.maxsize) -> Received:
    """The body, of at most so many bytes, and of no more than the settings allow for any."""
    return read_body(incoming, min(most, current_app.config["MAX_CONTENT_LENGTH"]))


def _add_error_handlers(app: Flask) -> None:
    @app.errorhandler(ServiceError)
    def service_error(error: ServiceError) -> Response:
        return _answer(_json(outcome(error.code, str(error))), error.status)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        message = error.name if status < 500 else "an unexpected fault; the request was not answered"
        response = _answer(_json(outcome(_ISSUE_CODES.get(status, "processing"), message)), status)
        if allowed := getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(Exception)
    def any_error(error: Exception) -> Response:
        _LOG.error("request failed: %s", type(error).__name__)
        return _answer(_json(outcome("exception", "an unexpected fault; the request was not answered")), 500)


def _answer(body: bytes, status: int = 200, *, private: bool = False) -> Response:
    response = Response(body, status, mimetype="application/json")
    if private:
        response.headers["Cache-Control"] = "no-store"
    return response


def _json(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value)
