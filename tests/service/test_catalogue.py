"""The catalogue in docs is what the knowledge says today, and the command writes and checks it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from cards.knowledge import shipped_knowledge
from service.catalogue import DOCS, catalogue, stale, write
from service.cli import main
from service.pages.index import index_of

KNOWLEDGE = shipped_knowledge()


@cache
def pages() -> dict[str, str]:
    """Every page as it has to be."""
    return dict(catalogue(index_of(KNOWLEDGE)))


def test_catalogue_in_docs_is_fresh() -> None:
    assert stale(pages(), DOCS) == [], "run hoofbeats knowledge catalogue"


def test_catalogue_is_the_same_each_time() -> None:
    assert dict(catalogue(index_of(KNOWLEDGE))) == pages()


@pytest.mark.parametrize("family", sorted({rule.family for rule in KNOWLEDGE.rules}))
def test_every_rule_stands_on_the_page_of_its_family(family: str) -> None:
    text = pages()[f"catalogue/{family}.md"]

    lacking = [rule.id for rule in KNOWLEDGE.rules if rule.family == family and f'<a id="{rule.id}"></a>' not in text]
    assert lacking == []


def test_every_rule_is_in_the_contents() -> None:
    contents = pages()["catalogue/README.md"]

    assert [rule.id for rule in KNOWLEDGE.rules if f"({rule.family}.md#{rule.id})" not in contents] == []


def test_every_finding_is_listed() -> None:
    headings = [line.removeprefix("### ") for line in pages()["findings.md"].splitlines() if line.startswith("### ")]

    assert headings == list(KNOWLEDGE.vocabulary)


def test_rule_has_its_criteria_statements_and_cases() -> None:
    text = pages()["catalogue/duodenum.md"].partition("endoscopic-resection-of-small-duodenal-net")[2]

    assert "| and | [Tumour size](../findings.md#tumour_size) | at most 10 mm |" in text
    assert "- **DUO-TX-01** " in text
    assert "| Tumour size: 10.1 mm | the rule is silent |" in text


def test_tables_are_not_broken_by_what_stands_in_them() -> None:
    rows = [line for text in pages().values() for line in text.splitlines() if line.startswith("|")]

    assert [row for row in rows if row.replace("\\|", "").count("|") not in (3, 4)] == []


def test_changed_page_is_stale(tmp_path: Path) -> None:
    write(pages(), tmp_path)
    (tmp_path / "findings.md").write_text("# Findings")

    assert stale(pages(), tmp_path) == ["findings.md"]


def test_page_of_a_family_that_is_no_more_is_stale_and_removed(tmp_path: Path) -> None:
    write(pages(), tmp_path)
    (tmp_path / "catalogue" / "thymus.md").write_text("# Thymus")

    found = stale(pages(), tmp_path)
    write(pages(), tmp_path)

    assert found == ["catalogue/thymus.md"]
    assert stale(pages(), tmp_path) == []


def test_command_writes_what_it_then_finds_fresh(tmp_path: Path) -> None:
    written = CliRunner().invoke(main, ["knowledge", "catalogue", "--folder", str(tmp_path)])

    checked = CliRunner().invoke(main, ["knowledge", "catalogue", "--check", "--folder", str(tmp_path)])

    assert (written.exit_code, checked.exit_code) == (0, 0)


def test_command_names_what_is_stale_and_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["knowledge", "catalogue", "--check", "--folder", str(tmp_path)])

    assert result.exit_code == 1
    assert "findings.md is not as the knowledge has it: run hoofbeats knowledge catalogue" in result.output
