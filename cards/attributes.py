"""The 13 source attributes that regulation asks of evidence-based decision support, derived for each rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cards.rules import Rule
from cards.statements import Source, Statement
from mappings.errors import DefinitionError
from mappings.tables import read_tables
from mappings.vocabulary import Vocabulary

_FILE = Path(__file__).parent / "attributes.toml"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of one rule: what holds, in one or more lines, and the findings because of which it is used."""

    key: str
    name: str
    lines: tuple[str, ...]
    findings: tuple[str, ...] = ()


def attributes_of(rule: Rule, sources: Mapping[str, Source], vocabulary: Vocabulary) -> tuple[Attribute, ...]:
    """The 13 attributes of a rule, in the order of the regulation."""
    return tuple(_attribute(key, table, rule, sources, vocabulary) for key, table in _tables().items())


def check_attributes(vocabulary: Vocabulary) -> None:
    """Raises DefinitionError where an attribute says nothing, or names a finding that is none."""
    for key, table in _tables().items():
        if key != "citation" and not {"value", "findings"} & set(table):
            raise DefinitionError(f"cards/attributes.toml: {key}: expected a value or findings")
        for name in table.get("findings", ()):
            if name not in vocabulary:
                raise DefinitionError(f"cards/attributes.toml: {key}: findings: no finding called {name!r}")


def as_data(rule: Rule, attributes: Iterable[Attribute]) -> dict[str, Any]:
    """The attributes of a rule as JSON."""
    return {"rule": rule.id, "title": rule.title, "attributes": [_data(attribute) for attribute in attributes]}


def _attribute(
    key: str, table: Mapping[str, Any], rule: Rule, sources: Mapping[str, Source], vocabulary: Vocabulary
) -> Attribute:
    name = table["name"]
    match key:
        case "citation":
            return Attribute(key, name, (*_citations(rule), *_checked_against(rule, sources)))
        case "dates":
            return Attribute(key, name, (*_dates(rule), table["value"]))
        case _ if "findings" in table:
            return _use(key, name, table["findings"], rule, vocabulary)
        case _:
            return Attribute(key, name, (table["value"],))


def _use(key: str, name: str, findings: Iterable[str], rule: Rule, vocabulary: Vocabulary) -> Attribute:
    read = {criterion.finding.name for criterion in rule.criteria()}
    used = tuple(finding for finding in findings if finding in read)
    told = f"Used: {', '.join(vocabulary[finding].label for finding in used)}" if used else "Not used"
    return Attribute(key, name, (told,), used)


def _citations(rule: Rule) -> list[str]:
    by_source: dict[str, list[Statement]] = {}
    for statement in rule.statements:
        by_source.setdefault(str(statement.source), []).append(statement)
    return [f"{source}: {'; '.join(f'{s.id}, {s.locator}' for s in held)}" for source, held in by_source.items()]


def _checked_against(rule: Rule, sources: Mapping[str, Source]) -> list[str]:
    names = dict.fromkeys(name for statement in rule.statements for name in statement.references)
    return [_reference(sources[name]) for name in names]


def _reference(source: Source) -> str:
    return f"Checked against: {source.title}, {source.url}" if source.url else source.title


def _dates(rule: Rule) -> list[str]:
    sources = dict.fromkeys(statement.source for statement in rule.statements)
    return [f"Source: {s.title}, {f'updated {s.updated}' if s.updated else 'undated'}" for s in sources]


def _data(attribute: Attribute) -> dict[str, Any]:
    data: dict[str, Any] = {"key": attribute.key, "name": attribute.name, "value": list(attribute.lines)}
    return {**data, "findings": list(attribute.findings)} if attribute.findings else data


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    return read_tables(_FILE, {"name": str}, {"findings": list, "value": str})
