"""The report: rates have a denominator, the same act counts once, and free text can be deleted by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from feedback_calls import accepted
from sqlalchemy import insert, select

from service.cli import main
from service.journal.feedback import read_feedback, store_feedback
from service.journal.feedback_report import report
from service.journal.store import Store, count_up
from service.journal.tables import CARDS, COMMENTS, EVALUATIONS, HELD_BACK

DAY = date(2026, 11, 20)
SERVICE = "net-patient-view"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REASONS = "https://hoofbeats.example/reasons"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Ten charts: one rule fires in eight and is shown in four, the other one never fires."""
    opened = Store(database_url)
    opened.upgrade()
    with opened.writing() as connection:
        for rule, counts in {"sstr": (8, 2, 0, 4), "mdt": (0, 7, 3, 0)}.items():
            outcomes = zip(("recommend", "silent", "undetermined", "shown"), counts, strict=True)
            count_up(connection, EVALUATIONS, [evaluations(rule, outcome, count) for outcome, count in outcomes])
        for card in ("c1", "c2", "c3", "c4"):
            connection.execute(insert(CARDS), described(uuid=card, statements=["GEN-WU-01"]))
        count_up(connection, HELD_BACK, [described(count=3)])
    yield opened
    opened.rest()


def evaluations(rule: str, outcome: str, count: int) -> dict[str, Any]:
    return {"rule": rule, "outcome": outcome, "service": SERVICE, "knowledge": "k1", "day": DAY, "count": count}


def described(**more: Any) -> dict[str, Any]:
    return {"day": DAY, "service": SERVICE, "kind": "work-up", "rules": ["sstr"], "knowledge": "k1", **more}


def send(store: Store, *entries: dict[str, Any], received_at: datetime = NOON) -> None:
    store_feedback(read_feedback(json.dumps({"feedback": entries}).encode()), SERVICE, store, received_at, DAY)


def overridden(card: str, code: str = "", comment: str = "", minute: int = 0) -> dict[str, Any]:
    reason = {"reason": {"code": code, "system": REASONS}} if code else {}
    said = {"userComment": comment} if comment else {}
    at = f"2026-11-20T10:{minute:02}:00Z"
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": at, "overrideReason": reason | said}


def reported(store: Store, rule: str) -> dict[str, Any]:
    with store.reading() as connection:
        return next(r for r in report(connection)["rules"] if r["rule"] == rule)


