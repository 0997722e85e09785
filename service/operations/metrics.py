"""Metrics for Prometheus: counts and times by names of ours; nothing that a request brought becomes a label."""

from __future__ import annotations

import os
from collections import Counter as Counts
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

from mappings.screening.types import READ_TYPES
from service.watch import Watch

# Set for several workers before this module is first imported (service/serving/serve.py).
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.45, 0.9, 2, 5)


class Metrics:
    """The counters of one application; with several workers they are summed over all."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._requests = Counter("hoofbeats_requests", "Requests answered", ["route", "status"], registry=own)
        self._seconds = Histogram(
            "hoofbeats_request_seconds", "Time to answer", ["route"], registry=own, buckets=_SECONDS
        )
        self._refused = Counter("hoofbeats_refused", "Tokens refused", ["cause"], registry=own)
        self._answers = Counter("hoofbeats_answers", "Hooks for which rules were decided", ["service"], registry=own)
        self._rules = Counter(
            "hoofbeats_rules", "Rules that were not silent, in answers", ["service", "rule", "outcome"], registry=own
        )
        # Of the thousand or so that there are: prometheus_client looks them up slowly.
        self._of_rule = cache(self._rules.labels)
        self._cards = Counter("hoofbeats_cards", "Cards given", ["service", "kind"], registry=own)
        self._failed = Counter("hoofbeats_failed_parts", "Rules and readers that broke", ["part"], registry=own)
        self._unchecked = Counter("hoofbeats_unchecked_rules", "Rules not checked before the deadline", registry=own)
        self._unread = Counter("hoofbeats_unread_resources", "Resources not readable", ["type"], registry=own)
        self._foreign = Counter(
            "hoofbeats_codes_not_covered", "Codes in resources that no value set covers", ["system"], registry=own
        )
        self._fetches = Counter("hoofbeats_fetch_failures", "Searches that failed", ["type"], registry=own)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def refused(self, cause: str) -> None:
        """A token was refused."""
        self._refused.labels(cause).inc()

    def watched(self, service: str, watch: Watch) -> None:
        """A hook was answered under a watch."""
        if watch.decided:
            self._answers.labels(service).inc()
        for rule, outcome in watch.rules.items():
            self._of_rule(service, rule, outcome).inc()
        for kind in watch.kinds:
            self._cards.labels(service, kind).inc()
        for part in watch.failed:
            self._failed.labels(part).inc()
        self._unchecked.inc(len(watch.unchecked))
        _add(self._unread, _by_known_type(watch.unread))
        _add(self._foreign, watch.foreign_systems)
        _add(self._fetches, _by_known_type(watch.fetch_failures))

    def exposition(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        summed = CollectorRegistry()
        multiprocess.MultiProcessCollector(summed)  # type: ignore[no-untyped-call]
        return generate_latest(summed)


def _add(counter: Counter, counts: Counts[str]) -> None:
    for label, count in counts.items():
        counter.labels(label).inc(count)


def _by_known_type(counts: Counts[str]) -> Counts[str]:
    known: Counts[str] = Counts()
    for kind, count in counts.items():
        known[kind if kind in READ_TYPES else "other"] += count
    return known
