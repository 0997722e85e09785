"""What a site decides about rules: signed or not, on, silent or off, and another interval than the source's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import structs

from cards.criteria import Criterion, Group
from cards.rules import Rule
from cards.site import SiteFile
from mappings.amounts import plain
from mappings.errors import DefinitionError


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
    """A site's decisions in its file: modes of rules and services, intervals in months, signatures."""

    rules: Mapping[str, Mode]
    services: Mapping[str, Mode]
    months: Mapping[str, Decimal]
    signatures: Mapping[str, Signature]
    file: str = ""

    def mode_of(self, rule: Rule) -> Mode:
        """The mode of a rule; on where the site says nothing."""
        return self.rules.get(rule.id, Mode.ON)

    def signature_of(self, rule: Rule) -> Signature | None:
        """The approval of the rule as it stands; one of another version does not count."""
        signature = self.signatures.get(rule.id)
        return signature if signature is not None and signature.hash == rule.hash else None


def load_governance(site: SiteFile, rules: Sequence[Rule]) -> Governance:
    """The decisions in a site's file; raises DefinitionError naming file and key."""
    known = {rule.id: rule for rule in rules}
    named = [(f"rules.{name}", name) for name in site.rules]
    named += [(f"signed[{number}]", table["rule"]) for number, table in enumerate(site.signed)]
    for key, name in named:
        if name not in known:
            raise DefinitionError(f"{site.name}: {key}: no rule called {name!r}")
    return Governance(
        {name: _mode(table, f"{site.name}: rules.{name}") for name, table in site.rules.items() if "mode" in table},
        {name: _mode(table, f"{site.name}: services.{name}") for name, table in site.services.items()},
        {
            name: _months(table["months"], f"{site.name}: rules.{name}.months", known[name])
            for name, table in site.rules.items()
            if "months" in table
        },
        {table["rule"]: _signature(table, site.name) for table in site.signed},
        site.name,
    )


def with_intervals(rules: Sequence[Rule], governance: Governance) -> tuple[Rule, ...]:
    """The rules with the site's intervals in place of the sources', in their criteria and in their words."""
    return tuple(_with_words(_with_months(rule, governance), governance) for rule in rules)


def _mode(table: Mapping[str, Any], place: str) -> Mode:
    try:
        return Mode(table["mode"])
    except (KeyError, ValueError):
        raise DefinitionError(f"{place}.mode: expected on, silent or off") from None


def _months(months: int, place: str, rule: Rule) -> Decimal:
    if months < 1:
        raise DefinitionError(f"{place}: expected a whole number of months above 0")
    if not any(criterion.finding.unit == "mo" for criterion in rule.when.criteria()):
        raise DefinitionError(f"{place}: the rule has no interval")
    return Decimal(months)


def _signature(table: Mapping[str, Any], file: str) -> Signature:
    if not table["name"].strip():
        raise DefinitionError(f"{file}: signed: {table['rule']}: expected a name")
    return Signature(table["rule"], table["name"], table["date"], table["hash"])


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