def received(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        counts: dict[str, int] = report(connection)["feedback"]
        return counts


def run(url: str, *words: str) -> str:
    result = CliRunner().invoke(main, words, env={"HOOFBEATS_DATABASE_URL": url}, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_rule_fires_in_a_share_of_the_charts_that_it_was_held_against(store: Store) -> None:
    rule = reported(store, "sstr")

    assert (rule["evaluated"], rule["recommend"], rule["silent"], rule["undetermined"]) == (10, 8, 2, 0)
    assert rule["firing_rate"] == 0.8


def test_cards_are_accepted_and_overridden_in_a_share_of_those_shown(store: Store) -> None:
    send(store, accepted("c1", "s1"), overridden("c2", "declined"), overridden("c3", "declined"))

    rule = reported(store, "sstr")

    assert (rule["shown"], rule["accepted"], rule["overridden"]) == (4, 1, 2)
    assert (rule["acceptance_rate"], rule["override_rate"]) == (0.25, 0.5)


def test_two_suggestions_of_a_card_are_one_card_accepted(store: Store) -> None:
    send(store, accepted("c1", "s1"), accepted("c1", "s2"))

    assert reported(store, "sstr")["acceptance_rate"] == 0.25


def test_each_reason_has_its_share_of_the_overridden_cards(store: Store) -> None:
    send(store, overridden("c1", "declined"), overridden("c2", "declined"), overridden("c3"), overridden("c4", "other"))

    assert reported(store, "sstr")["reasons"] == [
        {"code": "declined", "system": REASONS, "overridden": 2, "share": 0.5},
        {"code": "", "system": "", "overridden": 1, "share": 0.25},
        {"code": "other", "system": REASONS, "overridden": 1, "share": 0.25},
    ]


def test_each_of_two_reasons_for_one_card_counts(store: Store) -> None:
    both = [{"reason": {"code": "declined", "system": REASONS}}, {"reason": {"code": "other"}}]

    send(store, overridden("c1") | {"overrideReason": both}, overridden("c2", "declined"))

    assert reported(store, "sstr")["overridden"] == 2
    assert reported(store, "sstr")["reasons"] == [
        {"code": "declined", "system": REASONS, "overridden": 2, "share": 1.0},
        {"code": "other", "system": "", "overridden": 1, "share": 0.5},
    ]


def test_an_entry_that_is_sent_again_counts_once(store: Store) -> None:
    send(store, overridden("c1", "declined", "in words"))
    send(store, overridden("c1", "declined", "in words"), overridden("c1", "declined", minute=5))

    assert reported(store, "sstr")["overridden"] == 1
    assert received(store) == {"entries": 3, "repeated": 1, "unmatched": 0}


def test_feedback_for_unknown_cards_is_counted_apart(store: Store) -> None:
    send(store, overridden("nobody-knows"))

    assert received(store) == {"entries": 1, "repeated": 0, "unmatched": 1}
    assert reported(store, "sstr")["overridden"] == 0


def test_a_rule_that_was_never_shown_has_no_rate(store: Store) -> None:
    rule = reported(store, "mdt")

    assert (rule["firing_rate"], rule["acceptance_rate"], rule["override_rate"]) == (0.0, None, None)


def test_the_report_may_be_of_one_version_of_the_knowledge(store: Store, database_url: str) -> None:
    with store.writing() as connection:
        count_up(connection, EVALUATIONS, [evaluations("sstr", "recommend", 5) | {"knowledge": "k2"}])

    both = json.loads(run(database_url, "feedback", "report", "--json"))
    later = json.loads(run(database_url, "feedback", "report", "--json", "--knowledge", "k2"))

    assert both["knowledge"] == later["knowledge"] == ["k1", "k2"]
    assert [rule["recommend"] for rule in both["rules"]] == [0, 13]
    assert [(rule["rule"], rule["recommend"]) for rule in later["rules"]] == [("sstr", 5)]


def test_the_report_is_a_table_for_people(store: Store, database_url: str) -> None:
    send(store, accepted("c1", "s1"), overridden("c2", "declined"))

    shown = run(database_url, "feedback", "report")

    assert "sstr" in shown
    assert "8 (80%)" in shown
    assert "1 (25%)" in shown
    assert "declined" in shown
    assert "judged and never spoke: 1" in shown


def test_what_was_held_back_is_listed(store: Store, database_url: str) -> None:
    listed = json.loads(run(database_url, "feedback", "held-back", "--json"))

    assert listed == [described(count=3) | {"day": "2026-11-20"}]
    assert "3 held back" in run(database_url, "feedback", "held-back")
    assert reported(store, "sstr")["held_back"] == 3


def test_comments_are_forgotten_and_nothing_else(store: Store, database_url: str) -> None:
    send(store, overridden("c1", "declined", "in words"))
    before = reported(store, "sstr")

    said = run(database_url, "feedback", "forget-comments")

    assert said == "1 comment deleted\n"
    with store.reading() as connection:
        assert connection.execute(select(COMMENTS)).all() == []
    assert reported(store, "sstr") == before


def test_comments_are_forgotten_up_to_a_day(store: Store, database_url: str) -> None:
    send(store, overridden("c1", "", "old"), received_at=datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC))
    send(store, overridden("c2", "", "new"), received_at=datetime(2026, 11, 20, tzinfo=UTC))

    run(database_url, "feedback", "forget-comments", "--before", "2026-11-20")

    with store.reading() as connection:
        assert list(connection.execute(select(COMMENTS.c.text)).scalars()) == ["new"]


def test_forgotten_comments_leave_no_trace_in_the_files_of_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hoofbeats.db"
    store = Store(url)
    send(store, overridden("c1", "", "Canary McCanaryface " * 500))
    assert any(b"Canary" in path.read_bytes() for path in tmp_path.iterdir())

    run(url, "feedback", "forget-comments")

    assert not any(b"Canary" in path.read_bytes() for path in tmp_path.iterdir())
    store.rest()


def test_a_report_of_no_database_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["feedback", "report"], env={"HOOFBEATS_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    )

    assert result.exit_code == 1
    assert result.output == (
        "Error: the database of HOOFBEATS_DATABASE_URL cannot be used: no such file; "
        "`hoofbeats database upgrade` makes it\n"
    )
