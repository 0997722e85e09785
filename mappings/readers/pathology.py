"""Pathology: Ki-67, mitoses, differentiation, and the WHO 2022 grade that follows from them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, agreed, disagreement, newest, observed
from mappings.entries import Condition
from mappings.findings import Finding, known, unknown
from mappings.readers.amounts import read_measurement
from mappings.readers.diagnosis import evidence_of, neoplasms
from mappings.readers.steps import order_evidence
from mappings.truth import Truth
from mappings.vocabulary import Definition


def read_ki67_assessment(chart: Chart, definition: Definition) -> Finding:
    """Done where Ki-67 is a number, comparator or range; else ordered or absent."""
    index = chart.findings["ki67_index"]
    if index.is_known or index.conflicts:
        return known(definition.name, "done", index.evidence)
    gap = chart.gap(definition)
    if gap:
        return unknown(definition.name, gap)
    ordered = tuple(order_evidence(chart, definition))
    return known(definition.name, "ordered", ordered) if ordered else known(definition.name, "absent")


def read_grade(chart: Chart, definition: Definition) -> Finding:
    """Computed from Ki-67 and mitoses, the higher deciding, and from differentiation; else as the report states it.

    Sources: WHO 2019 and 2022 (grading.toml). A stated grade that contradicts the computed one, or poor
    differentiation with a low index, is discordant.
    """
    bands = {name: _band(name, chart.findings[name]) for name in _limits()}
    evidence = tuple(e for name, band in bands.items() if band for e in chart.findings[name].evidence)
    stated = newest(_stated_grades(chart))
    if len({d.value for d in stated}) > 1:
        return disagreement(definition.name, stated)
    if not evidence and not stated:
        conflicts = tuple(c for name in bands for c in chart.findings[name].conflicts)
        if conflicts:
            return unknown(definition.name, "Ki-67 or mitoses contradict themselves", (), conflicts)
        return chart.absence(definition)
    if any(chart.findings[name].conflicts for name in bands):
        return unknown(definition.name, "Ki-67 or mitoses contradict themselves", evidence)
    lowest, highest = _combined([band for band in bands.values() if band] or [(d.value, d.value) for d in stated])
    written = {d.value for d in stated}
    if evidence and written and not lowest <= next(iter(written)) <= highest:
        return known(definition.name, "discordant", evidence + tuple(d.evidence for d in stated))
    if lowest != highest:
        return known(definition.name, "indeterminate", evidence)
    differentiation = chart.findings["differentiation"]
    proof = (evidence or tuple(d.evidence for d in stated)) + differentiation.evidence
    return known(definition.name, _named(lowest, differentiation.value), proof)


def read_differentiation(chart: Chart, definition: Definition) -> Finding:
    """The Observation that states it, by its latest value; else the words of the diagnosis code or morphology."""
    stated = [
        Dated(value, observed(observation, part.reading, str(part.reading.concept)))
        for observation, part in chart.results("differentiation")
        if part.reading.concept is not None
        for value, value_set in (("well", "well_differentiated"), ("poor", "poorly_differentiated"))
        if part.reading.concept.is_a(value_set)
    ]
    coded = [
        Dated(value, evidence_of(condition))
        for status, condition in neoplasms(chart)
        if status != "history" and (value := _differentiation_in(condition))
    ]
    if stated and coded:
        latest = newest(stated)
        if {d.value for d in latest} != {d.value for d in coded}:
            return disagreement(definition.name, [*latest, *coded])
    return agreed(definition, stated, lambda: agreed(definition, coded, lambda: chart.absence(definition)))


def _differentiation_in(condition: Condition) -> str:
    if condition.is_a("neuroendocrine_carcinoma", "morphology_nec"):
        return "poor"
    return "well" if condition.is_a("well_differentiated_neoplasm") else ""


def _stated_grades(chart: Chart) -> list[Dated[int]]:
    return [
        Dated(number, observed(observation, part.reading, str(part.reading.concept)))
        for observation, part in chart.results("histologic_grade")
        if part.reading.concept is not None
        for number in (1, 2, 3)
        if part.reading.concept.is_a(f"grade_g{number}")
    ]


def _band(name: str, finding: Finding) -> tuple[int, int] | None:
    """The lowest and the highest grade number that an index allows."""
    if not isinstance(finding.value, Amount):
        return None
    g2_from, g3_above = _limits()[name]
    possible = [
        number
        for number, excluded in (
            (1, finding.value.at_least(g2_from)),
            (2, _either(finding.value.less_than(g2_from), finding.value.more_than(g3_above))),
            (3, finding.value.at_most(g3_above)),
        )
        if excluded is not Truth.TRUE
    ]
    return min(possible), max(possible)


def _either(one: Truth, other: Truth) -> Truth:
    return Truth.TRUE if Truth.TRUE in (one, other) else Truth.FALSE


def _combined(bands: list[tuple[int, int]]) -> tuple[int, int]:
    return max(low for low, _ in bands), max(high for _, high in bands)


def _named(number: int, differentiation: object) -> str:
    match number, differentiation:
        case 3, "well":
            return "G3-NET"
        case 3, "poor":
            return "NEC"
        case 3, _:
            return "G3-unspecified"
        case _, "poor":
            return "discordant"
        case _:
            return f"G{number}"


@cache
def _limits() -> Mapping[str, tuple[Decimal, Decimal]]:
    with (Path(__file__).parent.parent / "grading.toml").open("rb") as file:
        tables = tomllib.load(file)
    return {name: (Decimal(t["g2_from"]), Decimal(t["g3_above"])) for name, t in tables.items()}


READERS = {
    "ki67_index": read_measurement,
    "ki67_assessment": read_ki67_assessment,
    "mitotic_count": read_measurement,
    "grade": read_grade,
    "differentiation": read_differentiation,
}
