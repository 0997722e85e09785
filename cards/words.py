"""Findings, criteria and statements in the words of a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cards.decide import Decision
from cards.markdown import safe
from cards.statements import Statement
from mappings.amounts import Amount
from mappings.findings import Finding, State
from mappings.vocabulary import Definition, Kind

_VALUES = {
    "G3-NET": "NET G3",
    "G3-unspecified": "G3, differentiation not stated",
    "jejunum-ileum": "jejunum or ileum",
    "unknown-primary": "unknown primary",
    "nonfunctioning": "non-functioning",
    "absent": "not found, no open order",
    "ordered": "on order",
}
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
_VERDICTS = {
    "agrees": "current guidance agrees",
    "outdated": "superseded by current guidance",
    "disputed": "current sources differ",
    "unverifiable": "no current source was found",
    "extension": "added by specialists; no source document says it",
}


def value_in_words(finding: Finding) -> str:
    """The value of a finding as a clinician would read it."""
    match finding.state, finding.value:
        case State.KNOWN, Amount() as amount:
            return str(amount)
        case State.KNOWN, frozenset() as members:
            return ", ".join(sorted(members)) or "none"
        case State.KNOWN, value:
            return _VALUES.get(str(value), str(value))
        case State.ABSENT, _:
            return "not recorded"
        case _:
            return finding.reason or "unknown"


def tumour_in_words(findings: Mapping[str, Finding]) -> str:
    """`Duodenal NET G1 8 mm`, as far as it is known."""
    site, grade, size = (findings[name] for name in ("primary_site", "grade", "tumour_size"))
    noun = "NEC" if grade.value == "NEC" else "NET"
    named = _SITES.get(str(site.value), "Neuroendocrine neoplasm").format(noun)
    details = [_GRADES.get(str(grade.value), ""), value_in_words(size) if size.is_known else ""]
    return " ".join([named, *filter(None, details)])


def facts_table(definitions: Iterable[Definition], findings: Mapping[str, Finding]) -> list[str]:
    """A table of the facts that a card rests on, each with its date and the resources that say so."""
    rows = ["| Fact | Value | Date | From |", "|---|---|---|---|"]
    for definition in definitions:
        finding = findings[definition.name]
        if not finding.is_known or (definition.kind is Kind.STEP and finding.value == "absent"):
            continue
        resources = ", ".join(dict.fromkeys(safe(e.resource) for e in finding.evidence[:3]))
        more = f" and {len(finding.evidence) - 3} more" if len(finding.evidence) > 3 else ""
        by_text = " (by its text)" if any(e.by_text for e in finding.evidence) else ""
        value = safe(value_in_words(finding))
        rows.append(
            f"| {definition.label} | {value} | {safe(str(finding.date or '–'))} | {resources or '–'}{more}{by_text} |"
        )
    return rows if len(rows) > 2 else []


def because(decision: Decision, findings: Mapping[str, Finding]) -> str:
    """The facts that made the rule speak, without those that every card shares."""
    shown = []
    for judgement in decision.when.criteria():
        definition = judgement.of.finding  # type: ignore[union-attr]
        finding = findings[definition.name]
        if definition.name in ("diagnosis_status", "primary_site") or not finding.is_known:
            continue
        shown.append(f"{definition.label}: {safe(value_in_words(finding))}")
    return "; ".join(dict.fromkeys(shown))


def citation(statement: Statement) -> str:
    """Statement, source, place, strength, and how current guidance sees it."""
    verdict = _VERDICTS[statement.verdict]
    guidance = f": {statement.guidance}" if statement.guidance else ""
    if statement.is_extension:
        return f"**{statement.id}** {statement.text} ({verdict}{guidance})"
    place = f"{statement.source.title}, {statement.locator}; strength: {statement.strength}"
    return f"**{statement.id}** {statement.text} ({place}; {verdict}{guidance})"
