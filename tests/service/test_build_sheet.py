"""The build sheet says what discovery says, and its filters let through every patient who gets a card."""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hook_answers import cards_of
from hook_requests import chart, request, search
from order_requests import RXNORM, ordering, procedure
from page_reading import page, read_page, section
from stories import STORIES, request_of

from cards.knowledge import shipped_knowledge
from service.build_sheet import Row, as_csv, build_sheet
from service.cli import main
from service.services import SERVICES
from service.settings import load_settings

BASE = "https://cds.example.org"
SYSTEMS = ("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10", "http://snomed.info/sct")
KNOWLEDGE = shipped_knowledge()


@cache
def rows(key: str) -> tuple[Row, ...]:
    """The rows of a section of the sheet at a hospital's address."""
    sections = build_sheet(KNOWLEDGE, load_settings({"HOOFBEATS_BASE_URL": BASE}))
    return next(section.rows for section in sections if section.key == key)


def services(client: FlaskClient) -> list[dict[str, Any]]:
    """What discovery answers."""
    return list(client.get("/cds-services").get_json()["services"])


def test_endpoints_are_those_of_discovery(client: FlaskClient) -> None:
    listed = {
        (row.service, row.name, row.value) for row in rows("endpoint") if row.name not in ("discovery", "feedback")
    }

    assert listed == {(s["id"], s["hook"], f"{BASE}/cds-services/{s['id']}") for s in services(client)}


def test_every_service_has_its_feedback_address() -> None:
    listed = {row.value for row in rows("endpoint") if row.name == "feedback"}

    assert listed == {f"{BASE}/cds-services/{service}/feedback" for service in SERVICES}


def test_audiences_are_the_addresses_that_are_called() -> None:
    assert {row.value for row in rows("audience")} == {row.value for row in rows("endpoint")}


def test_prefetch_rows_are_those_of_discovery(client: FlaskClient) -> None:
    listed = [(row.service, row.name, row.value) for row in rows("prefetch")]

    assert listed == [(s["id"], key, query) for s in services(client) for key, query in s["prefetch"].items()]


def test_scopes_cover_every_type_that_prefetch_asks_for(client: FlaskClient) -> None:
    queries = {query for service in services(client) for query in service["prefetch"].values()}

    types = {query.partition("?")[0].partition("/")[0] for query in queries}
    assert {row.name for row in rows("scope")} == types


@pytest.mark.parametrize(
    "scope",
    ["user/Condition.read", "user/Condition.rs", "system/Condition.read", "system/Condition.rs", "user/Patient.r"],
)
def test_scopes_are_spelt_as_smart_spells_them(scope: str) -> None:
    assert scope in {row.value for row in rows("scope")}


def test_topics_are_those_of_cards() -> None:
    listed = {(row.name, row.system, row.value, row.display) for row in rows("topic")}

    assert listed == {
        (kind.name, topic.system, topic.code, topic.display)
        for kind in KNOWLEDGE.kinds.values()
        for topic in kind.topics()
    }


def test_topics_fit_where_override_is_tied_to_them() -> None:
    assert all(row.value.isalnum() and len(row.value) <= 100 for row in rows("topic"))


def test_override_reasons_are_those_that_cards_offer(client: FlaskClient) -> None:
    cards = client.post("/cds-services/net-patient-view", json=request()).get_json()["cards"]

    offered = {(r["system"], r["code"], r["display"]) for card in cards for r in card["overrideReasons"]}
    assert offered
    assert offered <= {(row.system, row.value, row.display) for row in rows("override-reason")}


def test_codes_of_the_filter_stand_once() -> None:
    codes = [(row.system, row.value) for row in rows("filter-diagnosis")]

    assert len(codes) == len(set(codes))
    assert {system for system, _ in codes} == set(SYSTEMS)


@pytest.mark.parametrize("story", STORIES)
def test_filter_lets_every_patient_through_who_gets_a_card(client: FlaskClient, story: str) -> None:
    body = request_of(story)

    answers = [
        client.post(f"/cds-services/{name}", json=body).get_json() for name in ("net-patient-view", "net-surveillance")
    ]

    codes = {code for code in diagnoses(body) if code[0] in SYSTEMS}
    let_through = codes & {(row.system, row.value) for row in rows("filter-diagnosis")}
    assert let_through or not codes or not any(answer["cards"] for answer in answers)


def test_filter_holds_back_who_has_another_tumour() -> None:
    body = request_of("no_net_cancer_of_caecum")

    assert not diagnoses(body) & {(row.system, row.value) for row in rows("filter-diagnosis")}


def test_filter_of_orders_names_the_tests_that_are_checked_for_anybody(client: FlaskClient) -> None:
    row = next(row for row in rows("filter-order") if row.note == "gastrin" and row.system == "http://loinc.org")
    record = chart(conditions=search(), medications=search(omeprazole()))

    cards = cards_of(client, ordering(request(record), procedure(row.value, row.system)))

    assert cards


def test_table_holds_every_row() -> None:
    sections = build_sheet(KNOWLEDGE, load_settings({"HOOFBEATS_BASE_URL": BASE}))

    table = list(csv.DictReader(io.StringIO(as_csv(sections))))

    assert len(table) == sum(len(section.rows) for section in sections)
    assert {row["section"] for row in table} == {section.key for section in sections}


def test_command_writes_a_table(tmp_path: Path) -> None:
    target = tmp_path / "sheet.csv"

    result = CliRunner().invoke(main, ["build-sheet", "--format", "csv", "--output", str(target)])

    assert result.exit_code == 0
    assert "net-patient-view,conditions,Condition?patient={{context.patientId}}" in target.read_text()


def test_command_writes_a_page_that_needs_nothing_else() -> None:
    result = CliRunner().invoke(main, ["build-sheet"], env={"HOOFBEATS_BASE_URL": BASE})

    held = read_page(result.stdout)
    assert not held.all("link", "script", "img")
    assert f"{BASE}/cds-services/net-order-sign" in section(held, "Endpoints").text


def test_command_says_which_setting_is_wrong() -> None:
    result = CliRunner().invoke(main, ["build-sheet"], env={"HOOFBEATS_PORT": "none"})

    assert result.exit_code == 1
    assert "HOOFBEATS_PORT" in result.output


def test_command_says_in_one_line_that_a_file_cannot_be_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["build-sheet", "--output", str(tmp_path / "nowhere" / "sheet.html")])

    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path}/nowhere/sheet.html: No such file or directory\n"


def test_page_and_its_table_say_the_same(client: FlaskClient) -> None:
    table = list(csv.DictReader(io.StringIO(client.get("/build-sheet.csv").get_data(as_text=True))))

    shown = section(page(client, "/build-sheet"), "Prefetch").all("table")[0].rows()[1:]
    assert [row[:3] for row in shown] == [
        [row["service"], row["name"], row["value"]] for row in table if row["section"] == "prefetch"
    ]


def diagnoses(body: dict[str, Any]) -> set[tuple[str, str]]:
    """The codes on the problem list of a request."""
    entries = body["prefetch"].get("conditions", {}).get("entry", [])
    codings = (c for entry in entries for c in entry["resource"].get("code", {}).get("coding", []))
    return {(canonical(coding.get("system", "")), coding.get("code", "")) for coding in codings}


def canonical(system: str) -> str:
    """The address of a system however a record spells it."""
    return KNOWLEDGE.terminology.canonical(system)


def omeprazole() -> dict[str, Any]:
    """An active prescription of a proton pump inhibitor."""
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-10-01",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "7646"}]},
    }
