"""UCUM: what a unit measures and how much of it, by the definitions of the Unified Code for Units of Measure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

_FACTOR = re.compile(r"[1-9]\d*", re.ASCII)
# More than two digits would keep the machine busy, and no unit has them.
_EXPONENT = re.compile(r"[-+]?[1-9]\d?(?!\d)", re.ASCII)
_ANNOTATION = re.compile(r"\{[!-z|~]*\}")


class NotUcum(Exception):
    """What is written is no UCUM code."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount of what the dimensions say, each the code of a base unit with its power, in the order of codes."""

    amount: Fraction
    dimensions: tuple[tuple[str, int], ...] = ()

    def times(self, other: Measure, power: int = 1) -> Measure:
        """The product with a power of the other."""
        powers = dict(self.dimensions)
        for base, exponent in other.dimensions:
            powers[base] = powers.get(base, 0) + exponent * power
        left = tuple(sorted((base, exponent) for base, exponent in powers.items() if exponent))
        return Measure(self.amount * other.amount**power, left)


_ONE = Measure(Fraction(1))


@lru_cache(maxsize=256)
def measure(code: str) -> Measure:
    """What one of a unit measures; raises NotUcum."""
    reading = _Reading(code)
    found = reading.main_term()
    if reading.rest:
        raise NotUcum(code)
    return found


class _Reading:
    """A code with the place that was read up to, by the grammar of UCUM 2.2, section 'Syntax Rules'."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._at = 0

    @property
    def rest(self) -> str:
        return self._code[self._at :]

    def main_term(self) -> Measure:
        return _ONE.times(self._term(), -1) if self._took("/") else self._term()

    def _term(self) -> Measure:
        found = self._component()
        while True:
            if self._took("."):
                found = found.times(self._component())
            elif self._took("/"):
                found = found.times(self._component(), -1)
            else:
                return found

    def _component(self) -> Measure:
        found = self._annotatable()
        self._match(_ANNOTATION)
        return found

    def _annotatable(self) -> Measure:
        if self._match(_ANNOTATION):
            return _ONE
        if self._took("("):
            found = self.main_term()
            if not self._took(")"):
                raise NotUcum(self._code)
            return found
        if unit := self._match(_table().units):
            exponent = self._match(_EXPONENT)
            return _ONE.times(_unit(unit), int(exponent.group()) if exponent else 1)
        if factor := self._match(_FACTOR):
            return Measure(Fraction(factor.group()))
        raise NotUcum(self._code)

    def _took(self, sign: str) -> bool:
        taken = self._code.startswith(sign, self._at)
        self._at += taken
        return taken

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._code, self._at)
        if found:
            self._at = found.end()
        return found


def _unit(found: re.Match[str]) -> Measure:
    prefix, metric, plain = found.group("prefix", "metric", "plain")
    atom = _atom(metric or plain)
    return Measure(atom.amount * _table().prefixes[prefix], atom.dimensions) if prefix else atom


@cache
def _atom(code: str) -> Measure:
    definition = _table().definitions[code]
    if not definition:
        return Measure(Fraction(1), ((code, 1),))
    amount, _, unit = definition.partition(" ")
    return Measure(Fraction(amount)).times(measure(unit))


@dataclass(frozen=True, slots=True)
class _Table:
    """The definitions by code, and a pattern of every unit that stands alone or before exponent, sign or annotation."""

    prefixes: Mapping[str, Fraction]
    definitions: Mapping[str, str]
    units: re.Pattern[str]


@cache
def _table() -> _Table:
    with (Path(__file__).parent / "ucum.toml").open("rb") as file:
        table = tomllib.load(file)
    prefixes, metric, plain = table["prefixes"], table["metric"], table["plain"]
    units = f"(?:(?P<plain>{_any(plain)})|(?P<prefix>{_any(prefixes)})??(?P<metric>{_any(metric)}))(?=[-+\\d./){{]|$)"
    amounts = {code: Fraction(value) for code, value in prefixes.items()}
    return _Table(amounts, {**metric, **plain}, re.compile(units, re.ASCII))


def _any(codes: Iterable[str]) -> str:
    return "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
