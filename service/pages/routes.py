"""The pages as a Flask blueprint: HTML from the knowledge, under a content security policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Response, current_app, render_template, request

from cards.knowledge import Knowledge
from service.build_sheet import Section, as_csv, build_sheet
from service.errors import NotFound, outcome
from service.openapi import document
from service.pages import api_views, phrases, search
from service.pages.index import Index, index_of
from service.pages.rule_views import rule_row, rule_view
from service.pages.statement_views import conflict_view, source_view, statement_view
from service.pages.term_views import finding_view, value_set_row, value_set_view
from service.security.headers import ENCLOSED
from service.settings import Settings

_T = TypeVar("_T")
# In a demonstration the pages lead back to the clinic, which is not there in a hospital.
_CLINIC = "clinic.page"
_NAVIGATION = (
    ("pages.rules", "Rules"),
    ("pages.statements", "Statements"),
    ("pages.findings", "Findings"),
    ("pages.value_sets", "Value sets"),
    ("pages.sources", "Sources"),
    ("pages.conflicts", "Conflicts"),
    ("pages.api", "API"),
    ("pages.build_sheet_page", "Build sheet"),
)


def pages(knowledge: Knowledge, settings: Settings) -> Blueprint:
    """The pages about some knowledge, and about calling the service that is set up so."""
    blueprint = Blueprint(
        "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/pages"
    )
    index = index_of(knowledge)
    _add_rules(blueprint, index)
    _add_statements(blueprint, index)
    _add_terms(blueprint, index)
    _add_api(blueprint, document(knowledge, settings))
    _add_build_sheet(blueprint, build_sheet(knowledge, settings))
    _add_common(blueprint, index)
    return blueprint


def _add_rules(blueprint: Blueprint, index: Index) -> None:
    @blueprint.get("/rules")
    def rules() -> str:
        query = search.query_of(request.args)
        found = [rule_row(rule) for rule in search.rules_found(query, index)]
        return render_template(
            "pages/rules.html",
            query=query,
            families=_by(found, lambda row: row.family),
            found=len(found),
            all_families=sorted({rule.family for rule in index.knowledge.rules}),
            findings=[index.knowledge.vocabulary[name] for name in sorted(index.rules_by_finding)],
        )

    @blueprint.get("/rules/<path:rule_id>")
    def rule(rule_id: str) -> str:
        held = _held(index.rules, rule_id, "rule")
        return render_template("pages/rule.html", rule=rule_view(held, index))


def _add_statements(blueprint: Blueprint, index: Index) -> None:
    @blueprint.get("/statements")
    def statements() -> str:
        query = search.query_of(request.args)
        found = [statement_view(statement, index) for statement in search.statements_found(query, index)]
        documents = [source for source in index.knowledge.sources.values() if source.kind]
        return render_template(
            "pages/statements.html",
            query=query,
            sources=_by(found, lambda view: view.source.title),
            found=len(found),
            documents=documents,
        )

    @blueprint.get("/statements/<path:statement_id>")
    def statement(statement_id: str) -> str:
        held = _held(index.knowledge.statements, statement_id, "statement")
        return render_template("pages/statement.html", statement=statement_view(held, index))

    @blueprint.get("/conflicts")
    def conflicts() -> str:
        views = [conflict_view(conflict, index) for conflict in index.knowledge.conflicts.values()]
        return render_template("pages/conflicts.html", conflicts=views)

    @blueprint.get("/sources")
    def sources() -> str:
        views = [source_view(source, index) for source in index.knowledge.sources.values()]
        return render_template("pages/sources.html", sources=views)


def _add_terms(blueprint: Blueprint, index: Index) -> None:
    @blueprint.get("/findings")
    def findings() -> str:
        query = search.query_of(request.args)
        found = [finding_view(definition, index) for definition in search.findings_found(query, index)]
        return render_template(
            "pages/findings.html", query=query, areas=_by(found, lambda view: view.area), found=len(found)
        )

    @blueprint.get("/value-sets")
    def value_sets() -> str:
        query = search.query_of(request.args)
        found = [value_set_row(value_set) for value_set in search.value_sets_found(query, index)]
        return render_template(
            "pages/value_sets.html", query=query, areas=_by(found, lambda row: row.area), found=len(found)
        )

    @blueprint.get("/value-sets/<path:name>")
    def value_set(name: str) -> str:
        held = _held(index.knowledge.terminology.value_sets, name, "value set")
        return render_template("pages/value_set.html", value_set=value_set_view(held, index))


def _add_api(blueprint: Blueprint, described: dict[str, Any]) -> None:
    body = msgspec.json.encode(described)

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        return Response(body, mimetype="application/json")

    @blueprint.get("/api")
    def api() -> str:
        return render_template(
            "pages/api.html",
            document=described,
            operations=list(api_views.operations(described)),
            schemas=list(api_views.schemas(described)),
        )


def _add_build_sheet(blueprint: Blueprint, sections: Sequence[Section]) -> None:
    @blueprint.get("/build-sheet")
    def build_sheet_page() -> str:
        return render_template("pages/build_sheet.html", sections=sections)

    @blueprint.get("/build-sheet.csv")
    def build_sheet_csv() -> Response:
        return Response(as_csv(sections), mimetype="text/csv")


def _add_common(blueprint: Blueprint, index: Index) -> None:
    @blueprint.context_processor
    def words() -> dict[str, Any]:
        clinic = ((_CLINIC, "Clinic"),) if _CLINIC in current_app.view_functions else ()
        return {
            "phrases": phrases,
            "navigation": (*clinic, *_NAVIGATION),
            "knowledge_version": index.knowledge.version,
        }

    @blueprint.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = f"default-src 'self'; {ENCLOSED}"
        return response

    @blueprint.errorhandler(NotFound)
    def not_found(error: NotFound) -> Response:
        offered = ("application/json", "text/html")
        if request.accept_mimetypes.best_match(offered) == "text/html":
            return Response(render_template("pages/not_found.html", message=str(error)), 404, mimetype="text/html")
        body = msgspec.json.encode(outcome(error.code, str(error)))
        return Response(body, 404, mimetype="application/json")


def _held(things: Mapping[str, _T], name: str, what: str) -> _T:
    if name not in things:
        raise NotFound(f"there is no {what} of this name")
    return things[name]


def _by(things: Iterable[_T], key: Callable[[_T], str]) -> dict[str, list[_T]]:
    """Things under their keys, in the order in which they come."""
    held: dict[str, list[_T]] = {}
    for thing in things:
        held.setdefault(key(thing), []).append(thing)
    return held
