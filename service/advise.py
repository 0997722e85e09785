"""The whole path: hook request to record, findings, decisions, recommendations, cards."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cards.choose import choose
from cards.context import CardContext
from cards.decide import Decision, Outcome, decide_all
from cards.governance import Governance, Mode
from cards.knowledge import Knowledge, knowledge_at
from cards.recommend import recommend
from cards.render import render
from cards.rules import Rule
from cards.scope import is_in_scope, telling_sets
from mappings.chart import Site
from mappings.errors import UnknownName
from mappings.fhir.models import FhirVersion
from mappings.findings import Finding, Findings
from mappings.readers import check_readers, read_findings
from mappings.record import PatientRecord
from service.fetching.coverage import systems_not_covered
from service.fetching.fetch import Fetcher
from service.fetching.fhir_client import FhirClient, is_listed
from service.fetching.gather import Concern, UnsupportedVersion, gather, problem_list_of
from service.fetching.prefetch import Prefetched, SearchedPage
from service.hook_request import HookRequest
from service.services import SERVICES, Service, needed_types
from service.settings import Settings
from service.watch import Deadline, OutOfTime, Watch, types_of

_LOG = logging.getLogger("hoofbeats")
# The part of the time that may be spent on fetching; the rest is for deciding.
_FETCHING = 0.8


@dataclass(frozen=True, slots=True)
class Advisor:
    """What answering needs besides the request: loaded once, shared by all requests, never changed."""

    knowledge: Knowledge
    settings: Settings
    client: FhirClient
    plans: Mapping[str, Plan] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What each service applies and shows, once for all requests; DefinitionError where a file of ours is wrong."""
        _check_services(self.knowledge.governance)
        check_readers(self.knowledge.vocabulary, self.knowledge.terminology)
        object.__setattr__(self, "plans", {s.id: _plan(s, self.knowledge, self.settings) for s in SERVICES.values()})


def advisor_for(settings: Settings) -> Advisor:
    """What answering needs under some settings; raises DefinitionError where a file of ours is wrong."""
    return Advisor(knowledge_at(settings.site), settings, FhirClient(settings.max_body_bytes))


