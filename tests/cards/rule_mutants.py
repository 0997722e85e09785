"""Mutants of a rule: each has one bound, value, comparator or join that is not what the source says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from msgspec import structs

from cards.criteria import Comparator, Criterion, Group, Join
from cards.rules import Rule

_STEP = Decimal("0.1")
_OTHER = {
    Comparator.AT_MOST: (Comparator.LESS_THAN, Comparator.AT_LEAST, Comparator.MORE_THAN),
    Comparator.LESS_THAN: (Comparator.AT_MOST, Comparator.AT_LEAST, Comparator.MORE_THAN),
    Comparator.AT_LEAST: (Comparator.MORE_THAN, Comparator.AT_MOST, Comparator.LESS_THAN),
    Comparator.MORE_THAN: (Comparator.AT_LEAST, Comparator.AT_MOST, Comparator.LESS_THAN),
    Comparator.INCLUDES: (Comparator.EXCLUDES,),
    Comparator.EXCLUDES: (Comparator.INCLUDES,),
    Comparator.IS: (Comparator.RECORDED,),
    Comparator.IN: (Comparator.RECORDED,),
    Comparator.RECORDED: (),
    Comparator.CONTRADICTED: (Comparator.RECORDED,),
}


_ORGANS = frozenset({"duodenum", "pancreas", "stomach", "jejunum-ileum", "appendix", "colon", "rectum"})
# What the sources mean by "NET", "gastroenteropancreatic NET" and "NET of the gut outside the pancreas"; cases for each
# organ would say the same in every rule.
SITE_LISTS = (_ORGANS | {"unknown-primary"}, _ORGANS, _ORGANS - {"pancreas"})
_LONG = 4


def has_ragged_sites(rule: Rule) -> bool:
    """Whether the rule names many primary sites, but none of the lists that the sources mean."""
    lists = [frozenset(c.values) for c in rule.criteria() if c.finding.name == "primary_site"]
    return any(len(sites) > _LONG and sites not in SITE_LISTS for sites in lists)


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Every mutant of a rule with what was changed in it."""
    for what, when in _mutated(rule.when):
        assert isinstance(when, Group)
        yield f"when: {what}", replace(rule, when=when)
    if rule.unless is not None:
        for what, unless in _mutated(rule.unless):
            assert isinstance(unless, Group)
            yield f"unless: {what}", replace(rule, unless=unless)


def _mutated(part: Criterion | Group) -> Iterator[tuple[str, Criterion | Group]]:
    if isinstance(part, Criterion):
        yield from _mutated_criterion(part)
        return
    for join in Join:
        if join is not part.join and (len(part.parts) > 1 or Join.NONE in (join, part.join)):
            yield f"{part.join.value} of {len(part.parts)} becomes {join.value}", Group(join, part.parts)
    for place, inner in enumerate(part.parts):
        for what, changed in _mutated(inner):
            yield what, Group(part.join, (*part.parts[:place], changed, *part.parts[place + 1 :]))


def _mutated_criterion(criterion: Criterion) -> Iterator[tuple[str, Criterion]]:
    for comparator in _OTHER[criterion.comparator]:
        yield f"'{criterion}' by {comparator.value}", structs.replace(criterion, comparator=comparator)
    if criterion.comparator is Comparator.RECORDED:
        yield f"'{criterion}' turned", structs.replace(criterion, recorded=not criterion.recorded)
    if criterion.bound is not None:
        for bound in (criterion.bound - _STEP, criterion.bound + _STEP):
            yield f"'{criterion}' at {bound}", structs.replace(criterion, bound=bound)
    for value in criterion.values:
        others = tuple(other for other in criterion.values if other != value)
        if others:
            yield f"'{criterion}' without {value}", structs.replace(criterion, values=others)
        foreign = next((v for v in criterion.finding.values if v not in criterion.values), None)
        if foreign is not None:
            yield f"'{criterion}' with {foreign} for {value}", structs.replace(criterion, values=(*others, foreign))
