"""Where the time goes inside: each stage of one request by itself, in microseconds of processor time."""

from __future__ import annotations

import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median

import orjson

from cards.choose import choose
from cards.context import CardContext
from cards.decide import Decision, decide_all
from cards.knowledge import load_knowledge
from cards.recommend import recommend
from cards.render import render
from fixtures.cohort.facts import TODAY
from mappings import units
from mappings.fhir import models
from service.advise import Advice, Advisor, consult, findings_of, read, rules_of
from service.fetching.fhir_client import FhirClient
from service.fetching.prefetch import Prefetched
from service.hook_request import HookRequest, read_request
from service.journal.journal import Journal, RepeatPolicy
from service.journal.store import Store
from service.receiving.shape import check_size
from service.services import SERVICES
from service.settings import load_settings

_SERVICE = SERVICES["net-patient-view"]


def stages(body: bytes, times: int = 15) -> dict[str, float]:
    """The median of each stage for one request."""
    with tempfile.TemporaryDirectory() as folder:
        timed = dict(_stages(body, Path(folder)))
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)
        return {name: _microseconds(work, times) for name, work in timed.items()}


def _stages(body: bytes, folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    settings = load_settings({"HOOFBEATS_TODAY": TODAY.isoformat()})
    advisor = Advisor(load_knowledge(), settings, FhirClient(1))
    models.warm_up()
    units.warm_up()
    knowledge, rules = advisor.knowledge, rules_of(_SERVICE, advisor)
    request = read_request(body, _SERVICE.hook)
    _, findings = read(request, _SERVICE, advisor)
    decisions = _decided(advisor, request)
    recommended = choose(recommend(decisions, findings, knowledge), _SERVICE.most_cards)
    context = CardContext(_SERVICE.id, request.hook_instance, request.patient_id, [])
    journal = Journal(Store(f"sqlite:///{folder / 'journal.db'}"), RepeatPolicy(0, None), knowledge.version)
    journal.open(settings.day())
    advice = consult(request, _SERVICE, advisor)
    names = {criterion.finding.name for rule in rules for criterion in rule.criteria()}

    yield "json", lambda: json.loads(body)
    yield "orjson", lambda: orjson.loads(body)
    yield "limits", lambda: check_size(body)
    yield "envelope and Bundles", lambda: read_request(body, _SERVICE.hook)
    values = request.prefetch or {}
    yield "screening", lambda: Prefetched(values, request.patient_id, knowledge.terminology).pages(values)
    yield "screening and validation", lambda: _all_validated(advisor, request)
    yield "all findings of all rules", lambda: _all_read(advisor, request, names)
    yield "decisions", lambda: decide_all(rules, findings, _raise)
    yield "recommendations", lambda: recommend(decisions, findings, knowledge)
    yield "rendering", lambda: render(recommended, findings, knowledge, context)
    yield "all of the above that is needed", lambda: consult(request, _SERVICE, advisor)
    yield "journal of one answer, for which nobody waits", lambda: _written(journal, advice, request, settings.day())


def _written(journal: Journal, advice: Advice, request: HookRequest, day: date) -> None:
    journal.settle(advice, request, _SERVICE, day)
    journal.flush()


def _all_validated(advisor: Advisor, request: HookRequest) -> None:
    """Every observation of any value set, most of which no finding of a patient asks for."""
    record, _ = read(request, _SERVICE, advisor)
    record.doubts(advisor.knowledge.terminology.value_sets)


def _decided(advisor: Advisor, request: HookRequest) -> list[Decision]:
    _, findings = read(request, _SERVICE, advisor)
    return decide_all(rules_of(_SERVICE, advisor), findings, _raise)


def _all_read(advisor: Advisor, request: HookRequest, names: set[str]) -> None:
    record, _ = read(request, _SERVICE, advisor)
    findings = findings_of(record, advisor)
    for name in names:
        findings[name]


def _raise(_: str, error: Exception) -> None:
    raise error


def _microseconds(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken) * 1e6