def _check_services(governance: Governance) -> None:
    for name in governance.services:
        if name not in SERVICES:
            ids = ", ".join(SERVICES)
            raise UnknownName(f"{governance.file}: services.{name}: no service called {name!r}: expected {ids}")


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules that a service applies under the settings, which of them may speak, and the types that they read.

    `silence` is the outcome of all rules where none of them has anything to say.
    """

    rules: tuple[Rule, ...]
    shown: frozenset[str]
    types: tuple[str, ...]
    silence: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "silence", {rule.id: Outcome.SILENT.value for rule in self.rules})


@dataclass(frozen=True, slots=True)
class Advice:
    """The CDS Hooks response to a request, and the outcome of each rule that was held against it."""

    response: dict[str, Any]
    outcomes: Mapping[str, str] = field(default_factory=dict)


def advise(request: HookRequest, service: Service, advisor: Advisor) -> dict[str, Any]:
    """The CDS Hooks response to a request."""
    return consult(request, service, advisor).response


def consult(request: HookRequest, service: Service, advisor: Advisor, watch: Watch | None = None) -> Advice:
    """The response to a request with what led to it; rules that the watch leaves no time for stay unchecked.

    A service that has no rules, because the site has switched it off, reads nothing and says nothing.
    """
    if not rules_of(service, advisor):
        return Advice(_unchecked())
    watch = watch or Watch()
    prefetched = _prefetched(request, advisor, watch)
    problem_list = problem_list_of(request, prefetched, _concern(advisor))
    if problem_list is not None:
        return Advice(_without_cards(problem_list))
    try:
        record, findings = _read(request, prefetched, service, advisor, watch)
    except UnsupportedVersion as fault:
        return Advice(_unchecked(str(fault)))
    if not is_in_scope(findings):
        return Advice(_without_cards(record))
    decisions, outcomes = _judged(advisor.plans[service.id], watch.until_over(findings), watch)
    spoken = [decision for decision in decisions if decision.rule.id in advisor.plans[service.id].shown]
    recommendations = recommend(spoken, findings, advisor.knowledge, record.drafts)
    shown = choose((r for r in recommendations if r.indicator in service.indicators), service.most_cards)
    problems = [str(unusable) for unusable in record.unusable] + watch.shortfall()
    watch.unread.update(types_of(unusable.resource for unusable in record.unusable))
    base_url = advisor.settings.base_url
    context = CardContext(service.id, request.hook_instance, request.patient_id, problems, base_url, _is_r5(record))
    cards = render(shown, findings, advisor.knowledge, context)
    unsaid = [] if cards or watch.unchecked else _gaps(record, advisor.plans[service.id].types)
    return Advice({**_unchecked(*watch.shortfall(), *unsaid), "cards": cards}, outcomes)


def _is_r5(record: PatientRecord) -> bool:
    """Whether a client speaks R5, by its chart or its drafts; what shows neither is taken for R4."""
    return record.version is FhirVersion.R5 or any(draft.is_r5 for draft in record.drafts)


def read(request: HookRequest, service: Service, advisor: Advisor) -> tuple[PatientRecord, Findings]:
    """The record of a request and its findings; raises PreconditionFailed or TooLarge."""
    watch = Watch()
    return _read(request, _prefetched(request, advisor, watch), service, advisor, watch)


def _prefetched(request: HookRequest, advisor: Advisor, watch: Watch) -> Prefetched:
    return Prefetched(request.prefetch, request.patient_id, advisor.knowledge.terminology, watch.most_entries)


def _read(
    request: HookRequest, prefetched: Prefetched, service: Service, advisor: Advisor, watch: Watch
) -> tuple[PatientRecord, Findings]:
    def seen(pages: Sequence[SearchedPage]) -> None:
        watch.foreign_systems.update(systems_not_covered(pages, prefetched.terminology))

    needed = advisor.plans[service.id].types
    record = gather(request, needed, prefetched, _fetcher(request, advisor, watch), _concern(advisor), seen)
    return record, findings_of(record, advisor)


def _judged(plan: Plan, findings: Mapping[str, Finding], watch: Watch) -> tuple[list[Decision], Mapping[str, str]]:
    """The decisions, and the outcome of every rule but those that failed or came too late: of these nobody can tell."""
    outcomes = dict(plan.silence)

    def failed(name: str, error: Exception) -> None:
        outcomes.pop(name, None)
        if isinstance(error, OutOfTime):
            watch.unchecked.append(name)
        else:
            watch.failed.append(name)
            _log_failure(name, error)

    decisions = decide_all(plan.rules, findings, failed)
    return decisions, outcomes | {decision.rule.id: decision.outcome.value for decision in decisions}


def _concern(advisor: Advisor) -> Concern:
    likely = telling_sets(advisor.knowledge.vocabulary)
    return Concern(likely, lambda record: is_in_scope(findings_of(record, advisor)))


def rules_of(service: Service, advisor: Advisor) -> Sequence[Rule]:
    """The rules that a service applies under the settings."""
    return advisor.plans[service.id].rules


def _plan(service: Service, knowledge: Knowledge, settings: Settings) -> Plan:
    """Rules that are off are not decided; rules that are silent or that nobody signed are decided and not shown."""
    governance = knowledge.governance
    mode = governance.services.get(service.id, Mode.ON)
    if mode is Mode.OFF:
        return Plan((), frozenset(), ())
    of_service = (r for r in knowledge.rules if r.card in service.kinds)
    applied = [r for r in of_service if settings.extensions == "on" or not r.is_extension]
    rules = tuple(rule for rule in applied if governance.mode_of(rule) is not Mode.OFF)
    on = [rule for rule in rules if mode is Mode.ON and governance.mode_of(rule) is not Mode.SILENT]
    shown = frozenset(r.id for r in on if settings.unsigned == "show" or governance.signature_of(r) is not None)
    return Plan(rules, shown, needed_types(service, knowledge))


def findings_of(record: PatientRecord, advisor: Advisor) -> Findings:
    """The findings of a record on the day and at the site of the settings."""
    site = Site(sstr_pet_available=advisor.settings.sstr_pet == "available")
    return read_findings(record, advisor.knowledge.vocabulary, advisor.settings.day(), site, _log_failure)


def _fetcher(request: HookRequest, advisor: Advisor, watch: Watch) -> Fetcher | None:
    """The way to the client's server, where it gave us one and the settings allow that server."""
    settings, access = advisor.settings, request.access
    if access is None or (access.reach is None and not is_listed(access.server, settings.fhir_servers)):
        return None
    seconds = min(settings.fetch_deadline_ms / 1000, watch.deadline.left()) * _FETCHING
    terminology = advisor.knowledge.terminology
    return Fetcher(advisor.client, access, Deadline(seconds), request.patient_id, terminology, watch)


def _without_cards(record: PatientRecord) -> dict[str, Any]:
    """No cards; where the problem list could not be read in full, an extension says so to the integrator."""
    gaps = _gaps(record, ["Condition"])
    return _unchecked(*gaps, *(f"{doubt.resource}: {doubt.reason}" for doubt in record.unconfirmed()))


def _gaps(record: PatientRecord, types: Sequence[str]) -> list[str]:
    """What is not here in full; a card names what of it matters, and without a card nobody would know."""
    searches = {kind: record.search(kind) for kind in types}
    return [f"{kind}: {search.reason}" for kind, search in searches.items() if not search.complete]


def _unchecked(*reasons: str) -> dict[str, Any]:
    if not reasons:
        return {"cards": []}
    return {"cards": [], "extension": {"org.hoofbeats.response": {"unchecked": list(reasons)}}}


def _log_failure(name: str, error: Exception) -> None:
    """Names the broken rule or reader and the kind of fault; never its message, which may hold patient data."""
    _LOG.error("%s failed: %s", name, type(error).__name__)
