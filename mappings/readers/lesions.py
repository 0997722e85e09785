"""Lesions: how many, how large, how deep, and how fast the one that grows fastest; each lesion by its own identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TypeVar

from msgspec.structs import replace

from mappings.amounts import Amount, largest
from mappings.chart import Chart, Dated, disagreement, newest, observed
from mappings.dates import PartialDate, months_between
from mappings.entries import Condition, Observation
from mappings.findings import Evidence, Finding, known, unknown
from mappings.readers.amounts import could_not_be_read, measured
from mappings.readers.diagnosis import metastases_in
from mappings.readers.metastasis import ORGANS
from mappings.readers.stated import not_understood, stated
from mappings.references import target_of
from mappings.truth import Truth
from mappings.vocabulary import Definition, find

# Our choice: over less than that the error of two measurements, a millimetre or two, outweighs any growth.
_SHORTEST_INTERVAL = Decimal(3)
# GEN-TX-07 asks for six months before growth counts by the year; an examination may be a week early.
_SHORTEST_FOR_A_RATE = Decimal("5.75")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Point:
    """An exact size on a day."""

    day: PartialDate
    size: Decimal
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Growth:
    """From the first to the latest size; the rate is an interval where a day is not certain."""

    first: _Point
    latest: _Point
    rate: tuple[Decimal, Decimal]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.first.evidence, self.latest.evidence


def read_tumour_size(chart: Chart, definition: Definition) -> Finding:
    """Observation.value or its component, each lesion by its latest final measurement; the largest lesion counts.

    A lesion that is on record without a size may be larger.
    """
    sizes: list[Dated[Amount]] = []
    by_lesion = _by_lesion(_sizes(chart))
    for readings in by_lesion.values():
        latest = newest(readings)
        unread = [d for d in latest if d.value is None]
        if unread:
            return could_not_be_read(definition, unread)
        sizes.extend(Dated(d.value, d.evidence) for d in latest if d.value is not None)
    if not sizes:
        return chart.absence(definition)
    amounts = [d.value for d in sizes] + [Amount(None, None, definition.unit) for _ in _lacking(chart, by_lesion)]
    return known(definition.name, largest(amounts), tuple(d.evidence for d in sizes))


def read_lesion_count(chart: Chart, definition: Definition) -> Finding:
    """Distinct identities among size, depth and placement; observations without one count as a single lesion."""
    lesions = {lesion: held[0].evidence for lesion, held in _on_record(chart, definition).items()}
    if not lesions:
        return chart.absence(definition)
    named = {lesion for lesion in lesions if lesion} or {""}
    return known(definition.name, Amount.exactly(Decimal(len(named)), "1"), tuple(lesions.values()))


def read_prior_tumour_size(chart: Chart, definition: Definition) -> Finding:
    """The first measurement of the lesion that is the largest now."""
    growth = _of_the_largest(chart)
    if growth is None:
        return _no_growth(chart, definition)
    return known(definition.name, Amount.exactly(growth.first.size, definition.unit), growth.evidence)


def read_tumour_growth_rate(chart: Chart, definition: Definition) -> Finding:
    """Millimetres a year between the first and the latest measurement of one lesion, if they are exact and dated.

    Unknown where a lesion was measured more than once and that does not tell its growth, as within a few months.
    """
    growth = max(_growths(chart, _SHORTEST_FOR_A_RATE), key=lambda g: g.rate[1], default=None)
    if growth is None:
        return _no_growth(chart, definition)
    return known(definition.name, Amount(*growth.rate, definition.unit), growth.evidence)


def read_invasion_depth(chart: Chart, definition: Definition) -> Finding:
    """The latest depth of each lesion; the deepest counts, and one that is on record without a depth may be deeper."""
    deepest: list[Dated[str]] = []
    by_lesion = _by_lesion(stated(chart, "invasion_depth", definition.meanings))
    for readings in by_lesion.values():
        latest = newest(readings)
        if not all(d.value for d in latest):
            return not_understood(definition, latest)
        if len({d.value for d in latest}) > 1:
            return disagreement(definition.name, latest)
        deepest.append(latest[0])
    if not deepest:
        return chart.absence(definition)
    layers = definition.values
    worst = max(deepest, key=lambda d: layers.index(d.value))
    deeper = layers[layers.index(worst.value) + 1 :]
    if deeper and _lacking(chart, by_lesion):
        open_ = unknown(definition.name, "the depth of another lesion is not recorded", (worst.evidence,))
        return replace(open_, among=frozenset({worst.value, *deeper}))
    return known(definition.name, worst.value, (worst.evidence,))


def read_tumour_placement(chart: Chart, definition: Definition) -> Finding:
    """The latest placement of each lesion; one of both where they lie differently."""
    by_lesion = _by_lesion(stated(chart, "tumour_placement", definition.meanings))
    latest = [placed for readings in by_lesion.values() for placed in newest(readings)]
    if not latest:
        return chart.absence(definition)
    if not all(d.value for d in latest):
        return not_understood(definition, latest)
    if len(values := {d.value for d in latest}) > 1:
        return replace(disagreement(definition.name, latest), among=frozenset(values))
    return known(definition.name, latest[0].value, tuple(d.evidence for d in latest))


def _sizes(chart: Chart) -> Iterator[Dated[Amount | None]]:
    return measured(chart, find(chart.vocabulary, "tumour_size"), _of_the_primary(chart))


def _of_the_primary(chart: Chart) -> Callable[[Observation], bool]:
    """Whether an observation is of the primary: neither its organ nor its problem is that of a metastasis."""
    named = metastases_in(chart)
    problems = chart.record.entries(Condition, "Condition")
    metastases = {target_of(c.reference) for c in problems if c.is_a(*named)}
    return lambda o: not o.body_site.is_a(*ORGANS.values()) and target_of(o.lesion) not in metastases


def _on_record(chart: Chart, definition: Definition) -> Mapping[str, list[Dated[str]]]:
    """Every lesion of the primary of which anything is stated that a definition reads."""
    counts = _of_the_primary(chart)
    return _by_lesion(
        Dated("", observed(observation, part.reading, ""), observation.lesion)
        for value_set in definition.value_sets
        for observation, part in chart.results(value_set)
        if not part.reading.is_empty() and counts(observation)
    )


def _lacking(chart: Chart, by_lesion: Mapping[str, object]) -> set[str]:
    """The lesions of which something else is stated; none where something is stated of a lesion without identity."""
    if "" in by_lesion:
        return set()
    return set(_on_record(chart, find(chart.vocabulary, "lesion_count"))) - set(by_lesion) - {""}


def _by_lesion(values: Iterable[Dated[T]]) -> Mapping[str, list[Dated[T]]]:
    """The values by the identity of their lesion; one that lost its system is none where another has the same value."""
    held = list(values)
    identities = {value.lesion for value in held}
    by_lesion: dict[str, list[Dated[T]]] = {}
    for value in held:
        lost = value.lesion.startswith("|") and any(o.endswith(value.lesion) for o in identities - {value.lesion})
        identity = "" if lost else value.lesion
        by_lesion.setdefault(identity, []).append(Dated(value.value, value.evidence, identity))
    return by_lesion


def _measured_again(chart: Chart) -> list[list[Dated[Amount | None]]]:
    """The lesions with an identity that were measured more than once, or may have been: one without is of any."""
    by_lesion = _by_lesion(_sizes(chart))
    of_any = by_lesion.get("", [])
    return [[*sizes, *of_any] for lesion, sizes in by_lesion.items() if lesion and len(sizes) + len(of_any) > 1]


def _no_growth(chart: Chart, definition: Definition) -> Finding:
    again = _measured_again(chart)
    if not again:
        return chart.absence(definition)
    evidence = tuple(s.evidence for sizes in again for s in sizes)
    return unknown(definition.name, "the measurements do not tell how the lesion grew", evidence)


def _growths(chart: Chart, months: Decimal) -> list[_Growth]:
    return [growth for sizes in _measured_again(chart) if (growth := _growth(sizes, months)) is not None]


def _of_the_largest(chart: Chart) -> _Growth | None:
    """That of the largest lesion, of two as large that of the one that grew; none where a larger one has none."""
    growths = _growths(chart, _SHORTEST_INTERVAL)
    growth = max(growths, key=lambda g: (g.latest.size, -g.first.size), default=None)
    size = chart.findings["tumour_size"].value
    if growth is None or not isinstance(size, Amount) or size.at_most(growth.latest.size) is not Truth.TRUE:
        return None
    return growth


def _growth(sizes: list[Dated[Amount | None]], at_least: Decimal) -> _Growth | None:
    """Between the first and the latest day; none where a size is not exact, dated and of the lesion for certain, or
    both days are too close."""
    points = [point for size in sizes if size.lesion and (point := _point(size)) is not None]
    if len(points) < len(sizes):
        return None
    first = min(points, key=lambda p: (p.day.latest, -p.size))
    latest = max(points, key=lambda p: (p.day.earliest, p.size))
    shortest = months_between(first.day.latest, latest.day.earliest)
    if shortest < at_least:
        return None
    longest = months_between(first.day.earliest, latest.day.latest)
    rates = sorted(_a_year(latest.size - first.size, months) for months in (shortest, longest))
    return _Growth(first, latest, (rates[0], rates[1]))


def _point(size: Dated[Amount | None]) -> _Point | None:
    amount, day = size.value, size.evidence.date
    if amount is None or day is None or amount.low is None or amount.low != amount.high:
        return None
    return _Point(day, amount.low, size.evidence)


def _a_year(growth: Decimal, months: Decimal) -> Decimal:
    return (growth * 12 / months).quantize(Decimal("0.01"), ROUND_DOWN)


READERS = {
    "tumour_size": read_tumour_size,
    "lesion_count": read_lesion_count,
    "prior_tumour_size": read_prior_tumour_size,
    "tumour_growth_rate": read_tumour_growth_rate,
    "invasion_depth": read_invasion_depth,
    "tumour_placement": read_tumour_placement,
}
