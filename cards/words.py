"""Findings and statements in the words of a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from cards.decide import Decision
from cards.markdown import safe
from cards.statements import Source, Statement
from mappings.amounts import Amount
from mappings.findings import Finding, State
from mappings.truth import Truth
from mappings.vocabulary import Definition, Kind, in_a_sentence

_UNITS = {"a": "years", "mo": "months", "mm/a": "mm per year", "/(2.mm2)": "per 2 mm²", "1": ""}
_SITES = {
    "duodenum": "Duodenal {}",
    "pancreas": "Pancreatic {}",
    "stomach": "Gastric {}",
    "jejunum-ileum": "Small-bowel {}",
    "appendix": "Appendiceal {}",
    "colon": "Colonic {}",
    "rectum": "Rectal {}",
    "unknown-primary": "{} of unknown primary",
}
_GRADES = {"G1": "G1", "G2": "G2", "G3-NET": "G3"}
VERDICTS = {
    "agrees": "current guidance agrees",
    "outdated": "superseded by current guidance",
    "disputed": "current sources differ",
    "unverifiable": "no current source was found",
    "extension": "added by specialists; no source document says it",
}
_NOT_CHECKED = {
    "agrees": "commonly held, not checked against current guidance",
    "outdated": "held to be superseded, not checked against current guidance",
    "disputed": "held to be disputed, not checked against current guidance",
    "extension": "added by specialists from what is commonly held; no source was looked up",
}


def value_in_words(finding: Finding, definition: Definition) -> str:
    """The value of a finding as a clinician would read it, such as `6.1 months`, or why there is none."""
    match finding.value:
        case str() as value:
            return definition.in_words(value)
        case Amount() as amount:
            return f"{replace(amount, unit='1')} {unit_in_words(definition)}".rstrip()
        case frozenset() as members:
            return ", ".join(definition.in_words(m) for m in sorted(members)) or "none"
    if finding.state is State.UNKNOWN and finding.among:
        return " and ".join(definition.in_words(value) for value in sorted(finding.among))
    return "not recorded" if finding.state is State.ABSENT else finding.reason or "unknown"


def unit_in_words(definition: Definition) -> str:
    """The unit of a finding as people say it."""
    return _UNITS.get(definition.unit, definition.unit)


def capitalised(text: str) -> str:
    """A text as it begins a sentence."""
    return text[:1].upper() + text[1:]


def tumour_in_words(findings: Mapping[str, Finding]) -> str:
    """`Duodenal NET G1 8 mm`, as far as it is known."""
    site, grade, size = (findings[name] for name in ("primary_site", "grade", "tumour_size"))
    noun = "NEC" if grade.value == "NEC" else "NET"
    named = _SITES.get(str(site.value), "Neuroendocrine neoplasm").format(noun)
    details = [_GRADES.get(str(grade.value), ""), str(size.value) if size.is_known else ""]
    return " ".join([named, *filter(None, details)])


def facts_table(definitions: Iterable[Definition], findings: Mapping[str, Finding]) -> list[str]:
    """A table of the facts that a card rests on, each with its date and the resources that say so."""
    rows = ["| Fact | Value | Date | From |", "|---|---|---|---|"]
    for definition in definitions:
        finding = findings[definition.name]
        if not finding.is_known or (definition.kind is Kind.STEP and finding.value == "absent"):
            continue
        value = safe(value_in_words(finding, definition))
        rows.append(
            f"| {definition.label} | {value} | {safe(str(finding.date or '–'))} | {_proof(finding, definition)} |"
        )
    return rows if len(rows) > 2 else []


def _proof(finding: Finding, definition: Definition) -> str:
    """The resources that say so; where none does, what it follows from."""
    if not finding.evidence:
        return "complete search" if definition.needs else "setting of this site"
    resources = ", ".join(dict.fromkeys(safe(e.resource) for e in finding.evidence[:3]))
    more = f" and {len(finding.evidence) - 3} more" if len(finding.evidence) > 3 else ""
    return resources + more + (" (by its text)" if any(e.by_text for e in finding.evidence) else "")


def because(decision: Decision, findings: Mapping[str, Finding]) -> str:
    """The facts that made the rule speak, without those that every card shares."""
    shown = []
    for criterion, truth in decision.when.criteria():
        definition = criterion.finding
        finding = findings[definition.name]
        if definition.name in ("diagnosis_status", "primary_site"):
            continue
        if finding.is_known:
            shown.append(f"{in_a_sentence(definition.label)}: {safe(value_in_words(finding, definition))}")
        elif finding.conflicts and truth is Truth.TRUE:
            shown.append(f"{in_a_sentence(definition.label)}: contradictory or unreadable")
    return "; ".join(dict.fromkeys(shown))


def citations(statements: Iterable[Statement]) -> list[str]:
    """Statements under the source that says them, each with place, strength, and how current guidance sees it."""
    by_source: dict[str, list[Statement]] = {}
    for statement in statements:
        by_source.setdefault(statement.source.id, []).append(statement)
    return [line for held in by_source.values() for line in _cited(held[0].source, held)]


def verdict_in_words(statement: Statement) -> str:
    """How current guidance sees a statement, and whether anybody looked it up."""
    words = VERDICTS[statement.verdict]
    return words if statement.was_checked else _NOT_CHECKED.get(statement.verdict, words)


def _cited(source: Source, statements: Sequence[Statement]) -> list[str]:
    return [f"{source}:", "", *(f"- {_citation(statement)}" for statement in statements), ""]


def _citation(statement: Statement) -> str:
    if statement.is_extension:
        unsourced = "" if statement.was_checked else f"({verdict_in_words(statement)})"
        return " ".join(filter(None, (f"**{statement.id}**", statement.text, statement.guidance, unsourced)))
    guidance = f": {statement.guidance}" if statement.guidance else ""
    place = f"{statement.locator}; strength: {statement.strength}"
    return f"**{statement.id}** {statement.text} ({place}; {verdict_in_words(statement)}{guidance})"
