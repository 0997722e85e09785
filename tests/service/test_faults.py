"""Every fault has its one expected answer: what breaks stays small, what is lost is said, nobody gets in by it."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import resource
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from client_stub import DISCOVERY, Token, bearer, production, trust_file
from fetched_charts import ask, to_be_fetched
from fhir_stub import Answer, FhirStub, searchset
from flask.testing import FlaskClient
from hook_requests import app_with, chart, condition, request, search
from markdown_reading import active_constructs

from cards.criteria import Join
from cards.knowledge import shipped_knowledge
from mappings import readers
from mappings.errors import UnknownName
from service.advise import Advisor, consult
from service.fetching.fhir_client import FhirClient
from service.hook_request import read_request
from service.security.caller import Cause, Refused
from service.security.replay import ReplayUnavailable, SqliteReplay
from service.security.trust import Gate
from service.security.trust_file import load_trust
from service.services import SERVICES
from service.settings import load_settings
from service.watch import Watch

PATH = "/cds-services/net-patient-view"
SERVICE = SERVICES["net-patient-view"]


class Broken:
    """Criteria that name their findings and then cannot be judged."""

    join = Join.ANY

    def __init__(self, criteria: Any) -> None:
        self.criteria = criteria.criteria


def advisor(*, broken_rule: str = "") -> Advisor:
    knowledge = shipped_knowledge()
    rules = [dataclasses.replace(r, when=Broken(r.when)) if r.id == broken_rule else r for r in knowledge.rules]
    settings = load_settings({"HOOFBEATS_TODAY": "2026-11-20"})
    return Advisor(dataclasses.replace(knowledge, rules=tuple(rules)), settings, FhirClient(1))


def test_a_finding_that_nobody_reads_is_refused_at_the_start() -> None:
    knowledge = shipped_knowledge()
    unread = {"shoe_size": dataclasses.replace(knowledge.vocabulary["age"], name="shoe_size")}
    wrong = dataclasses.replace(knowledge, vocabulary={**knowledge.vocabulary, **unread})

    with pytest.raises(UnknownName, match="shoe_size"):
        Advisor(wrong, load_settings({}), FhirClient(1))


def outcomes(held: Advisor, watch: Watch) -> dict[str, str]:
    asked = read_request(json.dumps(request()).encode(), "patient-view")
    return dict(consult(asked, SERVICE, held, watch).outcomes)


def test_one_broken_rule_loses_itself_and_no_other() -> None:
    whole, watch = outcomes(advisor(), Watch()), Watch()
    spoken = next(rule for rule, outcome in whole.items() if outcome == "recommend")

    left = outcomes(advisor(broken_rule=spoken), watch)

    assert left == {rule: outcome for rule, outcome in whole.items() if rule != spoken}
    assert watch.failed == [spoken]


def test_one_broken_reader_makes_its_finding_unknown_and_no_rule_false(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outcomes(advisor(), Watch())

    def broken(*_: object) -> Any:
        raise ZeroDivisionError("Canaryname")

    monkeypatch.setitem(readers._READERS, "grade", broken)
    left = outcomes(advisor(), Watch())

    assert set(left) == set(whole)
    assert {(whole[rule], left[rule]) for rule in whole} <= {
        ("recommend", "recommend"),
        ("silent", "silent"),
        ("undetermined", "undetermined"),
        ("recommend", "undetermined"),
        ("silent", "undetermined"),
    }


SERVERS = {
    "slow": Answer(searchset(), delay=3),
    "500": Answer(b"", status=500),
    "html": Answer(b"<html><body>Login</body></html>"),
    "truncated": Answer(b'{"resourceType": "Bundle", "entry": [{"resource": {"resou'),
    "cut off": Answer(b'{"resourceType": "Bundle"}', cut=True),
    "half a bundle": Answer({"resourceType": "Bundle", "type": "searchset", "total": 9, "entry": []}),
    "not UTF-8": Answer(b'{"resourceType": "Bundle", "entry": [{"resource": {"id": "\xff"}}]}'),
    "nested": Answer(b'{"a":' * 50_000),
    "not JSON": Answer(b"\x00\x01\x02"),
    "busy": Answer(b"", status=429),
}


@pytest.mark.parametrize("fault", sorted(SERVERS))
def test_a_fhir_server_in_trouble_costs_its_own_findings_within_the_deadline(server: FhirStub, fault: str) -> None:
    server.answer("Observation", SERVERS[fault])
    client = app_with(FETCH_DEADLINE_MS="1500").test_client()
    began = time.monotonic()

    answer = ask(client, server, chart(observations=...))

    assert answer.status_code == 200
    assert time.monotonic() - began < 2.5
    assert "Observation" in json.dumps(answer.json)
    assert answer.json["cards"]


def test_a_fhir_server_that_hangs_before_it_says_anything_gives_412_within_the_deadline(server: FhirStub) -> None:
    for query in ("metadata", "Condition"):
        server.answer(query, Answer(searchset(), delay=3))
    client = app_with(FETCH_DEADLINE_MS="1000").test_client()
    began = time.monotonic()

    answer = ask(client, server)

    assert answer.status_code == 412
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "authorization",
    [
        7,
        "Bearer t",
        [],
        {},
        {"access_token": 7, "token_type": "Bearer"},
        {"access_token": "", "token_type": "Bearer"},
        *({"access_token": token, "token_type": "Bearer"} for token in ("a b", "a\nb", "\x00", "\u0107", "\xe9")),
    ],
    ids=str,
)
def test_an_authorization_that_is_malformed_is_told_so(client: FlaskClient, authorization: Any) -> None:
    answer = client.post(PATH, json=request(fhirServer="https://a.example", fhirAuthorization=authorization))

    assert answer.status_code == 400
    assert "fhirAuthorization" in answer.json["issue"][0]["diagnostics"]


@pytest.mark.parametrize("address", ["https://[::1", "http://127.0.0.1:x/", "https://", "http://%31/", "https://a..b/"])
def test_a_server_whose_address_is_none_is_one_that_cannot_be_asked(client: FlaskClient, address: str) -> None:
    answer = client.post(PATH, json=to_be_fetched(address))

    assert answer.status_code == 412


@pytest.mark.parametrize(
    "address",
    ["https://", "https://u:p@a.example/fhir", "https://a.example:99999", "https://a.example/fhir?x=1", "https://a#b"],
)
def test_a_server_whose_address_is_no_base_is_said_to_be_none(client: FlaskClient, address: str) -> None:
    answer = client.post(PATH, json=to_be_fetched(address))

    assert "fhirServer is not the base address of a server" in answer.json["issue"][0]["diagnostics"]


@pytest.mark.parametrize("minutes", [10, -10])
def test_with_a_clock_ten_minutes_off_tokens_are_refused_for_their_time(tmp_path: Path, minutes: int) -> None:
    issuers = load_trust(trust_file(tmp_path))
    gate = Gate(issuers, SqliteReplay(tmp_path / "used.db"), lambda: time.time() + 60 * minutes)

    with pytest.raises(Refused) as refused:
        gate.admit(f"Bearer {Token()}", DISCOVERY)

    assert refused.value.cause is Cause.TIME


def test_with_a_clock_half_a_minute_off_tokens_are_accepted(tmp_path: Path) -> None:
    issuers = load_trust(trust_file(tmp_path))
    gate = Gate(issuers, SqliteReplay(tmp_path / "used.db"), lambda: time.time() - 30)

    assert gate.admit(f"Bearer {Token()}", DISCOVERY).issuer.name == "https://ehr.example.org"


def test_on_a_full_disk_nobody_gets_in_with_a_token_that_could_be_used_again(tmp_path: Path) -> None:
    fresh = multiprocessing.get_context("spawn")

    with fresh.Pool(1) as pool:
        fault = pool.apply(_use_on_a_full_disk, (str(tmp_path / "used.db"),))

    assert fault == "ReplayUnavailable"


def _use_on_a_full_disk(path: str) -> str:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        SqliteReplay(Path(path)).is_first("https://ehr.example.org", "a", 2000, 1000)
    except ReplayUnavailable as error:
        return type(error).__name__
    return "none"


def test_a_memory_that_was_deleted_while_running_is_made_anew(tmp_path: Path) -> None:
    memory = SqliteReplay(tmp_path / "used.db")
    memory.is_first("https://ehr.example.org", "a", 2000, 1000)
    for path in tmp_path.glob("used.db*"):
        path.unlink()

    assert memory.is_first("https://ehr.example.org", "b", 2000, 1000)
    assert not memory.is_first("https://ehr.example.org", "b", 2000, 1000)


def test_a_database_that_is_gone_is_told_by_readyz_and_costs_no_card(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    client = app_with(DATABASE_URL=f"sqlite:///{folder}/hoofbeats.db").test_client()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()

    assert client.get("/readyz").status_code == 503
    assert client.post(PATH, json=request()).json["cards"]


ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "www.evil.example",
    "| a | b |\n|---|---|",
    "\u202eevil\u202c \u2066x\u2069",
    "a\x00b\x1b[31mc\x7f",
    "`code` **bold** ~~struck~~",
    "</td></tr></table><script>alert(1)</script>",
    "# heading\n- list\n> quote",
    "&#x6a;avascript:alert(1)",
]


LIVE = ["<img", "<script", "<https", "](", "www.evil", "https://evil", *"\u202e\u202c\u2066\u2069\x00\x1b\x7f"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_words_from_a_record_never_become_markup_links_or_hidden_text_on_a_card(
    client: FlaskClient, attack: str
) -> None:
    foreign = condition(id=attack, subject={"reference": "Patient/somebody-else", "display": attack})
    named = {**condition(), "code": {**condition()["code"], "text": attack}}

    answer = client.post(PATH, json=request(chart(conditions=search(named, foreign))))

    details = [card["detail"] for card in answer.json["cards"]]
    assert any("belongs to another patient" in detail for detail in details)
    assert [active_constructs(detail) for detail in details] == [[]] * len(details)


def test_a_foreign_resource_in_the_chart_gives_no_card(client: FlaskClient) -> None:
    foreign = condition(subject={"reference": "Patient/somebody-else"})

    answer = client.post(PATH, json=request(chart(conditions=search(foreign))))

    assert answer.json["cards"] == []


@pytest.mark.cds("X3")
@pytest.mark.cds("X5")
def test_the_page_about_security_says_how_clients_are_registered_and_how_mutual_tls_is_added() -> None:
    text = (Path(__file__).parents[2] / "docs" / "security.md").read_text()

    assert "## Registering a client" in text
    assert "mutual TLS" in " ".join(text.split())


def test_every_package_that_is_installed_is_pinned_with_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-fuzz.txt", "requirements-sbom.txt"):
        lines = (Path(__file__).parents[2] / name).read_text().splitlines()
        pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pinned
        assert all("==" in line and line.endswith("\\") for line in pinned)


def test_authentication_comes_before_anything_is_read(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path)

    answer = client.post(PATH, data=b"[" * 1_000_000, content_type="text/plain", headers=bearer("x"))

    assert answer.status_code == 401
