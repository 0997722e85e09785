"""The application factory: routes, JSON everywhere, CORS on every answer."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from flask import Flask, Request, Response, request
from flask_cors import CORS
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from cards.knowledge import load_knowledge
from mappings import models, units
from service.advise import Advisor, advise
from service.errors import BadRequest, NotFound, ServiceError, TooLarge, UnsupportedMediaType, outcome
from service.explain import explanation_of
from service.fhir_client import FhirClient
from service.hook_request import hook_of, read_request
from service.services import SERVICES, discovery
from service.settings import Settings, load_settings

_LOG = logging.getLogger("hoofbeats")
_ISSUE_CODES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


def create_app(settings: Settings | None = None) -> Flask:
    """The service, with its knowledge loaded; raises DefinitionError or SettingsError where a file of ours is wrong."""
    settings = settings or load_settings()
    knowledge = load_knowledge([settings.site] if settings.site else [])
    advisor = Advisor(knowledge, settings, FhirClient(settings.max_body_bytes))
    models.warm_up()
    units.warm_up()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.url_map.strict_slashes = False
    app.url_map.redirect_defaults = False
    CORS(
        app,
        origins=list(settings.cors_origins),
        allow_headers=["Authorization", "Content-Type"],
        methods=["GET", "POST", "OPTIONS"],
        max_age=3600,
    )
    _add_routes(app, advisor, _json(discovery(knowledge)))
    if settings.profile == "demo":
        _add_demo_routes(app, advisor)
    _add_error_handlers(app)
    return app


def _add_routes(app: Flask, advisor: Advisor, services: bytes) -> None:
    @app.get("/cds-services")
    def discover() -> Response:
        return _answer(services)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str) -> Response:
        service = SERVICES.get(service_id)
        if service is None:
            raise NotFound("no service has this id; GET /cds-services lists them")
        hook_request = read_request(_json_body(request), service.hook)
        return _answer(_json(advise(hook_request, service, advisor)), private=True)


def _add_demo_routes(app: Flask, advisor: Advisor) -> None:
    @app.post("/explain")
    def explain() -> Response:
        """Why each service of the hook answers as it does, rule by rule."""
        body = _json_body(request)
        services = [service for service in SERVICES.values() if service.hook == hook_of(body)]
        if not services:
            raise BadRequest("no service answers this hook")
        answers = {s.id: explanation_of(read_request(body, s.hook), s, advisor) for s in services}
        return _answer(_json(answers), private=True)


def _json_body(incoming: Request) -> bytes:
    if incoming.mimetype != "application/json":
        raise UnsupportedMediaType("the body has to be application/json")
    try:
        return incoming.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge("the body is larger than this service accepts") from None


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
