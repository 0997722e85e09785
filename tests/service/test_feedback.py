"""Feedback is stored before it is acknowledged, and held against the card that it is about."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from feedback_calls import FEEDBACK, accepted, opening, overridden, work_up_of, written_down
from flask.testing import FlaskClient
from json_reading import empties
from sqlalchemy import select

from service.app import create_app
from service.journal import tables
from service.journal.store import Store
from service.settings import load_settings

UNKNOWN = "a96baf10-3d68-4ee3-a2e1-1c29bd1ae0a2"


@pytest.fixture
def client(database_url: str) -> FlaskClient:
    return new_client(database_url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.rest()


def new_client(database_url: str) -> FlaskClient:
    settings = load_settings({"HOOFBEATS_TODAY": "2026-11-20", "HOOFBEATS_DATABASE_URL": database_url})
    return create_app(settings).test_client()


def post(client: FlaskClient, *entries: dict[str, Any]) -> Any:
    return client.post(FEEDBACK, json={"feedback": list(entries)})


def rows(store: Store) -> list[dict[str, Any]]:
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(select(tables.FEEDBACK).order_by("id")).mappings()]


def comments(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(select(tables.COMMENTS.c.text).order_by("id")).scalars())


@pytest.mark.cds("B2")
def test_feedback_on_a_card_is_held_against_what_the_card_said(client: FlaskClient, store: Store) -> None:
    card = work_up_of(client, opening("h1"))
    proof = card["extension"]["org.hoofbeats.card"]
    suggestion = card["suggestions"][0]["uuid"]

    answer = post(client, accepted(card["uuid"], suggestion))

    assert answer.status_code == 200
    assert answer.get_json() == {"extension": {"org.hoofbeats.feedback": {"recorded": 1, "matched": 1}}}
    (row,) = rows(store)
    assert (row["card"], row["matched"], row["outcome"], row["accepted"]) == (
        card["uuid"],
        True,
        "accepted",
        (suggestion,),
    )
    assert (row["kind"], list(row["rules"]), list(row["statements"]), row["knowledge"]) == (
        "work-up",
        proof["rules"],
        proof["statements"],
        proof["knowledge"],
    )
    assert row["outcome_timestamp"] == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.cds("T1")
@pytest.mark.cds("T4")
def test_the_answer_is_json_that_nobody_keeps_and_without_empty_values(client: FlaskClient) -> None:
    answer = post(client, overridden(UNKNOWN))

    assert answer.mimetype == "application/json"
    assert list(empties(answer.get_json())) == []
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.cds("B7")
def test_an_entry_that_is_sent_again_is_recorded_again(client: FlaskClient, store: Store) -> None:
    card = work_up_of(client, opening("h1"))["uuid"]

    answers = [post(client, overridden(card)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [row["matched"] for row in rows(store)] == [True, True]


def test_a_card_that_nobody_knows_is_recorded_as_unmatched(client: FlaskClient, store: Store) -> None:
    answer = post(client, overridden(UNKNOWN))

    assert answer.get_json()["extension"]["org.hoofbeats.feedback"] == {"recorded": 1, "matched": 0}
    (row,) = rows(store)
    assert (row["matched"], row["kind"], row["rules"]) == (False, None, None)


def test_a_card_is_known_after_a_restart(client: FlaskClient, database_url: str) -> None:
    card = work_up_of(client, opening("h1"))["uuid"]
    written_down(client)

    answer = post(new_client(database_url), overridden(card))

    assert answer.get_json()["extension"]["org.hoofbeats.feedback"]["matched"] == 1


@pytest.mark.cds("B4")
def test_what_is_wrong_is_refused_and_nothing_of_the_batch_is_stored(client: FlaskClient, store: Store) -> None:
    answer = post(client, overridden(UNKNOWN), overridden(UNKNOWN, outcome="ignored"))

    assert answer.status_code == 400
    assert answer.get_json()["resourceType"] == "OperationOutcome"
    assert answer.get_json()["issue"][0]["diagnostics"].startswith("feedback.1.outcome is not as it should be")
    assert rows(store) == []


def test_a_service_that_nobody_offers_takes_no_feedback(client: FlaskClient) -> None:
    answer = client.post("/cds-services/nobody/feedback", json={"feedback": []})

    assert (answer.status_code, answer.get_json()["issue"][0]["code"]) == (404, "not-found")


def test_other_types_of_content_are_refused(client: FlaskClient) -> None:
    answer = client.post(FEEDBACK, data=b"<feedback/>", content_type="text/xml")

    assert answer.status_code == 415


def test_a_browser_may_send_feedback(client: FlaskClient) -> None:
    headers = {
        "Origin": "https://ehr.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = client.options(FEEDBACK, headers=headers)

    assert answer.status_code == 200
    assert {name.lower() for name in answer.headers["Access-Control-Allow-Headers"].split(", ")} == {
        "authorization",
        "content-type",
    }


def test_the_users_own_words_stand_in_their_table_and_nowhere_else(
    client: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = "Canary McCanaryface declined"

    answer = post(client, overridden(UNKNOWN, overrideReason={"userComment": said}))
    refused = post(client, overridden(UNKNOWN, overrideReason={"userComment": [said]}))

    assert comments(store) == [said]
    assert "Canary" not in caplog.text + str(rows(store)) + answer.text + refused.text
