"""The whole path: hook request to record, findings, decisions, recommendations, cards."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from cards.decide import decide_all
from cards.knowledge import Knowledge
from cards.recommend import recommend
from cards.render import CardContext, render
from mappings.chart import Site
from mappings.findings import Findings
from mappings.readers import read_findings
from mappings.record import PatientRecord
from service.hook_request import HookRequest
from service.prefetch import record_from_prefetch
from service.services import Service
from service.settings import Settings

_LOG = logging.getLogger("hoofbeats")
_WITH_CARDS = ("active", "suspected", "remission")


@dataclass(frozen=True, slots=True)
class Advisor:
    """What answering needs besides the request: loaded once, shared by all requests, never changed."""

    knowledge: Knowledge
    settings: Settings


def advise(request: HookRequest, service: Service, advisor: Advisor) -> dict[str, Any]:
    """The CDS Hooks response to a request."""
    record = record_from_prefetch(request.prefetch, request.patient_id, advisor.knowledge.terminology)
    findings = findings_of(record, advisor)
    rules = [
        rule
        for rule in advisor.knowledge.rules
        if rule.card in service.kinds and (advisor.settings.extensions == "on" or not rule.is_extension)
    ]
    if findings["diagnosis_status"].value not in _WITH_CARDS:
        return _without_cards(record)
    decisions = decide_all(rules, findings, _log_failure)
    recommendations = recommend(decisions, findings, advisor.knowledge)[: service.most_cards]
    problems = [f"{problem.resource}: {problem.reason}" for problem in record.problems]
    context = CardContext(service.id, request.hook_instance, request.patient_id, problems)
    return {"cards": render(recommendations, findings, advisor.knowledge, context)}


def findings_of(record: PatientRecord, advisor: Advisor) -> Findings:
    """The findings of a record on the day and at the site of the settings."""
    site = Site(sstr_pet_available=advisor.settings.sstr_pet == "available")
    return read_findings(record, advisor.knowledge.vocabulary, advisor.settings.day(), site, _log_failure)


def _without_cards(record: PatientRecord) -> dict[str, Any]:
    """No cards; where the problem list could not be read in full, an extension says so to the integrator."""
    search = record.search("Condition")
    if search.complete:
        return {"cards": []}
    return {"cards": [], "extension": {"org.hoofbeats.response": {"unchecked": [f"Condition: {search.reason}"]}}}


def _log_failure(name: str, error: Exception) -> None:
    """Names the broken rule or reader and the kind of fault; never its message, which may hold patient data."""
    _LOG.error("%s failed: %s", name, type(error).__name__)
