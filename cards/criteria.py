"""Criteria: comparisons of findings, joined by all, any and none, with truth of three values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from math import isfinite
from operator import attrgetter
from typing import Any

import msgspec

from mappings.amounts import Amount, plain
from mappings.errors import DefinitionError, UnknownName
from mappings.findings import Finding, State
from mappings.truth import FALSE, TRUE, UNKNOWN, Truth, all_true, any_true
from mappings.vocabulary import Definition, Kind, Vocabulary, find


class Comparator(Enum):
    """The comparisons that a criterion can make."""

    IS = "is"
    IN = "in"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    MORE_THAN = "more_than"
    INCLUDES = "includes"
    EXCLUDES = "excludes"
    RECORDED = "recorded"
    CONTRADICTED = "contradicted"


_BOUNDS = (Comparator.AT_MOST, Comparator.AT_LEAST, Comparator.LESS_THAN, Comparator.MORE_THAN)
_OF_RECORD = (Comparator.RECORDED, Comparator.CONTRADICTED)
_ALLOWED = {
    Kind.CATEGORY: (Comparator.IS, Comparator.IN, *_OF_RECORD),
    Kind.STEP: (Comparator.IS, Comparator.IN),
    Kind.AMOUNT: (*_BOUNDS, *_OF_RECORD),
    Kind.SET: (Comparator.INCLUDES, Comparator.EXCLUDES),
}


class Criterion(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """One comparison of one finding; `bound` for amounts, `values` for categories, steps and sets."""

    finding: Definition
    comparator: Comparator
    values: tuple[str, ...] = ()
    bound: Decimal | None = None
    recorded: bool = True

    def holds(self, finding: Finding) -> Truth:
        """Whether a finding meets the criterion; a finding that does not apply meets none."""
        if self.comparator in _OF_RECORD:
            return self._is_recorded(finding) if self.comparator is Comparator.RECORDED else _is_contradicted(finding)
        match finding.value:
            case None if finding.state is State.NOT_APPLICABLE:
                return FALSE
            case None:
                return self._holds_for_each(finding.among)
            case str() as value:
                return TRUE if value in self.values else FALSE
            case Amount() as amount:
                return self._compares(amount)
            case members:
                return self._contains(members, finding.complete)

    def _is_recorded(self, finding: Finding) -> Truth:
        """What contradicts itself or cannot be read is on record, but not so that anybody could use it."""
        match finding.state:
            case State.KNOWN:
                return Truth.of(self.recorded)
            case State.ABSENT:
                return Truth.of(not self.recorded)
            case State.NOT_APPLICABLE:
                return FALSE
            case State.UNKNOWN:
                return Truth.of(not self.recorded) if finding.conflicts else UNKNOWN

    def _holds_for_each(self, among: frozenset[str]) -> Truth:
        if among and among.issubset(self.values):
            return TRUE
        return FALSE if among and among.isdisjoint(self.values) else UNKNOWN

    def _compares(self, amount: Amount) -> Truth:
        assert self.bound is not None  # parsing gives every amount criterion a bound
        match self.comparator:
            case Comparator.AT_MOST:
                return amount.at_most(self.bound)
            case Comparator.AT_LEAST:
                return amount.at_least(self.bound)
            case Comparator.LESS_THAN:
                return amount.less_than(self.bound)
            case _:
                return amount.more_than(self.bound)

    def _contains(self, members: frozenset[str], complete: bool) -> Truth:
        if not members.isdisjoint(self.values):
            included = TRUE
        else:
            included = FALSE if complete else UNKNOWN
        return included if self.comparator is Comparator.INCLUDES else ~included

    def __str__(self) -> str:
        """The criterion as a clinician would say it."""
        label = self.finding.label
        words = " or ".join(self.values)
        match self.comparator:
            case Comparator.IS | Comparator.IN:
                return f"{label}: {words}"
            case Comparator.INCLUDES:
                return f"{label} include {words}"
            case Comparator.EXCLUDES:
                return f"{label} do not include {words}"
            case Comparator.RECORDED:
                return f"{label} is {'' if self.recorded else 'not '}recorded"
            case Comparator.CONTRADICTED:
                return f"{label} is contradictory or unreadable"
            case _:
                amount = plain(self.bound or Decimal(0))
                return f"{label} {self.comparator.value.replace('_', ' ')} {amount} {self.finding.unit}".rstrip()


class Join(Enum):
    """How the parts of a group are joined."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


_ALL, _ANY, _NONE = Join


@dataclass(frozen=True, slots=True)
class Group:
    """Criteria and further groups, joined."""

    join: Join
    parts: tuple[Criterion | Group, ...]

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion in the group, at any depth."""
        for part in self.parts:
            if isinstance(part, Criterion):
                yield part
            else:
                yield from part.criteria()


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """What became of a criterion or group for one patient, with its parts."""

    of: Criterion | Group
    truth: Truth
    parts: tuple[Judgement, ...] = ()

    def criteria(self) -> Iterator[tuple[Criterion, Truth]]:
        """Every criterion with its truth, in the order of the rule."""
        if isinstance(self.of, Criterion):
            yield self.of, self.truth
        for part in self.parts:
            yield from part.criteria()

    def grounds(self) -> Iterator[Criterion]:
        """The criteria that make it true; a part that is not true hides its own."""
        if self.truth is not TRUE:
            return
        if isinstance(self.of, Criterion):
            yield self.of
        elif self.of.join is not _NONE:
            for part in self.parts:
                yield from part.grounds()

    def open(self) -> Iterator[Criterion]:
        """The criteria that are unknown and on which the truth still hangs; a part that is settled hides its own."""
        if self.truth is not UNKNOWN:
            return
        if isinstance(self.of, Criterion):
            yield self.of
        for part in self.parts:
            yield from part.open()


_truth = attrgetter("truth")


def judge(group: Group, test: Callable[[Criterion], Truth]) -> Judgement:
    """Kleene's logic over a group, every part judged so that the trace is whole."""
    parts = []
    for part in group.parts:
        parts.append(judge(part, test) if isinstance(part, Group) else Judgement(part, test(part)))
    return Judgement(group, _joined_truth(group.join, list(map(_truth, parts))), tuple(parts))


