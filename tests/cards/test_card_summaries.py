"""The summary of a card is one short line that tells what it is about."""

from dataclasses import replace
from typing import Any

import pytest
from json_reading import utf16_units
from stated import KINDS, KNOWLEDGE, cards_of, findings, longest, pancreatic_net, rule

from mappings.findings import given


@pytest.mark.parametrize("kind", KINDS)
def test_summary_of_many_rules_is_short_and_whole(kind: str) -> None:
    rules = [
        rule(f"r{number}", card=kind, title="A title of as many as ninety characters " + "x" * 50, topic=f"t{number}")
        for number in range(9)
    ]
    all_items = replace(rules[0], items=tuple(KNOWLEDGE.items) if kind == "work-up" else ())

    [card] = cards_of(longest(), all_items, *rules[1:])

    assert utf16_units(card["summary"]) < 140
    assert not card["summary"].endswith("…")


def test_summary_of_work_up_names_the_three_weightiest_items() -> None:
    asks = rule(card="work-up", items=("chromogranin_a_test", "sstr_imaging", "histopathology", "family_history"))

    [card] = cards_of(pancreatic_net(), asks)

    assert card["summary"] == (
        "NET work-up: 4 items not found – histopathology, somatostatin-receptor imaging, family history and more."
    )


def test_summary_of_work_up_of_one_item_is_singular() -> None:
    [card] = cards_of(pancreatic_net(), rule(card="work-up", items=("family_history",)))

    assert card["summary"] == "NET work-up: 1 item not found – family history."


def test_summary_of_management_names_the_tumour(cards: dict[str, dict[str, Any]]) -> None:
    assert cards["management"]["summary"] == (
        "Pancreatic NET G1 15 mm: options to discuss; sources differ where marked."
    )


def test_summary_of_other_kinds_are_the_titles_of_their_rules() -> None:
    rules = [rule(id, card="safety", topic=id, title=f"Title {id}") for id in ("one", "two")]

    [card] = cards_of(pancreatic_net(), *rules)

    assert card["summary"] == "Title one; Title two."


def test_summary_says_how_many_titles_it_has_no_room_for() -> None:
    rules = [rule(id, card="safety", topic=id, title=f"{id} {'x' * 50}") for id in ("one", "two", "three")]

    [card] = cards_of(pancreatic_net(), *rules)

    assert card["summary"] == f"one {'x' * 50}; two {'x' * 50}; 1 more."


def test_summary_says_that_sources_differ_where_they_do(cards: dict[str, dict[str, Any]]) -> None:
    assert cards["management"]["summary"].endswith(": options to discuss; sources differ where marked.")


def test_summary_of_one_item_of_several_parts_names_what_is_missing_of_it() -> None:
    held = given({**pancreatic_net(), **findings(nodal_status="N0", invasion_depth="not recorded")})

    [card] = cards_of(held, rule(card="work-up", items=("tnm_elements",)))

    assert card["summary"] == "NET work-up: 1 item not found – depth of invasion."
