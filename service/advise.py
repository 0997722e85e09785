"""The whole path: hook request to record, findings, decisions, recommendations, cards."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from cards.context import CardContext
from cards.decide import decide_all
from cards.knowledge import Knowledge
from cards.recommend import recommend
from cards.render import render
from cards.rules import Rule
from mappings.chart import Site
from mappings.findings import Findings
from mappings.readers import read_findings
from mappings.record import PatientRecord
from service.fetch import Fetcher
from service.fhir_client import Deadline, FhirClient, is_on
from service.gather import UnsupportedVersion, gather
from service.hook_request import HookRequest
from service.services import Service, needed_types
from service.settings import Settings

_LOG = logging.getLogger("hoofbeats")
_WITH_CARDS = ("active", "suspected", "remission")
# Tests that acid suppression spoils for any patient.
_JUDGED_WITHOUT_NEOPLASM = frozenset({"chromogranin-a", "gastrin"})


@dataclass(frozen=True, slots=True)
class Advisor:
    """What answering needs besides the request: loaded once, shared by all requests, never changed."""

    knowledge: Knowledge
    settings: Settings
    client: FhirClient


def advise(request: HookRequest, service: Service, advisor: Advisor) -> dict[str, Any]:
    """The CDS Hooks response to a request."""
    try:
        record, findings = read(request, service, advisor)
    except UnsupportedVersion:
        return _unchecked("the resources are FHIR STU3 or DSTU2; this service reads R4, R4B and R5")
    if not _concerns_us(findings):
        return _without_cards(record)
    decisions = decide_all(rules_of(service, advisor), findings, _log_failure)
    recommendations = recommend(decisions, findings, advisor.knowledge)
    shown = [r for r in recommendations if r.indicator in service.indicators][: service.most_cards]
    problems = [f"{problem.resource}: {problem.reason}" for problem in record.problems]
    context = CardContext(service.id, request.hook_instance, request.patient_id, problems, record.drafts)
    return {"cards": render(shown, findings, advisor.knowledge, context)}


def read(request: HookRequest, service: Service, advisor: Advisor) -> tuple[PatientRecord, Findings]:
    """The record of a request and its findings; raises PreconditionFailed and UnsupportedVersion."""

    def concerns_us(record: PatientRecord) -> bool:
        return _concerns_us(findings_of(record, advisor))

    needed = needed_types(service, advisor.knowledge)
    record = gather(request, needed, advisor.knowledge.terminology, _fetcher(request, advisor), concerns_us)
    return record, findings_of(record, advisor)


def _concerns_us(findings: Findings) -> bool:
    """Whether there is a neoplasm to advise on, or an order that is judged without one."""
    orders = findings["selected_orders"].value
    judged = isinstance(orders, frozenset) and not orders.isdisjoint(_JUDGED_WITHOUT_NEOPLASM)
    return findings["diagnosis_status"].value in _WITH_CARDS or judged


def rules_of(service: Service, advisor: Advisor) -> list[Rule]:
    """The rules that a service applies under the settings."""
    extensions = advisor.settings.extensions == "on"
    return [r for r in advisor.knowledge.rules if r.card in service.kinds and (extensions or not r.is_extension)]


def findings_of(record: PatientRecord, advisor: Advisor) -> Findings:
    """The findings of a record on the day and at the site of the settings."""
    site = Site(sstr_pet_available=advisor.settings.sstr_pet == "available")
    return read_findings(record, advisor.knowledge.vocabulary, advisor.settings.day(), site, _log_failure)


def _fetcher(request: HookRequest, advisor: Advisor) -> Fetcher | None:
    """The way to the client's server, where it gave us one and the settings allow that server."""
    settings = advisor.settings
    if request.access is None or not any(
        allowed == "*" or is_on(allowed, request.access.server) for allowed in settings.fhir_servers
    ):
        return None
    deadline = Deadline(settings.fetch_deadline_ms / 1000)
    return Fetcher(advisor.client, request.access, deadline, request.patient_id, advisor.knowledge.terminology)


def _without_cards(record: PatientRecord) -> dict[str, Any]:
    """No cards; where the problem list could not be read in full, an extension says so to the integrator."""
    search = record.search("Condition")
    if search.complete:
        return {"cards": []}
    return _unchecked(f"Condition: {search.reason}")


def _unchecked(reason: str) -> dict[str, Any]:
    return {"cards": [], "extension": {"org.hoofbeats.response": {"unchecked": [reason]}}}


def _log_failure(name: str, error: Exception) -> None:
    """Names the broken rule or reader and the kind of fault; never its message, which may hold patient data."""
    _LOG.error("%s failed: %s", name, type(error).__name__)
