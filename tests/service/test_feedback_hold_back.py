"""Less noise: what a user overrode is held back for some days while its facts stay as they are, if that is wanted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from feedback_calls import FEEDBACK, accepted, opening, overridden, work_up_of, written_down
from flask.testing import FlaskClient
from hook_answers import answer, cards_of, kinds
from hook_requests import ki67
from order_requests import RXNORM, order_of, ordering
from stories import request_of

from service.app import create_app
from service.hook_request import HookRequest
from service.journal.repeats import hold_back, repeat_key
from service.settings import SettingsError, load_settings

KEY = "k" * 32
CARD: dict[str, Any] = {
    "uuid": "u1",
    "indicator": "warning",
    "extension": {
        "org.hoofbeats.card": {
            "kind": "work-up",
            "statements": ["GEN-WU-01"],
            "rules": ["sstr"],
            "knowledge": "k1",
            "missing": ["mdt"],
            "findings": [{"name": "tumour_size", "value": "9", "unit": "mm", "date": "2026-09-01"}],
        }
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hoofbeats.db"


def on(day: str, file: Path, days: int = 7) -> FlaskClient:
    environment = {
        "HOOFBEATS_TODAY": day,
        "HOOFBEATS_DATABASE_URL": f"sqlite:///{file}",
        "HOOFBEATS_REPEAT_AFTER_DAYS": str(days),
        "HOOFBEATS_SECRET_KEY": KEY,
    }
    return create_app(load_settings(environment)).test_client()


def override(client: FlaskClient, request: dict[str, Any], **changes: Any) -> None:
    entry = overridden(work_up_of(client, request)["uuid"], **changes)
    assert client.post(FEEDBACK, json={"feedback": [entry]}).status_code == 200


def asking(patient: str = "p1", server: str = "https://one.example.org/fhir") -> HookRequest:
    return HookRequest("patient-view", "h1", patient, {"patientId": patient}, None, None, server)


def with_proof(**changes: Any) -> dict[str, Any]:
    proof = CARD["extension"]["org.hoofbeats.card"] | changes
    return CARD | {"extension": {"org.hoofbeats.card": proof}}


def stored(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def test_a_card_that_was_overridden_is_not_repeated(file: Path) -> None:
    client = on("2026-11-20", file)
    override(client, opening("h1"))

    assert kinds(answer(client, opening("h2"))) == []


@pytest.mark.parametrize(
    ("story", "left"), [("insulinoma_suspected", []), ("insulinoma_on_lanreotide_receptor_negative", ["critical"])]
)
def test_a_card_that_was_overridden_when_ordering_is_not_repeated_before_signing_unless_critical(
    file: Path, story: str, left: list[str]
) -> None:
    client = on("2026-11-20", file)
    selecting = ordering(request_of(story), order_of("octreotide"))
    [card] = cards_of(client, selecting)
    client.post("/cds-services/net-order-select/feedback", json={"feedback": [overridden(card["uuid"])]})

    signing = selecting | {"hook": "order-sign", "hookInstance": "another"}
    cards = cards_of(client, signing)

    assert [c["indicator"] for c in cards] == left


def test_override_of_the_card_of_one_order_leaves_that_of_another(file: Path) -> None:
    client = on("2026-11-20", file)
    named = [{**order_of("octreotide"), "medicationCodeableConcept": octreotide(text)} for text in ("depot", "rescue")]
    selecting = ordering(request_of("insulinoma_suspected"), *named)
    first, second = cards_of(client, selecting)
    client.post("/cds-services/net-order-select/feedback", json={"feedback": [overridden(first["uuid"])]})

    again = selecting | {"hookInstance": "another"}
    [left] = cards_of(client, again)

    written_down(client)
    assert left["suggestions"][0]["actions"] == second["suggestions"][0]["actions"]
    assert stored(file, "SELECT kind, count FROM held_back") == [("order-guard", 1)]


def octreotide(text: str) -> dict[str, Any]:
    coding = {"system": RXNORM, "code": "7617"}
    return {"coding": [coding], "text": f"Octreotide {text}"}


def test_a_card_comes_back_on_the_day_that_was_set(file: Path) -> None:
    override(on("2026-11-20", file), opening("h1"))

    assert kinds(answer(on("2026-11-26", file), opening("h2"))) == []
    assert kinds(answer(on("2026-11-27", file), opening("h3"))) == ["work-up"]


def test_a_card_comes_back_when_its_facts_change(file: Path) -> None:
    client = on("2026-11-20", file)
    override(client, opening("h1"))

    assert "work-up" in kinds(answer(client, opening("h2", "p1", ki67())))


def test_another_patient_gets_the_card(file: Path) -> None:
    client = on("2026-11-20", file)
    override(client, opening("h1", "p1"))

    assert kinds(answer(client, opening("h2", "p2"))) == ["work-up"]


def test_a_card_whose_suggestion_was_accepted_is_not_held_back(file: Path) -> None:
    client = on("2026-11-20", file)
    card = work_up_of(client, opening("h1"))
    client.post(FEEDBACK, json={"feedback": [accepted(card["uuid"], card["suggestions"][0]["uuid"])]})

    assert kinds(answer(client, opening("h2"))) == ["work-up"]


def test_nothing_is_held_back_unless_it_is_set(file: Path) -> None:
    client = on("2026-11-20", file, days=0)
    override(client, opening("h1"))

    assert kinds(answer(client, opening("h2"))) == ["work-up"]
    assert stored(file, "SELECT key FROM repeat_keys UNION SELECT key FROM overrides") == []


def test_the_days_count_from_the_override_not_from_its_report(file: Path) -> None:
    client = on("2026-11-20", file)
    override(client, opening("h1"), outcomeTimestamp="2026-11-12T10:00:00Z")

    assert kinds(answer(client, opening("h2"))) == ["work-up"]


def test_a_clock_that_runs_ahead_holds_nothing_back_for_longer(file: Path) -> None:
    override(on("2026-11-20", file), opening("h1"), outcomeTimestamp="2031-01-01T00:00:00Z")

    assert kinds(answer(on("2026-11-27", file), opening("h2"))) == ["work-up"]


def test_what_is_held_back_is_counted_and_not_counted_as_shown(file: Path) -> None:
    client = on("2026-11-20", file)
    override(client, opening("h1"))

    for number in range(3):
        cards_of(client, opening(f"again-{number}"))
    written_down(client)

    assert stored(file, "SELECT service, kind, count FROM held_back") == [("net-patient-view", "work-up", 3)]
    assert stored(file, "SELECT DISTINCT count FROM evaluations WHERE outcome = 'shown'") == [(1,)]


def test_hashes_are_deleted_when_they_no_longer_count(file: Path) -> None:
    override(on("2026-11-20", file), opening("h1"))
    assert stored(file, "SELECT count(*) FROM repeat_keys, overrides") == [(1,)]

    on("2026-11-27", file)

    assert stored(file, "SELECT key FROM repeat_keys UNION SELECT key FROM overrides") == []


def test_nothing_in_the_database_names_the_patient(file: Path) -> None:
    patient = "canary-4711"
    override(on("2026-11-20", file), opening("h1", patient))

    assert not any(b"canary" in path.read_bytes() for path in file.parent.iterdir())


def test_a_critical_card_is_never_held_back() -> None:
    critical = CARD | {"indicator": "critical"}

    shown, held = hold_back([critical], {"u1": "key"}, {"key"})

    assert (shown, held) == ([critical], [])


@pytest.mark.parametrize(
    "changed",
    [
        with_proof(kind="management"),
        with_proof(rules=["sstr", "mdt"]),
        with_proof(missing=[]),
        with_proof(findings=[]),
        with_proof(findings=[{"name": "tumour_size", "value": "10", "unit": "mm", "date": "2026-09-01"}]),
        with_proof(findings=[{"name": "tumour_size", "value": "9", "unit": "cm", "date": "2026-09-01"}]),
        CARD | {"indicator": "info"},
    ],
)
def test_a_card_that_says_something_else_is_another_card(changed: dict[str, Any]) -> None:
    assert repeat_key(changed, asking(), b"key") != repeat_key(CARD, asking(), b"key")


@pytest.mark.parametrize(
    "same",
    [
        CARD | {"uuid": "u2"},
        with_proof(knowledge="k2"),
        with_proof(
            findings=[{"name": "tumour_size", "value": "9", "unit": "mm", "evidence": [{"resource": "Observation/7"}]}]
        ),
    ],
)
def test_a_card_that_says_the_same_is_the_same_card(same: dict[str, Any]) -> None:
    assert repeat_key(same, asking(), b"key") == repeat_key(CARD, asking(), b"key")


def test_time_that_goes_by_is_no_new_fact_and_a_later_date_is() -> None:
    def since(months: str, day: str) -> str:
        elapsed = {"name": "months_since_chromogranin_a", "value": months, "unit": "mo", "date": day}
        return repeat_key(with_proof(findings=[elapsed]), asking(), b"key")

    assert since("13", "2025-10-01") == since("14", "2025-10-01")
    assert since("13", "2025-10-01") != since("13", "2025-10-20")


def test_a_card_on_another_order_is_another_card_and_the_same_order_in_another_draft_is_not() -> None:
    def about(text: str, name: str) -> str:
        ordered = [{"resource": f"MedicationRequest/{name}", "text": text}]
        return repeat_key(with_proof(orders=ordered), asking(), b"key")

    assert about("octreotide", "1") != about("lanreotide", "1")
    assert about("octreotide", "1") == about("octreotide", "2")


def test_the_hash_depends_on_the_patient_and_on_the_key() -> None:
    hashes = {repeat_key(CARD, asking(patient), key) for patient in ("p1", "p2") for key in (b"one", b"two")}

    assert len(hashes) == 4


def test_the_same_patient_id_at_another_hospital_is_another_patient() -> None:
    elsewhere = asking("p1", "https://two.example.org/fhir")

    assert repeat_key(CARD, elsewhere, b"key") != repeat_key(CARD, asking("p1"), b"key")


def test_holding_back_needs_a_key_of_its_own() -> None:
    with pytest.raises(SettingsError, match="HOOFBEATS_SECRET_KEY"):
        load_settings({"HOOFBEATS_REPEAT_AFTER_DAYS": "7"})


def test_a_short_key_is_refused_without_repeating_it() -> None:
    with pytest.raises(SettingsError, match="HOOFBEATS_SECRET_KEY: expected at least 32 characters") as refused:
        load_settings({"HOOFBEATS_REPEAT_AFTER_DAYS": "7", "HOOFBEATS_SECRET_KEY": "geheim"})

    assert "geheim" not in str(refused.value)
