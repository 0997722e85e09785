"""Counts the work that answering a request takes, at the borders of our modules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

import cards.decide
import mappings.readers
import service.advise
import service.hook_request
from cards.criteria import Criterion
from cards.rules import Rule
from mappings.fhir import models
from mappings.fhir.adapt import Adapter
from mappings.screening import cutting, glance, relevance, sieve, unreadable


class _Counted:
    """A decoder whose calls and bytes are counted."""

    def __init__(self, decoder: Any, name: str, work: Counter[str]) -> None:
        self._decoder, self._name, self._work = decoder, name, work

    def decode(self, raw: Any) -> Any:
        self._work[self._name] += 1
        self._work["bytes parsed"] += memoryview(raw).nbytes
        return self._decoder.decode(raw)


def count_work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The counter that fills from now on."""
    work: Counter[str] = Counter()

    def counted(place: Any, name: str, what: str, raw_first: bool = False) -> None:
        original: Callable[..., Any] = getattr(place, name)

        def wrapper(*arguments: Any) -> Any:
            work[what] += 1
            work["bytes parsed"] += len(arguments[0]) if raw_first else 0
            return original(*arguments)

        monkeypatch.setattr(place, name, wrapper)

    def counted_rules(place: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(place, name)

        def taken(rules: Iterable[Rule]) -> Iterator[Rule]:
            for rule in rules:
                work["rules looked at"] += 1
                yield rule

        def wrapper(rules: Iterable[Rule], *arguments: Any) -> Any:
            return original(taken(rules), *arguments)

        monkeypatch.setattr(place, name, wrapper)

    def counted_decoder(place: Any, name: str, what: str) -> None:
        monkeypatch.setattr(place, name, _Counted(getattr(place, name), what, work))

    counted_decoder(service.hook_request, "_ENVELOPE", "envelopes")
    counted_decoder(service.hook_request, "_LOOSE_ENVELOPE", "envelopes")
    counted_decoder(cutting, "BUNDLE", "bundles cut up again")
    counted_decoder(cutting, "_ENTRY", "entries glanced at")
    counted_decoder(glance, "_CONCEPT", "concepts decoded")
    counted_decoder(glance, "_REFERENCE", "references decoded")
    for name in ("COMPONENTS", "EXTENSIONS", "CONCEPTS", "ACTIVITIES"):
        counted_decoder(relevance, name, "lists decoded")
    counted_decoder(unreadable, "_LOOSE", "unreadable resources searched")
    counted(sieve, "relevance_of", "wordings judged")
    counted(models, "read_plain", "resources read", raw_first=True)
    counted(models, "validate", "resources validated", raw_first=True)
    counted(Adapter, "entry", "entries made")
    counted(mappings.readers, "reader_of", "findings read")
    counted_rules(service.advise, "decide_all")
    counted(cards.decide, "decide_by", "rules decided")
    counted(Criterion, "holds", "criteria tried")
    return work
