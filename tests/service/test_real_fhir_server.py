"""Against a FHIR server that is not ours: fetching alone tells what prefetch tells, by no more queries than it takes.

The server is Medplum's, started from tests/fhir_server; the charts are those of fixtures/patients.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_requests import TODAY, app_with
from stories import PATIENTS, request_of

from cards.knowledge import shipped_knowledge
from mappings.findings import Finding
from service.advise import Advisor, read
from service.fetching.fhir_client import FhirClient
from service.hook_request import read_request
from service.services import PREFETCH_KEYS, SERVICES, needed_types
from service.settings import load_settings

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "tests" / "fhir_server"
VIEW, SURVEILLANCE = "net-patient-view", "net-surveillance"
STORIES = (
    "duodenal_gastrinoma_sporadic",
    "duodenal_net_14_mm_without_tumour_board",
    "duodenal_net_9_mm_complete_work_up",
    "duodenal_net_g2_progressive_liver_metastases",
    "duodenal_net_periampullary_with_open_orders",
    "glucagonoma_liver_metastases",
    "ileal_net_carcinoid_syndrome",
    "ileal_net_localised_with_kidney_disease",
    "insulinoma_on_lanreotide_receptor_negative",
    "pancreatic_net_7_mm_imaging_overdue",
)
WITHOUT_NET = "no_net_cancer_of_caecum"
TOKEN = "a-token-of-the-test"
_READY_SECONDS = 60
_SKIPPED = "no FHIR server: install Node 20.19 or later, then npm ci --prefix tests/fhir_server"


@dataclass
class FhirServer:
    """A running server: its address, and what it was asked since it was last told to forget."""

    url: str
    log: Path
    forgotten: int = 0

    def asked(self) -> list[str]:
        """Every request as status, method and query."""
        return self.log.read_text().splitlines()[self.forgotten :]

    def forget(self) -> None:
        """Counts no request so far."""
        self.forgotten += len(self.asked())


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[FhirServer]:
    """A server with the charts of all stories; the test is skipped where it is not installed."""
    node = shutil.which("node")
    if node is None or not (SERVER / "node_modules" / "@medplum").is_dir():
        pytest.skip(_SKIPPED)
    charts = [PATIENTS / story / "bundle.json" for story in (*STORIES, WITHOUT_NET)]
    environment = {"PATH": os.environ["PATH"], "TOKEN": TOKEN, **settings}
    log, trouble = folder / "asked", folder / "trouble"
    with log.open("wb") as out, trouble.open("wb") as err:
        command = [node, str(SERVER / "server.mjs"), *map(str, charts)]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=err)  # noqa: S603
    try:
        yield FhirServer(_address(process, log, trouble), log, 1)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _address(process: subprocess.Popen[bytes], log: Path, trouble: Path) -> str:
    until = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if log.read_text().endswith("\n"):
            return log.read_text().strip()
        time.sleep(0.05)
    raise AssertionError(f"the FHIR server did not start: {trouble.read_text()}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirServer]:
    with serving(tmp_path_factory.mktemp("fhir_server")) as started:
        yield started


@pytest.fixture(scope="module")
def running_with_small_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirServer]:
    with serving(tmp_path_factory.mktemp("fhir_server_with_small_pages"), PAGE_SIZE="3") as started:
        yield started


@pytest.fixture
def server(running: FhirServer) -> FhirServer:
    """The server, not yet asked anything."""
    running.forget()
    return running


@pytest.fixture
def server_with_small_pages(running_with_small_pages: FhirServer) -> FhirServer:
    """A server that gives three entries at a time, not yet asked anything."""
    running_with_small_pages.forget()
    return running_with_small_pages


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return app_with().test_client()


@pytest.fixture(scope="module")
def advisor() -> Advisor:
    settings = load_settings({"HOOFBEATS_TODAY": TODAY, "HOOFBEATS_FETCH_DEADLINE_MS": "60000"})
    return Advisor(shipped_knowledge(), settings, FhirClient(settings.max_body_bytes))


def by_prefetch(story: str, service: str) -> dict[str, Any]:
    """The request of a story with what the service asks for, no more."""
    request = request_of(story)
    keys = {PREFETCH_KEYS[kind] for kind in needed_types(SERVICES[service], shipped_knowledge())}
    return {**request, "prefetch": {key: value for key, value in request["prefetch"].items() if key in keys}}


def by_fetching(story: str, server: FhirServer, token: str = TOKEN) -> dict[str, Any]:
    """The request of a story with nothing but the way to its chart."""
    request = request_of(story)
    del request["prefetch"]
    authorization = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "hoofbeats",
    }
    return {**request, "fhirServer": server.url, "fhirAuthorization": authorization}


def said(client: FlaskClient, service: str, request: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """The cards of an answer: kind, summary and statements of each."""
    answer = client.post(f"/cds-services/{service}", json=request)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    cards = [(card["summary"], card["extension"]["org.hoofbeats.card"]) for card in answer.get_json()["cards"]]
    return [(proof["kind"], summary, proof["statements"]) for summary, proof in cards]


def found(advisor: Advisor, request: Mapping[str, Any]) -> dict[str, Finding]:
    """The findings of a request to the service for the opening of a chart, each with its evidence."""
    _, findings = read(read_request(json.dumps(request).encode(), "patient-view"), SERVICES[VIEW], advisor)
    return dict(findings)


def queries(patient: str, service: str) -> list[str]:
    """What has to be asked about a patient who has a tumour."""
    kinds = needed_types(SERVICES[service], shipped_knowledge())
    searches = [f"200 GET {kind}?patient={patient}&_count=500" for kind in kinds if kind != "Patient"]
    return ["200 GET metadata", f"200 GET Patient/{patient}", *searches]


@pytest.mark.parametrize("service", [VIEW, SURVEILLANCE])
@pytest.mark.parametrize("story", [*STORIES, WITHOUT_NET])
def test_fetching_alone_gives_the_cards_that_prefetch_gives(
    story: str, service: str, client: FlaskClient, server: FhirServer
) -> None:
    expected = said(client, service, by_prefetch(story, service))

    fetched = said(client, service, by_fetching(story, server))

    assert fetched == expected


def test_the_stories_have_cards_of_every_kind_that_a_chart_can_give(client: FlaskClient, server: FhirServer) -> None:
    answers = [said(client, service, by_fetching(s, server)) for service in (VIEW, SURVEILLANCE) for s in STORIES]

    kinds = {kind for cards in answers for kind, _, _ in cards}

    assert kinds == {*SERVICES[VIEW].kinds, *SERVICES[SURVEILLANCE].kinds}


@pytest.mark.parametrize("story", STORIES)
def test_fetching_alone_gives_the_findings_that_prefetch_gives(
    story: str, advisor: Advisor, server: FhirServer
) -> None:
    expected = found(advisor, by_prefetch(story, VIEW))

    fetched = found(advisor, by_fetching(story, server))

    assert fetched == expected


@pytest.mark.parametrize("story", STORIES)
def test_small_pages_give_the_findings_of_large_ones(
    story: str, advisor: Advisor, server_with_small_pages: FhirServer
) -> None:
    expected = found(advisor, by_prefetch(story, VIEW))

    fetched = found(advisor, by_fetching(story, server_with_small_pages))

    assert fetched == expected


def test_every_page_is_asked_for_once(client: FlaskClient, server_with_small_pages: FhirServer) -> None:
    chart = json.loads((PATIENTS / "ileal_net_carcinoid_syndrome" / "bundle.json").read_text(encoding="utf-8"))
    observations = [entry for entry in chart["entry"] if entry["resource"]["resourceType"] == "Observation"]

    said(client, VIEW, by_fetching("ileal_net_carcinoid_syndrome", server_with_small_pages))

    first = "200 GET Observation?patient=cora&_count=500"
    further = [f"{first}&_offset={offset}" for offset in range(3, len(observations), 3)]
    assert [q for q in server_with_small_pages.asked() if "Observation" in q] == [first, *further]
    assert len(further) > 2


@pytest.mark.parametrize("service", [VIEW, SURVEILLANCE])
def test_each_type_that_the_rules_read_is_searched_once_and_nothing_else(
    service: str, client: FlaskClient, server: FhirServer
) -> None:
    said(client, service, by_fetching("ileal_net_carcinoid_syndrome", server))

    assert sorted(server.asked()) == sorted(queries("cora", service))


def test_a_patient_without_net_takes_one_search(client: FlaskClient, server: FhirServer) -> None:
    said(client, VIEW, by_fetching(WITHOUT_NET, server))

    assert server.asked() == ["200 GET metadata", "200 GET Condition?patient=lotte&_count=500"]


def test_a_token_that_the_server_refuses_gives_412_that_names_the_need(client: FlaskClient, server: FhirServer) -> None:
    request = by_fetching("ileal_net_carcinoid_syndrome", server, "another-token")

    answer = client.post(f"/cds-services/{VIEW}", json=request)

    said_why = answer.get_json()["issue"][0]["diagnostics"]
    assert answer.status_code == 412
    assert "Condition" in said_why
    assert "401" in said_why
    assert "another-token" not in said_why


def test_a_token_that_the_server_refuses_is_tried_once(client: FlaskClient, server: FhirServer) -> None:
    request = by_fetching("ileal_net_carcinoid_syndrome", server, "another-token")

    client.post(f"/cds-services/{VIEW}", json=request)

    assert server.asked() == ["200 GET metadata", "401 GET Condition?patient=cora&_count=500"]


def test_a_server_that_is_too_slow_gives_412_that_names_the_deadline(tmp_path: Path) -> None:
    hurried = app_with(FETCH_DEADLINE_MS="800").test_client()

    with serving(tmp_path, DELAY_MS="3000") as slow:
        answer = hurried.post(f"/cds-services/{VIEW}", json=by_fetching("ileal_net_carcinoid_syndrome", slow))

    assert answer.status_code == 412
    assert "the deadline passed" in answer.get_json()["issue"][0]["diagnostics"]
