"""What a site decides about rules: signed or not, on, silent or off, and another interval than the source's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import tomli
from msgspec import structs

from cards.criteria import Criterion, Group
from cards.knowledge_errors import RuleError
from cards.rules import Rule
from mappings.amounts import plain


class Mode(Enum):
    """On is shown, silent is decided and counted but not shown, off is not decided."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Signature:
    """A clinician's approval of one version of a rule."""

    rule: str
    name: str
    day: date
    hash: str


@dataclass(frozen=True, slots=True)
class Governance:
    """A site's decisions: modes of rules and services, intervals in months, signatures."""

    rules: Mapping[str, Mode]
    services: Mapping[str, Mode]
    months: Mapping[str, Decimal]
    signatures: Mapping[str, Signature]

    def mode_of(self, rule: Rule) -> Mode:
        """The mode of a rule; on where the site says nothing."""
        return self.rules.get(rule.id, Mode.ON)

    def signature_of(self, rule: Rule) -> Signature | None:
        """The approval of the rule as it stands; one of another version does not count."""
        signature = self.signatures.get(rule.id)
        return signature if signature is not None and signature.hash == rule.hash else None


def load_governance(paths: Iterable[Path], rules: Sequence[Rule]) -> Governance:
    """The decisions in a site's files; raises RuleError naming file and key."""
    known = {rule.id: rule for rule in rules}
    merged: dict[str, dict[str, Any]] = {"rules": {}, "services": {}, "months": {}, "signatures": {}}
    for path in paths:
        with path.open("rb") as file:
            tables = tomli.load(file)
        for name, table in tables.get("rules", {}).items():
            _read_rule(name, table, f"{path.name}: rules.{name}", known, merged)
        for name, table in tables.get("services", {}).items():
            merged["services"][name] = _mode(table, f"{path.name}: services.{name}")
        for number, table in enumerate(tables.get("signed", ())):
            signature = _signature(table, f"{path.name}: signed[{number}]", known)
            merged["signatures"][signature.rule] = signature
    return Governance(**merged)


def with_intervals(rules: Sequence[Rule], governance: Governance) -> tuple[Rule, ...]:
    """The rules with the site's intervals in place of the sources', in their criteria and in their words."""
    return tuple(_with_words(_with_months(rule, governance), governance) for rule in rules)


def _read_rule(
    name: str, table: Mapping[str, Any], place: str, known: Mapping[str, Rule], merged: dict[str, dict[str, Any]]
) -> None:
    if name not in known:
        raise RuleError(f"{place}: no rule called {name!r}")
    unknown = set(table) - {"mode", "months"}
    if unknown:
        raise RuleError(f"{place}: {min(unknown)}: expected mode or months")
    if "mode" in table:
        merged["rules"][name] = _mode(table, place)
    if "months" in table:
        months = table["months"]
        if isinstance(months, bool) or not isinstance(months, int) or months < 1:
            raise RuleError(f"{place}.months: expected a whole number of months above 0")
        if not any(c.finding.unit == "mo" for c in known[name].when.criteria()):
            raise RuleError(f"{place}.months: the rule has no interval")
        merged["months"][name] = Decimal(months)


def _mode(table: Mapping[str, Any], place: str) -> Mode:
    try:
        return Mode(table["mode"])
    except (KeyError, ValueError):
        raise RuleError(f"{place}.mode: expected on, silent or off") from None


def _signature(table: Mapping[str, Any], place: str, known: Mapping[str, Rule]) -> Signature:
    try:
        signature = Signature(table["rule"], table["name"], table["date"], table["hash"])
    except KeyError as missing:
        raise RuleError(f"{place}: {missing.args[0]} is missing") from None
    if signature.rule not in known:
        raise RuleError(f"{place}: no rule called {signature.rule!r}")
    if not isinstance(signature.day, date) or not str(signature.name).strip():
        raise RuleError(f"{place}: expected a date and a name")
    return signature


def _with_months(rule: Rule, governance: Governance) -> Rule:
    months = governance.months.get(rule.id)
    return replace(rule, when=_changed(rule.when, months)) if months is not None else rule


def _with_words(rule: Rule, governance: Governance) -> Rule:
    """The rule with its interval in place of `{months}`, and of `{interval}`, which also says whose it is."""
    bounds = [c.bound for c in rule.when.criteria() if c.finding.unit == "mo" and c.bound is not None]
    if not bounds:
        return rule
    whose = "site" if rule.id in governance.months else "source"
    words = {"{months}": plain(bounds[0]), "{interval}": f"{whose} interval {plain(bounds[0])} months"}
    title, recommend = rule.title, rule.recommend
    for placeholder, told in words.items():
        title, recommend = title.replace(placeholder, told), recommend.replace(placeholder, told)
    return replace(rule, title=title, recommend=recommend)


def _changed(group: Group, months: Decimal) -> Group:
    def change(part: Criterion | Group) -> Criterion | Group:
        if isinstance(part, Group):
            return _changed(part, months)
        return structs.replace(part, bound=months) if part.finding.unit == "mo" and part.bound is not None else part

    return Group(group.join, tuple(change(part) for part in group.parts))
