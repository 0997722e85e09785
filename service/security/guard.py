"""Who may call: in production every route asks for a token but those listed here, and every refusal looks the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from service.errors import Unavailable
from service.fetching.fhir_client import is_listed
from service.hook_request import HookRequest
from service.journal.store import Store
from service.logs import log
from service.security.caller import Caller, Refused
from service.security.replay import ReplayUnavailable, replay_of
from service.security.trust_file import Issuer, load_trust
from service.settings import Settings

if TYPE_CHECKING:
    from service.security.trust import Gate

# Nothing here is about a patient: health, metrics (which have a token of their own), and pages about the knowledge.
OPEN_ENDPOINTS = frozenset({"livez", "readyz", "version", "metrics"})
OPEN_BLUEPRINTS = frozenset({"pages"})


def gate_of(settings: Settings, store: Store) -> Gate | None:
    """The gate of a service in production; none in a demonstration. Raises TrustError where the trust file is wrong."""
    if settings.profile == "demo":
        return None
    from service.security.trust import Gate  # brings the cryptography, which a demonstration never uses

    issuers: Mapping[str, Issuer] = load_trust(settings.trust) if settings.trust else {}
    if not issuers:
        log().warning("no trust file: every call is refused")
    return Gate(issuers, replay_of(settings, store))


def guard(app: Flask, settings: Settings, gate: Gate | None) -> None:
    """Asks for a token before anything of a request is read."""
    if gate is None:
        return

    @app.before_request
    def admit() -> None:
        if request.method == "OPTIONS" or request.endpoint in OPEN_ENDPOINTS or request.blueprint in OPEN_BLUEPRINTS:
            return
        url = settings.base_url + request.path.rstrip("/")
        try:
            g.caller = gate.admit(request.headers.get("Authorization", ""), url)
        except ReplayUnavailable:
            raise Unavailable("callers cannot be checked at the moment") from None

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        g.cause = error.cause.value
        response = Response(status=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
        del response.headers["Content-Type"]
        return response


def caller() -> Caller | None:
    """The client that is calling, proven by its token; none in a demonstration."""
    found: Caller | None = g.get("caller")
    return found


def within_reach(hook_request: HookRequest, settings: Settings, client: Caller | None) -> HookRequest:
    """The request, without the way to its FHIR server where that is not on the list."""
    access = hook_request.access
    if access is None:
        return hook_request
    if client is not None:
        listed = access.server.rstrip("/") in client.issuer.fhir_servers
        return replace(hook_request, access=replace(access, reach=client.issuer.reach) if listed else None)
    return hook_request if is_listed(access.server, settings.fhir_servers) else replace(hook_request, access=None)
