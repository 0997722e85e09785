"""The report of a sweep: how often each rule and service would have spoken, by month and site."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from service.sweep.plan import Folder, Plan

# A rule that is silent about everybody is left out.
_AUDIBLE = ("recommend", "undetermined", "shown")
_OUTCOMES = ("recommend", "undetermined", "silent", "shown")
# Day, service, site, what is counted, and of which kind or rule.
_Counts = Counter[tuple[str, ...]]
UNSTATED = "not stated"


def report_of(plan: Plan, folder: Folder, nobodys: Counter[str]) -> dict[str, Any]:
    """The counts of all buckets; `nobodys` are the lines that belong to no patient, by type."""
    counts: _Counts = Counter()
    left_out, patients = Counter(nobodys), 0
    for number in range(plan.buckets):
        held = json.loads(folder.counts(number).read_text())
        patients += held["patients"]
        left_out.update(held["leftOut"])
        for *key, count in held["rows"]:
            counts[tuple(key)] += count
    return {
        "days": plan.days,
        "knowledge": plan.knowledge,
        "engine": plan.engine,
        "patients": patients,
        "linesLeftOut": dict(sorted(left_out.items())),
        "months": {month: _month(counts, month) for month in sorted({key[0][:7] for key in counts})},
    }


def _month(counts: _Counts, month: str) -> dict[str, Any]:
    held = {key: count for key, count in counts.items() if key[0].startswith(month)}
    return {service: _by_site(held, service) for service in sorted({key[1] for key in held})}


def _by_site(held: dict[tuple[str, ...], int], service: str) -> dict[str, Any]:
    of_service = [(site, what, of, count) for (_, named, site, what, of), count in held.items() if named == service]
    sites = sorted({site for site, *_ in of_service})
    rates = {site or UNSTATED: _rates((w, of, n) for s, w, of, n in of_service if s == site) for site in sites}
    return {**_rates((what, of, count) for _, what, of, count in of_service), "sites": rates}


def _rates(held: Iterable[tuple[str, str, int]]) -> dict[str, Any]:
    """Rates are of charts opened: one for each patient and day."""
    counts: Counter[tuple[str, str]] = Counter()
    for what, of, count in held:
        counts[(what, of)] += count
    opened = counts[("charts", "")]
    cards = {of: count for (what, of), count in sorted(counts.items()) if what == "cards"}
    rules = sorted({of for what, of in counts if what in _AUDIBLE})
    return {
        "charts": opened,
        "chartsWithNeoplasm": counts[("with neoplasm", "")],
        "chartsWithCards": counts[("with cards", "")],
        "cardsPer1000Charts": _per_1000(cards.values(), opened),
        "cards": cards,
        "rules": {rule: _rule(rule, counts, opened) for rule in rules},
    }


def _rule(rule: str, counts: Counter[tuple[str, str]], opened: int) -> dict[str, float]:
    by_outcome = {outcome: counts[(outcome, rule)] for outcome in _OUTCOMES}
    return {**by_outcome, "shownPer1000Charts": _per_1000([by_outcome["shown"]], opened)}


def _per_1000(counts: Iterable[int], opened: int) -> float:
    return round(1000 * sum(counts) / opened, 3) if opened else 0.0
