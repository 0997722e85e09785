"""Evaluating a bucket: every patient of it on every day, the cards that the service would give, and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from cards.context import proof_of
from mappings.screening.screen import NO_LIMIT
from service.advise import Advice, Advisor, consult
from service.errors import PreconditionFailed
from service.services import SERVICES
from service.sweep.chart import Chart, hook_request, is_json, known_on, organization_of
from service.sweep.plan import SWEPT, Folder, Plan, write
from service.watch import Watch


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The advice of one service about one patient on one day; `site` is the organization that keeps the record."""

    patient: str
    site: str
    service: str
    day: str
    advice: Advice


def evaluate(patient: str, chart: Chart, plan: Plan, advisors: Mapping[str, Advisor]) -> Iterator[Evaluation]:
    """Every service on every day; a chart that nothing can be read of gives no cards, as a 412 would."""
    site = organization_of(chart)
    for day, advisor in advisors.items():
        known = known_on(chart, day) if plan.is_past else chart
        for service in map(SERVICES.__getitem__, SWEPT):
            request = hook_request(patient, known, plan.types, service, day)
            try:
                advice = consult(request, service, advisor, Watch(most_entries=NO_LIMIT))
            except PreconditionFailed:
                advice = Advice({"cards": []})
            yield Evaluation(patient, site, service.id, day, advice)


def advisors_for(plan: Plan, advisor: Advisor) -> dict[str, Advisor]:
    """An advisor for each day."""
    days = {day: date.fromisoformat(day) for day in plan.days}
    return {day: replace(advisor, settings=replace(advisor.settings, today=today)) for day, today in days.items()}


def evaluate_bucket(
    number: int, patients: Iterable[tuple[str, Chart]], plan: Plan, folder: Folder, advisor: Advisor
) -> int:
    """Writes the cards of a bucket and then its counts; how many patients it holds."""
    advisors, counts, left_out, many = advisors_for(plan, advisor), Counter[tuple[str, ...]](), Counter[str](), 0
    unfinished = folder.cards(number).with_suffix(".unfinished")
    with unfinished.open("wb") as cards:
        for patient, chart in patients:
            many += 1
            for evaluation in evaluate(patient, _readable(chart, left_out), plan, advisors):
                cards.writelines(_lines(evaluation))
                _count(evaluation, counts)
    unfinished.replace(folder.cards(number))
    rows = [[*key, count] for key, count in sorted(counts.items())]
    held = {"patients": many, "leftOut": dict(sorted(left_out.items())), "rows": rows}
    write(folder.counts(number), msgspec.json.encode(held).decode())
    return many


def _readable(chart: Chart, left_out: Counter[str]) -> Chart:
    """The chart without what is no JSON, which is counted by type."""
    readable = {kind: [raw for raw in resources if is_json(raw)] for kind, resources in chart.items()}
    for kind, resources in chart.items():
        if lost := len(resources) - len(readable[kind]):
            left_out[kind] += lost
    return readable


def _lines(evaluation: Evaluation) -> Iterator[bytes]:
    for card in evaluation.advice.response["cards"]:
        said = {"patient": evaluation.patient, "service": evaluation.service, "asOf": evaluation.day, "card": card}
        yield msgspec.json.encode(said) + b"\n"


def _count(evaluation: Evaluation, counts: Counter[tuple[str, ...]]) -> None:
    """Counts by day, service, site, and what: charts, those with a tumour, with cards, cards by kind, rules."""
    place = (evaluation.day, evaluation.service, evaluation.site)
    cards = evaluation.advice.response["cards"]
    counts[(*place, "charts", "")] += 1
    counts[(*place, "with neoplasm", "")] += bool(evaluation.advice.outcomes)
    counts[(*place, "with cards", "")] += bool(cards)
    for card in cards:
        proof = proof_of(card)
        counts[(*place, "cards", proof["kind"])] += 1
        for rule in proof["rules"]:
            counts[(*place, "shown", rule)] += 1
    for rule, outcome in evaluation.advice.outcomes.items():
        counts[(*place, outcome, rule)] += 1
