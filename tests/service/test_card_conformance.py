"""The cards of a whole call keep to the CDS Hooks specification, and do nothing with what a chart smuggles in."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hook_answers import details
from hook_requests import VIEW, chart, condition, ki67, request, search
from json_reading import empties, utf16_units
from markdown_reading import ATTACKS, active_constructs, structure

_FIELDS = {
    "uuid",
    "summary",
    "detail",
    "indicator",
    "source",
    "suggestions",
    "selectionBehavior",
    "overrideReasons",
    "links",
    "extension",
}


@pytest.fixture
def cards(client: FlaskClient) -> list[dict[str, Any]]:
    """The cards for a tumour whose grade is near a cut-off and whose work-up has not begun."""
    found: list[dict[str, Any]] = client.post(VIEW, json=request(chart(observations=search(ki67(2.5))))).json["cards"]
    return found


@pytest.mark.cds("C1")
def test_there_are_cards_to_look_at(cards: list[dict[str, Any]]) -> None:
    assert len(cards) == 2


@pytest.mark.cds("C13")
def test_cards_have_no_fields_of_our_own_but_in_the_extension(cards: list[dict[str, Any]]) -> None:
    assert {field for card in cards for field in card} <= _FIELDS


@pytest.mark.cds("C2", "G2")
def test_uuids_are_uuids_and_different(cards: list[dict[str, Any]]) -> None:
    held = [card["uuid"] for card in cards] + [s["uuid"] for card in cards for s in card.get("suggestions", ())]

    assert len({UUID(written) for written in held}) == len(held)


@pytest.mark.cds("C3")
def test_summaries_are_one_short_line(cards: list[dict[str, Any]]) -> None:
    assert all(0 < utf16_units(card["summary"]) < 140 and "\n" not in card["summary"] for card in cards)


@pytest.mark.cds("C4")
def test_details_are_markdown_without_anything_active(cards: list[dict[str, Any]]) -> None:
    assert [active_constructs(card["detail"]) for card in cards] == [[], []]


@pytest.mark.cds("C4")
def test_details_show_their_facts_in_a_table(cards: list[dict[str, Any]]) -> None:
    assert all("table_open" in structure(card["detail"]) for card in cards)


@pytest.mark.cds("C5")
def test_indicators_are_those_of_the_specification(cards: list[dict[str, Any]]) -> None:
    assert {card["indicator"] for card in cards} <= {"info", "warning", "critical"}


@pytest.mark.cds("C6", "O1", "O5")
def test_sources_have_a_label_and_a_topic(cards: list[dict[str, Any]]) -> None:
    assert all(card["source"]["label"] for card in cards)
    assert {frozenset(card["source"]["topic"]) for card in cards} == {frozenset({"system", "code", "display"})}


@pytest.mark.cds("O2", "L2")
def test_addresses_in_cards_are_absolute(cards: list[dict[str, Any]]) -> None:
    links = [card["source"].get("url") for card in cards] + [x["url"] for c in cards for x in c.get("links", ())]

    assert all(urlsplit(url).scheme in ("http", "https") for url in links if url is not None)


@pytest.mark.cds("C8", "C9", "C10")
def test_selection_behavior_is_there_exactly_where_suggestions_are(cards: list[dict[str, Any]]) -> None:
    assert {("suggestions" in card, card.get("selectionBehavior")) for card in cards} == {(True, "any"), (False, None)}


@pytest.mark.cds("C11", "V1")
def test_override_reasons_are_whole_codings(cards: list[dict[str, Any]]) -> None:
    reasons = [reason for card in cards for reason in card["overrideReasons"]]

    assert all(reason["code"] and reason["system"] and reason["display"] for reason in reasons)


@pytest.mark.cds("G3", "G4", "G7")
def test_no_suggestion_is_recommended_above_others(cards: list[dict[str, Any]]) -> None:
    assert {key for card in cards for s in card.get("suggestions", ()) for key in s} == {"label", "uuid", "actions"}


@pytest.mark.cds("Y1", "Y2")
def test_nothing_is_done_without_asking(client: FlaskClient) -> None:
    assert "systemActions" not in client.post(VIEW, json=request()).json


@pytest.mark.cds("T3", "T4", "T5")
def test_cards_hold_nothing_that_is_empty(cards: list[dict[str, Any]]) -> None:
    assert list(empties(cards)) == []


def smuggled(client: FlaskClient, text: str) -> str:
    """The details of the cards for a chart that says a text wherever a chart can."""
    concept = {"coding": [{"system": text, "code": text, "display": text}], "text": text}
    said = chart(
        conditions=search(condition(note=[{"text": text}], code={**condition()["code"], "text": text})),
        observations=search(
            ki67(id=f"one {text}", valueQuantity={"value": 2, "unit": text, "code": text}),
            ki67(id=f"two {text}", subject={"reference": "Patient/p2", "display": text}),
            ki67(id=f"three {text}", method=concept, interpretation=[concept]),
            {**ki67(id=f"four {text}"), "status": [text]},
        ),
    )
    response = client.post(VIEW, json=request(said))
    assert response.status_code == 200, response.json
    return details(response.json)


@pytest.mark.cds("C4")
@pytest.mark.parametrize("attack", [a for a in ATTACKS.values() if "\ud800" not in a])
def test_text_of_a_chart_does_nothing_in_a_card(client: FlaskClient, attack: str) -> None:
    assert active_constructs(smuggled(client, attack)) == []


@pytest.mark.parametrize("attack", [a for a in ATTACKS.values() if "\ud800" not in a])
def test_text_of_a_chart_adds_no_structure_to_a_card(client: FlaskClient, attack: str) -> None:
    assert structure(smuggled(client, attack)) == structure(smuggled(client, "plain"))


def test_text_that_no_client_can_send_makes_no_fault(client: FlaskClient) -> None:
    body = b'{"hook": "patient-view", "hookInstance": "\\ud800", "context": {"userId": "U/1", "patientId": "\\ud800"}}'

    response = client.post(VIEW, data=body, content_type="application/json")

    assert response.status_code in (400, 412)
