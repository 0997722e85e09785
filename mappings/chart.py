"""The chart as readers see it: the record, the day, the site, and every other finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import msgspec

from mappings.dates import PartialDate
from mappings.entries import Component, Observation, Reading
from mappings.findings import Evidence, Finding, Findings, absent, known, unknown
from mappings.record import PatientRecord
from mappings.statuses import FINAL
from mappings.vocabulary import Definition, Vocabulary

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Site:
    """What a finding needs to know of the hospital."""

    sstr_pet_available: bool = True


class Chart(msgspec.Struct, frozen=True):
    """One patient's record on one day at one site, as one reader sees it; `asked` are the value sets it asked for."""

    record: PatientRecord
    today: date
    site: Site
    vocabulary: Vocabulary
    findings: Findings
    asked: set[str] = msgspec.field(default_factory=set)

    def gap(self, definition: Definition) -> str:
        """Why absence may not be claimed for a finding, or nothing where every search behind it was complete."""
        return self.record.gap(definition.needs, definition.also)

    def absence(self, definition: Definition) -> Finding:
        """Absent where the searches were complete, else unknown."""
        gap = self.gap(definition)
        return unknown(definition.name, gap) if gap else absent(definition.name)

    def no_or_unknown(self, definition: Definition, value: str = "no") -> Finding:
        """A negative value where the searches were complete and found nothing, else unknown."""
        gap = self.gap(definition)
        return unknown(definition.name, gap) if gap else known(definition.name, value)

    def set_of(self, definition: Definition, found: Mapping[str, Iterable[Evidence]], doubt: str = "") -> Finding:
        """The members that there is evidence for: all of them where the searches were complete and nothing is in doubt,
        else unknown where there are none.
        """
        shown = {member: held for member, evidence in found.items() if (held := tuple(evidence))}
        lacking = self.gap(definition) or doubt
        if lacking and not shown:
            return unknown(definition.name, lacking)
        evidence = tuple(e for held in shown.values() for e in held)
        return known(definition.name, frozenset(shown), evidence, complete=not lacking)

    def results(self, value_set: str) -> list[tuple[Observation, Component]]:
        """The final observations of a kind, each with the value that is meant."""
        self.asked.add(value_set)
        held = self.record.observations.of(value_set)
        if not held:
            return []
        return [(one, part) for one in held if one.status in FINAL for part in one.readings(value_set)]


class Dated(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A value with the evidence for it, and the identity of the lesion it is of, where it has one."""

    value: T
    evidence: Evidence
    lesion: str = ""


def observed(observation: Observation, reading: Reading, text: str) -> Evidence:
    """The evidence that an observation is, in words a clinician would read."""
    by_text = reading.concept is not None and reading.concept.by_text and reading.amount is None
    return Evidence(observation.reference, reading.element, observation.date, text, by_text)


def newest(values: Iterable[Dated[T]]) -> list[Dated[T]]:
    """The latest of some dated values, with every other that may be as late; one without a date may always be."""
    held = list(values)
    if len(held) < 2:
        return held
    latest = max((d.evidence.date.earliest for d in held if d.evidence.date is not None), default=date.min)
    return [d for d in held if d.evidence.date is None or d.evidence.date.latest >= latest]


def not_before(one: PartialDate | None, other: PartialDate | None) -> bool:
    """Whether one day may be as late as the other or later; an unknown day may."""
    return one is None or other is None or one.latest >= other.earliest


def agreed(definition: Definition, values: Iterable[Dated[str]], otherwise: Callable[[], Finding]) -> Finding:
    """The latest value, or unknown with its conflicts where several that may be the latest disagree."""
    latest = newest(values)
    if not latest:
        return otherwise()
    distinct = {d.value for d in latest}
    if len(distinct) > 1:
        return disagreement(definition.name, latest)
    return known(definition.name, latest[0].value, tuple(d.evidence for d in latest))


def disagreement(name: str, values: Iterable[Dated[T]]) -> Finding:
    """Unknown, because the record contradicts itself."""
    held = list(values)
    said = tuple(f"{d.evidence.resource}: {d.evidence.text or d.value}" for d in held)
    return unknown(name, "the record contradicts itself", tuple(d.evidence for d in held), said)
