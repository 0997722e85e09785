"""Every spelling of feedback that clients use is understood; what cannot be understood is refused with its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from feedback_calls import accepted, overridden

from service.errors import BadRequest, TooLarge
from service.journal.feedback import Entry, read_feedback

CARD = "a96baf10-3d68-4ee3-a2e1-1c29bd1ae0a2"
TITLE = "com.epic.cdshooks.feedback.overrideReason.reasonTitle"
REASONS = "http://example.org/cds-services/fhir/CodeSystem/override-reasons"


def read(*entries: Any) -> list[Entry]:
    return read_feedback(json.dumps({"feedback": entries}).encode())


@pytest.mark.cds("B3")
@pytest.mark.parametrize("number", [0, 1, 3, 1000])
def test_a_batch_may_have_up_to_a_thousand_entries(number: int) -> None:
    entries = read(*(overridden(f"card-{n}") for n in range(number)))

    assert [entry.card for entry in entries] == [f"card-{n}" for n in range(number)]


def test_a_batch_of_more_than_a_thousand_entries_is_refused() -> None:
    with pytest.raises(TooLarge, match="more than 1000 entries"):
        read(*[overridden(CARD)] * 1001)


@pytest.mark.cds("B5")
def test_the_suggestions_that_were_accepted_are_read() -> None:
    (entry,) = read(accepted(CARD, "s1", "s2"))

    assert (entry.outcome, entry.accepted) == ("accepted", ("s1", "s2"))


@pytest.mark.cds("B4")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00.250Z", datetime(2026, 11, 20, 10, 0, 0, 250000, tzinfo=UTC)),
        ("2026-11-20T10:00:00.1234567Z", datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-20t10:00:00z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T12:00:00+02:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_read_as_utc(written: str, meant: datetime) -> None:
    (entry,) = read(overridden(CARD, outcomeTimestamp=written))

    assert entry.outcome_timestamp == meant


@pytest.mark.cds("B6")
@pytest.mark.parametrize("spelling", ["overrideReason", "overrideReasons"])
@pytest.mark.parametrize(
    ("reason", "stored", "said"),
    [
        ({"reason": {"code": "r1", "system": REASONS, "display": "bad"}}, [("r1", REASONS)], []),
        ({"reason": {"code": "r1"}}, [("r1", "")], []),
        ({"reason": {"code": "r1", "system": None}}, [("r1", "")], []),
        ({"userComment": "in words"}, [], ["in words"]),
        ({"reason": {"code": "r1"}, "userComment": "in words"}, [("r1", "")], ["in words"]),
        ({"reason": None, "userComment": None}, [], []),
        ({"extension": {TITLE: "Does not meet criteria"}}, [("Does not meet criteria", TITLE)], []),
        ({"extension": {TITLE: ""}}, [], []),
        ({"extension": {TITLE: ["x"]}}, [], []),
        ({"extension": {TITLE: "x" * 256}}, [], []),
        ({"extension": ["x"]}, [], []),
        ([{"reason": {"code": "r1"}}, {"userComment": "in words"}], [("r1", "")], ["in words"]),
        (
            [{"reason": {"code": "r1"}}, {"reason": {"code": "r2", "system": REASONS}}, {"reason": {"code": "r1"}}],
            [("r1", ""), ("r2", REASONS)],
            [],
        ),
        (None, [], []),
    ],
)
def test_a_reason_is_understood_in_every_spelling(
    spelling: str, reason: Any, stored: list[tuple[str, str]], said: list[str]
) -> None:
    (entry,) = read(overridden(CARD, **{spelling: reason}))

    assert list(entry.reasons) == stored
    assert list(entry.comments) == said


def test_what_no_database_stores_is_left_out() -> None:
    (entry,) = read(overridden("card\0", overrideReason={"reason": {"code": "r\0"}, "userComment": "\0zebra 🦓"}))

    assert (entry.card, entry.reasons, entry.comments) == ("card", (("r", ""),), ("zebra 🦓",))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "feedback is missing"),
        ([], "the body is no JSON object: it cannot be decoded"),
        ({"feedback": {}}, "feedback is not of type array"),
        ({"feedback": None}, "feedback is not of type array"),
        ({"feedback": ["x"]}, "feedback.0 is not of type object"),
        ({"feedback": [overridden(CARD), overridden(CARD, card=None)]}, "feedback.1.card is missing"),
        ({"feedback": [overridden("")]}, "feedback.0.card is empty"),
        ({"feedback": [overridden(CARD, card=7)]}, "feedback.0.card is not of type string"),
        ({"feedback": [overridden("x" * 256)]}, "feedback.0.card is not as it should be (maxLength: 255)"),
        ({"feedback": [overridden(CARD, outcome=None)]}, "feedback.0.outcome is missing"),
        (
            {"feedback": [overridden(CARD, outcome="ignored")]},
            'feedback.0.outcome is not as it should be (enum: ["accepted", "overridden"])',
        ),
        ({"feedback": [overridden(CARD, outcomeTimestamp=None)]}, "feedback.0.outcomeTimestamp is missing"),
        (
            {"feedback": [overridden(CARD, outcomeTimestamp="2026-02-30T10:00:00Z")]},
            'feedback.0.outcomeTimestamp is not as it should be (format: "date-time")',
        ),
        (
            {"feedback": [overridden(CARD, outcomeTimestamp="0001-01-01T00:00:00+14:00")]},
            'feedback.0.outcomeTimestamp is not as it should be (format: "date-time")',
        ),
        ({"feedback": [overridden(CARD, outcome="accepted")]}, "feedback.0.acceptedSuggestions is missing"),
        ({"feedback": [accepted(CARD)]}, "feedback.0.acceptedSuggestions is empty"),
        (
            {"feedback": [overridden(CARD, outcome="accepted", acceptedSuggestions=[{}])]},
            "feedback.0.acceptedSuggestions.0.id is missing",
        ),
        (
            {"feedback": [overridden(CARD, overrideReason={"reason": {"display": "x"}})]},
            "feedback.0.overrideReason.reason.code is missing",
        ),
        (
            {"feedback": [overridden(CARD, overrideReasons={"userComment": 7})]},
            "feedback.0.overrideReasons.userComment is not of type string",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(body: Any, said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_feedback(json.dumps(body).encode())

    assert str(refused.value) == said


@pytest.mark.parametrize(
    "written", ["2026-11-20", "2026-11-20T10:00Z", "2026-11-20T10:00:00", "today", "20261120T100000Z"]
)
def test_a_timestamp_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(BadRequest, match="outcomeTimestamp"):
        read(overridden(CARD, outcomeTimestamp=written))


@pytest.mark.parametrize("body", [b"", b"{", b'{"feedback": [', b"\xff", b'{"feedback":"\\ud800"}', b"[" * 100_000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="the body is"):
        read_feedback(body)
