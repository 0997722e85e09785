"""Findings, criteria, rules and knowledge as tests state them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from cards.cases import parse_values
from cards.context import CardContext
from cards.criteria import Criterion, parse_group
from cards.decide import Decision, decide, decide_all
from cards.knowledge import Knowledge, shipped_knowledge
from cards.recommend import Recommendation, recommend
from cards.render import render
from cards.rules import Rule, load_rule
from mappings.dates import read_date
from mappings.drafts import Draft
from mappings.findings import Evidence, Finding, Findings, given, unknown
from mappings.vocabulary import Kind

KNOWLEDGE = shipped_knowledge()
VOCABULARY = KNOWLEDGE.vocabulary
RULES = {rule.id: rule for rule in KNOWLEDGE.rules}
KINDS = ("safety", "grade-check", "work-up", "management", "surveillance")
CONTEXT = CardContext("net-patient-view", "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "p1", ())

# The smallest rule that loads; tests replace one thing in it.
SMALL_RULE = """
title = "Endoscopic resection"
card = "management"
topic = "endoscopic"
indicator = "info"
statements = ["DUO-TX-01"]
recommend = "Endoscopic resection is an option."
status = "draft"

[when]
all = [{ finding = "tumour_size", at_most = 10, unit = "mm" }]

[typical]
tumour_size = "10 mm"

[cases]
"beside" = { tumour_size = "10.1 mm", expect = "silent" }
"unknown" = { tumour_size = "unknown", expect = "undetermined" }
"""


def findings(**values: object) -> Findings:
    """Findings as they are, or written as rule cases write them; every other one is unknown."""
    written = {name: value for name, value in values.items() if not isinstance(value, Finding)}
    held = {name: value for name, value in values.items() if isinstance(value, Finding)}
    return given({**held, **parse_values(written, VOCABULARY, "test")})


def pancreatic_net() -> Findings:
    """A pancreatic NET of 15 mm, as far as the record goes."""
    held = findings(
        diagnosis_status="active",
        primary_site="pancreas",
        tumour_size="15 mm",
        grade="G1",
        differentiation="well",
        tumour_function="nonfunctioning",
        distant_metastasis="M0",
        primary_in_situ="yes",
        symptoms_or_malignant_features="no",
        sstr_imaging="absent",
        histopathology="absent",
        family_history="absent",
        chromogranin_a_test="absent",
    )
    size = structs.replace(
        held["tumour_size"],
        date=read_date("2026-03-04"),
        evidence=(Evidence("Observation/size", "valueQuantity", read_date("2026-03-04"), "15 mm"),),
    )
    diagnosis = structs.replace(
        held["diagnosis_status"], evidence=(Evidence("Condition/net", "code", read_date("2026-01")),)
    )
    nodes = unknown(
        "nodal_status", "the record contradicts itself", conflicts=("Observation/n1: N0", "Observation/n2: N1")
    )
    return given({**held, "tumour_size": size, "diagnosis_status": diagnosis, "nodal_status": nodes})


def longest() -> Findings:
    """Active disease, every step absent, every fact not recorded, and the longest tumour that words can make."""
    steps = {name: "absent" for name, d in VOCABULARY.items() if d.kind is Kind.STEP}
    facts = {name: "not recorded" for name, d in VOCABULARY.items() if d.kind is not Kind.STEP}
    tumour = {
        "diagnosis_status": "active",
        "primary_site": "unknown-primary",
        "grade": "G3-NET",
        "tumour_size": "123.456789-987.654321 mm",
    }
    return findings(**{**steps, **facts, **tumour})


def criterion(**row: object) -> Criterion:
    """One criterion written as a rule writes it."""
    part = parse_group({"all": [row]}, VOCABULARY, "test").parts[0]
    assert isinstance(part, Criterion)
    return part


def parse_when(when: Mapping[str, Any]) -> object:
    """The criteria of a rule named endoscopic-resection."""
    return parse_group(when, VOCABULARY, "endoscopic-resection: when")


def rule(
    id: str = "rule",
    *,
    when: Mapping[str, Any] | None = None,
    unless: Mapping[str, Any] | None = None,
    statements: tuple[str, ...] = ("DUO-TX-01",),
    **changes: Any,
) -> Rule:
    """A rule in memory that speaks of active disease unless told otherwise."""
    held = {
        "family": "test",
        "title": f"Title of {id}",
        "card": "management",
        "topic": "topic",
        "indicator": "info",
        "recommend": f"Advice of {id}.",
        "status": "draft",
        "items": (),
        "group": changes.get("card", "management"),
        "draft": "",
        "replacement": "",
        "typical": {},
        "cases": (),
        **changes,
    }
    criteria = when or {"all": [{"finding": "diagnosis_status", "is": "active"}]}
    return Rule(
        id=id,
        statements=tuple(KNOWLEDGE.statements[name] for name in statements),
        when=parse_group(criteria, VOCABULARY, f"{id}: when"),
        unless=parse_group(unless, VOCABULARY, f"{id}: unless") if unless else None,
        **held,
    )


def rule_from(folder: Path, text: str, name: str = "endoscopic-resection") -> Rule:
    """A rule loaded from a file with this text."""
    path = folder / f"{name}.toml"
    path.write_text(text)
    return load_rule(path, VOCABULARY, KNOWLEDGE.statements, KNOWLEDGE.items)


def overlay(folder: Path, text: str) -> Path:
    """The file of a site with this text."""
    path = folder / "site.toml"
    path.write_text(text)
    return path


def never_fails(name: str, error: Exception) -> None:
    """A failure sink for tests in which no rule may fail."""
    raise AssertionError(name) from error


def decisions(*rules: Rule, **values: object) -> list[Decision]:
    """The decisions of some rules on stated findings."""
    held = findings(**{"diagnosis_status": "active", **values})
    return [decide(one, held) for one in rules]


def advice(*rules: Rule, **values: object) -> tuple[Recommendation, ...]:
    """What some rules recommend on stated findings."""
    held = findings(**{"diagnosis_status": "active", **values})
    return recommend([decide(one, held) for one in rules], held, KNOWLEDGE)


def shipped_advice(**values: object) -> dict[str, Recommendation]:
    """What all shipped rules recommend on stated findings, by kind of card."""
    held = findings(**values)
    return {r.kind: r for r in recommend(decide_all(KNOWLEDGE.rules, held, never_fails), held, KNOWLEDGE)}


def cards_of(
    held: Findings,
    *rules: Rule,
    context: CardContext = CONTEXT,
    knowledge: Knowledge = KNOWLEDGE,
    drafts: Sequence[Draft] = (),
) -> list[dict[str, Any]]:
    """The cards that some rules make of some findings and drafts."""
    recommendations = recommend(decide_all(rules or knowledge.rules, held, never_fails), held, knowledge, drafts)
    return render(recommendations, held, knowledge, context)


def stated_by(rule: Rule, **changes: object) -> dict[str, object]:
    """The typical patient of a rule, with changes; findings that are parsed already are passed on."""
    return {**rule.typical, **changes}


def speaking(**values: object) -> set[str]:
    """The ids of the shipped rules that recommend on stated findings."""
    held = findings(**values)
    return {d.rule.id for d in decide_all(KNOWLEDGE.rules, held, never_fails) if d.outcome.value == "recommend"}
