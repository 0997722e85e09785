"""The statements of the sources are all here, whole, and each that fires on an order is behind an order guard."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from stated import KNOWLEDGE, VOCABULARY

from cards.statements import Statement, check_conflicts, check_findings, parse_statement
from mappings.errors import DefinitionError

_STATEMENTS = list(KNOWLEDGE.statements.values())
_ON_ORDERING = [s for s in _STATEMENTS if s.role == "recommendation" and "order-select" in s.hooks]
_BEHIND_RULES = {statement.id for rule in KNOWLEDGE.rules for statement in rule.statements}
_BEHIND_GUARDS = {s.id for rule in KNOWLEDGE.rules if rule.card == "order-guard" for s in rule.statements}
_BEHIND_FINDINGS = {name for definition in VOCABULARY.values() for name in definition.statements}


def name_of(statement: Statement) -> str:
    return statement.id


def test_every_statement_of_the_five_documents_and_every_extension_is_here() -> None:
    prefixes = Counter(statement.id.partition("-")[0] for statement in _STATEMENTS)

    assert prefixes == {"DUO": 69, "GEN": 73, "PNET": 51, "GI": 31, "UNK": 32, "EXT": 23}


@pytest.mark.parametrize("statement", _ON_ORDERING, ids=name_of)
def test_statement_that_fires_when_an_order_is_picked_is_behind_an_order_guard(statement: Statement) -> None:
    assert statement.id in _BEHIND_GUARDS


@pytest.mark.parametrize("statement", [s for s in _STATEMENTS if s.role == "background"], ids=name_of)
def test_background_fires_no_rule_and_names_no_hook(statement: Statement) -> None:
    assert statement.id not in _BEHIND_RULES
    assert statement.hooks == ()


@pytest.mark.parametrize("statement", _STATEMENTS, ids=name_of)
def test_statement_says_what_it_is_from_where_and_how_strong(statement: Statement) -> None:
    assert all((statement.text, statement.locator, statement.strength, statement.references))


@pytest.mark.parametrize("statement", _STATEMENTS, ids=name_of)
def test_statement_belongs_to_the_document_of_its_prefix(statement: Statement) -> None:
    documents = {
        "DUO": "duodenal-document",
        "GEN": "general-document",
        "PNET": "pancreatic-document",
        "GI": "gastrointestinal-document",
        "UNK": "unknown-primary-document",
        "EXT": "extension",
    }

    assert statement.source.id == documents[statement.id.partition("-")[0]]


@pytest.mark.parametrize("statement", _STATEMENTS, ids=name_of)
def test_statement_and_its_conflicts_name_each_other(statement: Statement) -> None:
    naming = {c.id for c in KNOWLEDGE.conflicts.values() if statement.id in c.statements}

    assert naming == set(statement.conflicts)


def test_every_conflict_is_here() -> None:
    assert len(KNOWLEDGE.conflicts) == 33


@pytest.mark.parametrize("conflict", KNOWLEDGE.conflicts.values(), ids=lambda conflict: conflict.id)
def test_conflict_says_how_a_card_presents_it(conflict: Any) -> None:
    assert conflict.topic
    assert conflict.presentation


def test_only_extensions_have_the_verdict_that_no_document_says_it() -> None:
    assert {s.id.partition("-")[0] for s in _STATEMENTS if s.is_extension} == {"EXT"}


_RIGHT = {
    "statement": "Endoscopy shows the tumour.",
    "kind": "work-up",
    "source": "duodenal-document",
    "locator": "line 1",
    "strength": "none given",
    "verdict": "agrees",
    "role": "recommendation",
}


@pytest.mark.parametrize(
    ("references", "checked"),
    [
        (["S01"], True),
        (["not-looked-up", "S01"], True),
        (["not-looked-up"], False),
        (["source-only"], False),
        ([], False),
    ],
)
def test_statement_was_checked_where_one_of_its_references_can_be_looked_up(
    references: list[str], checked: bool
) -> None:
    statement = parse_statement("DUO-WU-99", {**_RIGHT, "references": references}, KNOWLEDGE.sources, "duodenum.toml")

    assert statement.was_checked is checked


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strength": None}, "strength is missing"),
        ({"source": "duodenum"}, "source: no source called 'duodenum'"),
        ({"gudiance": "Guidance agrees."}, "unknown key gudiance"),
        ({"references": "S01"}, "references: expected a list"),
        (
            {"verdict": "right"},
            "verdict: expected agrees, outdated, disputed, unverifiable, extension, not 'right'",
        ),
        ({"role": "rule"}, "role: expected recommendation, finding, background, not 'rule'"),
        ({"references": ["S01", "S999"]}, "references: no source called 'S999'"),
    ],
)
def test_wrong_statement_is_refused_with_file_and_key(changes: dict[str, Any], message: str) -> None:
    table = {key: value for key, value in {**_RIGHT, **changes}.items() if value is not None}

    with pytest.raises(DefinitionError) as error:
        parse_statement("DUO-WU-99", table, KNOWLEDGE.sources, "duodenum.toml")

    assert str(error.value) == f"duodenum.toml: DUO-WU-99: {message}"


def test_statement_that_names_an_unknown_conflict_is_refused() -> None:
    statement = parse_statement("DUO-WU-99", {**_RIGHT, "conflicts": ["C99"]}, KNOWLEDGE.sources, "duodenum.toml")

    with pytest.raises(DefinitionError, match="DUO-WU-99: conflicts: no conflict called 'C99'"):
        check_conflicts(KNOWLEDGE.conflicts, {**KNOWLEDGE.statements, "DUO-WU-99": statement})


def test_finding_that_names_an_unknown_statement_is_refused() -> None:
    definition = replace(VOCABULARY["grade"], statements=("DUO-GR-99",))

    with pytest.raises(
        DefinitionError, match=rf"vocabulary/{definition.area}.toml: grade: statements: no .* 'DUO-GR-99'"
    ):
        check_findings({**VOCABULARY, "grade": definition}, KNOWLEDGE.statements)


def test_conflict_that_names_an_unknown_statement_is_refused() -> None:
    others = {name: s for name, s in KNOWLEDGE.statements.items() if name != "DUO-GR-01"}

    with pytest.raises(DefinitionError, match=r"conflicts.toml: C01: statements: no statement called 'DUO-GR-01'"):
        check_conflicts(KNOWLEDGE.conflicts, others)


def test_sources_of_statements_have_a_place_among_each_other() -> None:
    places = {statement.source.id: statement.source.precedence for statement in _STATEMENTS}

    assert places == {
        "extension": 0,
        "duodenal-document": 1,
        "pancreatic-document": 1,
        "unknown-primary-document": 1,
        "general-document": 2,
        "gastrointestinal-document": 3,
    }