def truth_of(part: Criterion | Group, findings: Mapping[str, Finding]) -> Truth:
    """What can be said of a criterion or group for one patient, where nobody asks why."""
    if isinstance(part, Group):
        return _joined_truth(part.join, [truth_of(inner, findings) for inner in part.parts])
    return part.holds(findings[part.finding.name])


def _joined_truth(join: Join, truths: Collection[Truth]) -> Truth:
    if join is _ALL:
        return all_true(truths)
    is_any = any_true(truths)
    return is_any if join is _ANY else ~is_any


def shared(group: Group, pool: dict[Criterion, Criterion]) -> Group:
    """The group with every criterion that equals one of the pool replaced by that one."""
    parts = tuple(pool.setdefault(p, p) if isinstance(p, Criterion) else shared(p, pool) for p in group.parts)
    return Group(group.join, parts)


def parse_group(table: Mapping[str, Any], vocabulary: Vocabulary, place: str) -> Group:
    """A group from its TOML table; raises DefinitionError naming the place."""
    groups = [
        _joined(join, table[join.value], vocabulary, f"{place}.{join.value}") for join in Join if join.value in table
    ]
    unknown = set(table) - {join.value for join in Join}
    if unknown or not groups:
        raise DefinitionError(f"{place}: expected all, any or none" + (f", not {min(unknown)}" if unknown else ""))
    return groups[0] if len(groups) == 1 else Group(Join.ALL, tuple(groups))


def _joined(join: Join, rows: object, vocabulary: Vocabulary, place: str) -> Group:
    if not isinstance(rows, list) or not rows:
        raise DefinitionError(f"{place}: expected a list of criteria")
    return Group(join, tuple(_part(row, vocabulary, f"{place}[{i}]") for i, row in enumerate(rows)))


def _part(row: object, vocabulary: Vocabulary, place: str) -> Criterion | Group:
    if not isinstance(row, dict):
        raise DefinitionError(f"{place}: expected a criterion")
    if "finding" not in row:
        return parse_group(row, vocabulary, place)
    try:
        definition = find(vocabulary, str(row["finding"]))
    except UnknownName as error:
        raise DefinitionError(f"{place}: {error}") from None
    names = [c for c in Comparator if c.value in row]
    extra = set(row) - {"finding", "unit", *(c.value for c in Comparator)}
    if len(names) != 1 or extra:
        raise DefinitionError(f"{place}: expected one comparator" + (f", not {min(extra)}" if extra else ""))
    if names[0] not in _ALLOWED[definition.kind]:
        allowed = ", ".join(c.value for c in _ALLOWED[definition.kind])
        raise DefinitionError(f"{place}: {definition.name} is of kind {definition.kind.value}: expected {allowed}")
    return _criterion(definition, names[0], row, place)


def _criterion(definition: Definition, comparator: Comparator, row: Mapping[str, Any], place: str) -> Criterion:
    given = row[comparator.value]
    if comparator in _BOUNDS:
        return Criterion(definition, comparator, bound=_bound(definition, comparator, row, place))
    if "unit" in row:
        raise DefinitionError(f"{place}: {comparator.value} takes no unit")
    if comparator is Comparator.RECORDED:
        if not isinstance(given, bool):
            raise DefinitionError(f"{place}: recorded is true or false")
        return Criterion(definition, comparator, recorded=given)
    if comparator is Comparator.CONTRADICTED:
        if given is not True:
            raise DefinitionError(f"{place}: contradicted is true or left out")
        return Criterion(definition, comparator)
    expected = str if comparator is Comparator.IS else list
    if not isinstance(given, expected):
        raise DefinitionError(
            f"{place}: {comparator.value} needs {'one value' if expected is str else 'a list of values'}"
        )
    values = (given,) if isinstance(given, str) else tuple(given)
    wrong = [value for value in values if value not in definition.values]
    if wrong or not values:
        raise DefinitionError(f"{place}: {definition.name} has no value {wrong[0] if wrong else '(none given)'!r}")
    return Criterion(definition, comparator, values=values)


def _is_contradicted(finding: Finding) -> Truth:
    if finding.state is not State.UNKNOWN:
        return FALSE
    return TRUE if finding.conflicts else UNKNOWN


def _bound(definition: Definition, comparator: Comparator, row: Mapping[str, Any], place: str) -> Decimal:
    given = row[comparator.value]
    if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given):
        raise DefinitionError(f"{place}: {comparator.value} needs a number")
    if row.get("unit") != definition.unit:
        raise DefinitionError(f"{place}: {definition.name} is in {definition.unit}, not {row.get('unit')}")
    return Decimal(str(given))
