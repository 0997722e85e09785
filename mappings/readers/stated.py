"""Stated values: what observations say in codes, in words, or as yes and no; the latest final one counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from mappings.chart import Chart, Dated, agreed, newest, observed
from mappings.entries import Concept, Observation, Reading
from mappings.findings import Evidence, Finding, unknown
from mappings.vocabulary import Definition

Meanings: TypeAlias = Mapping[str, tuple[str, ...]]

YES_NO: Meanings = {"yes": ("yes",), "no": ("no",)}


def stated(chart: Chart, value_set: str, meanings: Meanings) -> list[Dated[str]]:
    """The final results of a kind by what they mean; an empty meaning for a value that is not understood.

    `meanings` are the value sets of each meaning. Codes count first, else the whole text; a boolean is yes or no.
    """
    values = []
    for observation, part in chart.results(value_set):
        if not part.reading.is_empty():
            values.append(_read(chart, observation, part.reading, meanings))
    return values


def read_stated(chart: Chart, definition: Definition) -> Finding:
    """The latest Observation of its first value set, by its value or, where values have no sets, as yes or no."""
    return latest_stated(chart, definition, stated(chart, definition.value_sets[0], definition.meanings or YES_NO))


def latest_stated(chart: Chart, definition: Definition, values: Iterable[Dated[str]]) -> Finding:
    """The latest stated value; unknown where the latest is not understood or several disagree, absent where none is."""
    latest = newest(values)
    if any(not d.value for d in latest):
        return not_understood(definition, latest)
    return agreed(definition, latest, lambda: chart.absence(definition))


def not_understood(definition: Definition, values: Iterable[Dated[str]]) -> Finding:
    """Unknown, because what is stated means nothing that we know."""
    evidence = tuple(d.evidence for d in values if not d.value)
    return unknown(definition.name, "the stated value is not understood", evidence, unread(evidence))


def unread(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """What could not be read, named for the card."""
    return tuple(f"{e.resource}: {e.text or 'no value'} could not be read" for e in evidence)


def words_of(reading: Reading) -> str:
    """The value of an observation as it was written."""
    if reading.boolean is not None:
        return "yes" if reading.boolean else "no"
    return str(reading.concept or "") or str(reading.amount or reading.unread_amount)


def _read(chart: Chart, observation: Observation, reading: Reading, meanings: Meanings) -> Dated[str]:
    evidence = observed(observation, reading, words_of(reading))
    if reading.boolean is not None:
        return Dated(evidence.text if evidence.text in meanings else "", evidence, observation.lesion)
    concept = reading.concept or Concept()
    if meant := _meaning(concept.sets, meanings):
        return Dated(meant, evidence, observation.lesion)
    meant = _meaning(chart.record.terminology.of_text(concept.text), meanings)
    return Dated(meant, replace(evidence, by_text=bool(meant)), observation.lesion)


def _meaning(value_sets: frozenset[str], meanings: Meanings) -> str:
    meant = [name for name, sets in meanings.items() if not value_sets.isdisjoint(sets)]
    return meant[0] if len(meant) == 1 else ""
