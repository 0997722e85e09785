"""A card is CDS Hooks JSON that carries its own proof as data."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from json_reading import empties
from stated import CONTEXT, KINDS, KNOWLEDGE, cards_of, findings, longest, pancreatic_net, rule

from cards.knowledge import CardKind
from cards.rules import Rule
from mappings.findings import Findings, given


def only(rule_of_a_kind: Rule, held: Findings) -> dict[str, Any]:
    """The card of one rule that speaks of anything active."""
    [card] = cards_of(held, replace(rule_of_a_kind, when=rule().when, unless=None))
    return card


def test_source_is_the_most_specific_document_of_the_first_statement(cards: dict[str, dict[str, Any]]) -> None:
    assert cards["management"]["source"]["label"].startswith("Management of pancreatic neuroendocrine tumours (")


@pytest.mark.parametrize("kind", KINDS)
def test_topic_and_reasons_are_those_of_the_kind(kind: str) -> None:
    card = only(rule(card=kind, items=("family_history",) if kind == "work-up" else ()), longest())

    assert card["source"]["topic"]["code"] == KNOWLEDGE.kinds[kind].topic.code
    assert [r["code"] for r in card["overrideReasons"]] == [r.code for r in KNOWLEDGE.kinds[kind].reasons]


@pytest.mark.parametrize("kind", [kind for kind in KNOWLEDGE.kinds.values() if kind.critical], ids=lambda k: k.name)
def test_critical_card_has_a_topic_that_no_override_of_a_warning_holds_back(kind: CardKind) -> None:
    warning, critical = (
        only(rule(card=kind.kind, group=kind.name, indicator=indicator), longest())["source"]["topic"]["code"]
        for indicator in ("warning", "critical")
    )

    assert (warning, critical) == (kind.topic.code, f"{kind.topic.code}CRITICAL")


def test_topics_are_told_apart_and_are_as_an_ehr_wants_them() -> None:
    codes = [topic.code for kind in KNOWLEDGE.kinds.values() for topic in kind.topics()]

    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and code.isalnum() and len(code) <= 100 for code in codes)


def test_reasons_have_code_system_and_display(cards: dict[str, dict[str, Any]]) -> None:
    [first, *_] = cards["work-up"]["overrideReasons"]

    assert set(first) == {"code", "system", "display"}


def test_extension_has_the_keys_of_the_contract(cards: dict[str, dict[str, Any]]) -> None:
    extension = cards["work-up"]["extension"]

    assert list(extension) == ["org.hoofbeats.card"]
    assert set(extension["org.hoofbeats.card"]) == {"kind", "statements", "rules", "knowledge", "findings", "missing"}


def test_extension_names_every_statement_that_fired(cards: dict[str, dict[str, Any]]) -> None:
    [card] = cards_of(
        pancreatic_net(), rule("gi", statements=("GI-TX-09",)), rule("general", statements=("GEN-TX-04",))
    )

    assert card["extension"]["org.hoofbeats.card"]["statements"] == ["GEN-TX-04", "GI-TX-09"]


def test_extension_names_rules_and_version_of_the_knowledge(cards: dict[str, dict[str, Any]]) -> None:
    extension = cards["management"]["extension"]["org.hoofbeats.card"]

    assert "resection-or-surveillance-of-pancreatic-net-of-10-20-mm" in extension["rules"]
    assert extension["knowledge"] == KNOWLEDGE.version


def test_extension_has_each_finding_with_its_evidence(cards: dict[str, dict[str, Any]]) -> None:
    found = {f["name"]: f for f in cards["management"]["extension"]["org.hoofbeats.card"]["findings"]}

    assert found["tumour_size"] == {
        "name": "tumour_size",
        "value": "15 mm",
        "unit": "mm",
        "date": "2026-03-04",
        "evidence": [{"resource": "Observation/size", "element": "valueQuantity", "date": "2026-03-04"}],
    }


def test_extension_says_none_of_a_set_that_is_empty() -> None:
    held = {**pancreatic_net(), **findings(metastatic_sites=[])}
    nowhere = rule(when={"all": [{"finding": "metastatic_sites", "excludes": ["liver"]}]})

    [card] = cards_of(given(held), nowhere)

    [found] = card["extension"]["org.hoofbeats.card"]["findings"]
    assert found["value"] == "none"


def test_extension_without_findings_or_gaps_leaves_their_keys_out() -> None:
    anyone = rule(when={"none": [{"finding": "gastrinoma", "is": "yes"}]})
    held = findings(gastrinoma="not applicable")

    [card] = cards_of(held, anyone)

    assert set(card["extension"]["org.hoofbeats.card"]) == {"kind", "statements", "rules", "knowledge"}


def test_extension_names_missing_items_and_findings(cards: dict[str, dict[str, Any]]) -> None:
    assert {"histopathology", "sstr_imaging"} <= set(cards["work-up"]["extension"]["org.hoofbeats.card"]["missing"])


@pytest.mark.parametrize("kind", ["work-up", "management"])
def test_card_holds_nothing_that_is_empty(cards: dict[str, dict[str, Any]], kind: str) -> None:
    assert list(empties(cards[kind])) == []


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda held: held.id)
def test_card_of_a_rule_holds_nothing_that_is_empty(held: Rule) -> None:
    assert list(empties(only(held, longest()))) == []


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda held: held.id)
def test_card_of_a_rule_cites_every_statement_of_the_rule(held: Rule) -> None:
    detail = only(held, longest())["detail"]

    assert [s.id for s in held.statements if f"**{s.id}**" not in detail] == []


def test_uuid_of_a_card_is_one_of_version_5(cards: dict[str, dict[str, Any]]) -> None:
    assert UUID(cards["management"]["uuid"]).version == 5


def test_uuids_of_a_call_are_all_different() -> None:
    held = [card["uuid"] for card in cards_of(pancreatic_net())]
    held += [s["uuid"] for card in cards_of(pancreatic_net()) for s in card.get("suggestions", ())]

    assert len(set(held)) == len(held)


@pytest.mark.parametrize(
    "changes", [{"hook_instance": "another"}, {"service": "net-surveillance"}], ids=["another call", "another service"]
)
def test_uuid_differs_between_calls_and_services(changes: dict[str, str]) -> None:
    [card] = cards_of(pancreatic_net(), rule())

    [other] = cards_of(pancreatic_net(), rule(), context=replace(CONTEXT, **changes))

    assert card["uuid"] != other["uuid"]


def test_same_findings_make_the_same_bytes() -> None:
    first = json.dumps(cards_of(pancreatic_net()))

    second = json.dumps(cards_of(pancreatic_net()))

    assert first == second
