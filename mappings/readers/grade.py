"""The WHO 2022 grade, from proliferation and differentiation or as the pathologist states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, disagreement, newest, not_before
from mappings.errors import DefinitionError, place_of
from mappings.findings import Evidence, Finding, State, known, unknown
from mappings.readers.amounts import is_unread
from mappings.readers.stated import not_understood, stated
from mappings.tables import Keys, positive, read_tables
from mappings.truth import Truth, any_true
from mappings.vocabulary import Definition, Vocabulary, find

_FILE = Path(__file__).parents[1] / "grading.toml"
_INDICES = ("ki67_index", "mitotic_count")
_KEYS: Keys = {"unit": str, "g2_from": str, "g3_above": str}
_STATED = {"1": ("grade_g1",), "2": ("grade_g2",), "3": ("grade_g3",)}


@dataclass(frozen=True, slots=True)
class Limits:
    """Where G2 begins and what G3 is above, in the unit of the index."""

    unit: str
    g2_from: Decimal
    g3_above: Decimal


@cache
def limits(file: Path = _FILE) -> Mapping[str, Limits]:
    """The limits of each index, read once; raises DefinitionError naming file and key."""
    tables = read_tables(file, _KEYS, {})
    if set(tables) != set(_INDICES):
        raise DefinitionError(f"{place_of(file)}: expected the tables {' and '.join(_INDICES)}")
    return {name: _limits_of(tables[name], f"{place_of(file)}: {name}") for name in _INDICES}


def check_limits(vocabulary: Vocabulary, file: Path = _FILE) -> None:
    """Raises DefinitionError where the limits of grades are wrong, or are in another unit than the index."""
    for name, held in limits(file).items():
        unit = find(vocabulary, name).unit
        if held.unit != unit:
            raise DefinitionError(f"{place_of(file)}: {name}: unit: the index is in {unit}, not {held.unit}")


def read_grade(chart: Chart, definition: Definition) -> Finding:
    """Computed from Ki-67 and mitoses, the higher deciding, and from differentiation; else as the report states it.

    Sources: WHO 2019 and 2022 (grading.toml). A stated grade that contradicts the computed one, or poor
    differentiation with a low index, is discordant. Mitoses alone, or beside a Ki-67 that cannot be read, only say
    how low the grade may be; then the stated grade counts, and without one and without a Ki-67 there is no grade.
    A stated grade older than an index does not count.
    Poor differentiation without any index is no grade: a low index beside it would be discordant.
    """
    indices = {name: chart.findings[name] for name in limits()}
    evidence = tuple(e for finding in indices.values() if finding.is_known for e in finding.evidence)
    torn = tuple(c for finding in indices.values() if not is_unread(finding) for c in finding.conflicts)
    if torn:
        return unknown(definition.name, "Ki-67 or mitoses contradict themselves", evidence, torn)
    written = [d for d in newest(stated(chart, "histologic_grade", _STATED)) if not _is_superseded(d, evidence)]
    numbers = {d.value for d in written if d.value}
    if len(numbers) > 1:
        return disagreement(definition.name, [d for d in written if d.value])
    if evidence:
        return _computed(chart, definition, [d for d in written if d.value])
    if numbers:
        return _named(chart, definition, int(numbers.pop()), tuple(d.evidence for d in written if d.value))
    return _without_number(chart, definition, written)


def _limits_of(table: Mapping[str, str], place: str) -> Limits:
    g2_from, g3_above = (positive(table[key], f"{place}: {key}") for key in ("g2_from", "g3_above"))
    if g3_above < g2_from:
        raise DefinitionError(f"{place}: g3_above: expected no less than g2_from")
    return Limits(table["unit"], g2_from, g3_above)


def _computed(chart: Chart, definition: Definition, written: list[Dated[str]]) -> Finding:
    ki67 = chart.findings["ki67_index"]
    evidence = tuple(e for name in limits() for e in chart.findings[name].evidence if chart.findings[name].is_known)
    lowest, highest = _combined([band for name in limits() if (band := _band(name, chart.findings[name]))])
    open_above = lowest < 3 and not ki67.is_known
    number = int(written[0].value) if written else None
    said = evidence + tuple(d.evidence for d in written)
    if number is not None and not lowest <= number <= (3 if open_above else highest):
        return known(definition.name, "discordant", said)
    if open_above and number is not None:
        return _named(chart, definition, number, said)
    if open_above and ki67.state is State.ABSENT:
        return chart.absence(definition)
    if open_above:
        return unknown(definition.name, "mitoses alone do not settle the grade", evidence, ki67.conflicts)
    if lowest != highest:
        return known(definition.name, "indeterminate", evidence)
    return _named(chart, definition, lowest, evidence)


def _without_number(chart: Chart, definition: Definition, written: list[Dated[str]]) -> Finding:
    """Neither an index nor a stated grade that is understood."""
    conflicts = tuple(c for name in limits() for c in chart.findings[name].conflicts)
    if conflicts:
        return unknown(definition.name, "Ki-67 or mitoses could not be read", (), conflicts)
    return not_understood(definition, written) if written else chart.absence(definition)


def _is_superseded(grade: Dated[str], indices: tuple[Evidence, ...]) -> bool:
    """Whether a stated grade is older than the latest index: a new sample has its own grade."""
    return any(not not_before(grade.evidence.date, index.date) for index in indices)


def _band(name: str, finding: Finding) -> tuple[int, int] | None:
    """The lowest and the highest grade number that an index allows."""
    if not isinstance(finding.value, Amount):
        return None
    limit = limits()[name]
    possible = [
        number
        for number, excluded in (
            (1, finding.value.at_least(limit.g2_from)),
            (2, any_true((finding.value.less_than(limit.g2_from), finding.value.more_than(limit.g3_above)))),
            (3, finding.value.at_most(limit.g3_above)),
        )
        if excluded is not Truth.TRUE
    ]
    return min(possible), max(possible)


def _combined(bands: list[tuple[int, int]]) -> tuple[int, int]:
    return max(low for low, _ in bands), max(high for _, high in bands)


def _named(chart: Chart, definition: Definition, number: int, evidence: tuple[Evidence, ...]) -> Finding:
    differentiation = chart.findings["differentiation"]
    return known(definition.name, _grade(number, differentiation.value), evidence + differentiation.evidence)


def _grade(number: int, differentiation: object) -> str:
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


READERS = {"grade": read_grade}
