"""Cases: stated findings and the outcome that a rule must come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.amounts import Amount
from mappings.errors import DefinitionError, UnknownName
from mappings.findings import Finding, absent, known, not_applicable, unknown
from mappings.quantities import from_text
from mappings.units import converted
from mappings.vocabulary import Definition, Kind, Vocabulary, find


@dataclass(frozen=True, slots=True)
class Case:
    """A patient by findings, and what the rule decides for that patient."""

    name: str
    findings: Mapping[str, Finding]
    expect: str


def parse_values(table: Mapping[str, Any], vocabulary: Vocabulary, place: str) -> dict[str, Finding]:
    """Findings as cases write them: a value such as `"10 mm"`, `"G1"` or `["liver"]`, or why there is none.

    `"not recorded"`, `"not applicable"`, `"contradictory"` and `"unknown"` are the states without a value.
    """
    findings = {}
    for name, written in table.items():
        try:
            definition = find(vocabulary, name)
        except UnknownName as error:
            raise DefinitionError(f"{place}: {error}") from None
        findings[name] = _parse(definition, written, f"{place}.{name}")
    return findings


def _parse(definition: Definition, written: object, place: str) -> Finding:
    if written == "unknown":
        return unknown(definition.name, "not stated")
    if written == "contradictory":
        return unknown(definition.name, "the record contradicts itself", (), ("stated as contradictory",))
    if written == "not recorded":
        return absent(definition.name)
    if written == "not applicable":
        return not_applicable(definition.name, "does not apply")
    match definition.kind, written:
        case Kind.AMOUNT, str():
            return known(definition.name, _amount(definition, written, place))
        case Kind.SET, list():
            members = [str(member) for member in written]
            wrong = [m for m in members if m not in definition.values]
            if not wrong:
                return known(definition.name, frozenset(members))
        case ((Kind.CATEGORY | Kind.STEP), str()) if written in definition.values:
            return known(definition.name, written)
    raise DefinitionError(f"{place}: {written!r} is no value of this {definition.kind.value}")


def _amount(definition: Definition, written: str, place: str) -> Amount:
    text = written if definition.unit != "1" else f"{written} %"
    amount = from_text(text)
    if amount is None:
        raise DefinitionError(f"{place}: {written!r} is no amount")
    if definition.unit == "1":
        return Amount(amount.low, amount.high, "1", amount.low_included, amount.high_included)
    in_unit = converted(amount, definition.unit)
    if in_unit is None:
        raise DefinitionError(f"{place}: {written!r} is not in {definition.unit}")
    return in_unit
