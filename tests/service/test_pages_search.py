"""Lists narrow down to what a reader asks for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from page_reading import page

from cards.knowledge import shipped_knowledge

KNOWLEDGE = shipped_knowledge()


def names(client: FlaskClient, address: str) -> set[str]:
    """The last parts of the addresses that a list links under its names."""
    items = [paragraph for paragraph in page(client, address).all("p") if paragraph.attributes.get("class") == "name"]
    return {link.attributes["href"].rpartition("/")[2] for item in items for link in item.all("a")}


def test_list_of_rules_holds_every_rule(client: FlaskClient) -> None:
    assert names(client, "/rules") == {rule.id for rule in KNOWLEDGE.rules}


def test_rules_are_found_by_family(client: FlaskClient) -> None:
    found = names(client, "/rules?family=unknown-primary")

    assert found == {rule.id for rule in KNOWLEDGE.rules if rule.family == "unknown-primary"}


def test_rules_are_found_by_kind_of_card(client: FlaskClient) -> None:
    found = names(client, "/rules?kind=safety")

    assert found == {rule.id for rule in KNOWLEDGE.rules if rule.card == "safety"}


def test_rules_are_found_by_statement(client: FlaskClient) -> None:
    assert names(client, "/rules?statement=duo-tx-01") == {"endoscopic-resection-of-small-duodenal-net"}


def test_rules_are_found_by_finding(client: FlaskClient) -> None:
    found = names(client, "/rules?finding=age")

    assert found == {r.id for r in KNOWLEDGE.rules if any(c.finding.name == "age" for c in r.criteria())}


def test_rules_are_found_by_all_words(client: FlaskClient) -> None:
    found = names(client, "/rules?q=Periampullary+endoscopic")

    assert "endoscopic-resection-at-periampullary-site" in found
    assert len(found) < 10


def test_statements_are_found_by_source_verdict_and_role(client: FlaskClient) -> None:
    found = names(client, "/statements?source=pancreatic-document&verdict=outdated&role=background")

    assert found == {
        statement.id
        for statement in KNOWLEDGE.statements.values()
        if (statement.source.id, statement.verdict, statement.role) == ("pancreatic-document", "outdated", "background")
    }


def test_statements_are_found_by_words(client: FlaskClient) -> None:
    assert "GI-TX-11" in names(client, "/statements?q=interferon")


def test_value_sets_are_found_by_code(client: FlaskClient) -> None:
    assert "neuroendocrine_neoplasm" in names(client, "/value-sets?q=255046005")


@pytest.mark.parametrize("address", ["/rules", "/statements", "/findings", "/value-sets"])
def test_nothing_found_is_said(client: FlaskClient, address: str) -> None:
    held = page(client, f"{address}?q=hippopotamus")

    status = next(p for p in held.all("p") if p.attributes.get("role") == "status")
    assert status.text.startswith("0 ")


@pytest.mark.parametrize("address", ["/rules", "/statements", "/findings", "/value-sets"])
def test_what_was_asked_is_shown_and_escaped(client: FlaskClient, address: str) -> None:
    answer = client.get(f'{address}?q="><script>alert(1)</script>')

    assert b"<script" not in answer.data
    assert page(client, f"{address}?q=<b>").all("input")[0].attributes["value"] == "<b>"
