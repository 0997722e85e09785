"""The clinic as a Flask blueprint: one page, its scripts, and the charts of synthetic patients."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, render_template

from cards.knowledge import Knowledge
from service.clinic.offer import offer_of
from service.clinic.patients import list_patients, load_patient
from service.settings import Settings


def clinic(knowledge: Knowledge, settings: Settings) -> Blueprint:
    """The clinic for some knowledge; raises DefinitionError where it offers what no value set has."""
    blueprint = Blueprint(
        "clinic", __name__, template_folder="templates", static_folder="static", static_url_path="/clinic/static"
    )
    offer = offer_of(knowledge.terminology)
    day = settings.today.isoformat() if settings.today else ""

    @blueprint.get("/")
    def page() -> str:
        return render_template("clinic/clinic.html", knowledge_version=knowledge.version)

    @blueprint.get("/clinic/start.json")
    def start() -> Response:
        body = {**offer, "today": day, "patients": list_patients()}
        return Response(msgspec.json.encode(body), mimetype="application/json")

    @blueprint.get("/clinic/patients/<name>.json")
    def patient(name: str) -> Response:
        return Response(load_patient(name), mimetype="application/json")

    @blueprint.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
        )
        response.headers["Cache-Control"] = "no-cache"
        return response

    return blueprint
