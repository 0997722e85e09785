"""The doctor says what is wrong and what to do about it, and reads any folder of data without breaking."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from client_stub import ec_key, environment, key_set, trust_file
from fhir_stub import Answer, FhirStub, searchset, serving
from hook_requests import condition, request
from key_stub import KeyServer, key_server
from running import running

from service.cli import main


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    with key_server(key_set(ec_key())) as stub:
        yield stub


@pytest.fixture
def server() -> Iterator[FhirStub]:
    with serving() as stub:
        stub.answer("metadata", Answer({"resourceType": "CapabilityStatement"}))
        yield stub


def doctor(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *arguments], env=settings)


def signs(result: Result) -> dict[str, Any]:
    return {sign["subject"]: sign for sign in json.loads(result.stdout)}


def states(result: Result) -> dict[str, str]:
    return {subject: sign["state"] for subject, sign in signs(result).items()}


def test_a_healthy_hospital_has_no_failures(tmp_path: Path, keys: KeyServer, server: FhirStub) -> None:
    trust_file(tmp_path, jku=keys.url, keys_file=None, fhir_servers=[server.url], networks=["127.0.0.0/8"])
    settings = environment(tmp_path, today="", metrics_token="m", cors_origins="https://ehr.example.org")

    result = doctor("--json", **settings)

    assert set(states(result).values()) <= {"ok", "warn"}
    assert states(result)["keys of https://ehr.example.org"] == "ok"
    assert states(result)["clock"] == "ok"
    assert states(result)[f"FHIR server {server.url}"] == "ok"
    assert result.exit_code == 0


def test_site_file_with_which_the_service_does_not_start_is_named(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[services.net-surveilance]\nmode = "off"\n')

    result = doctor("--json", HOOFBEATS_SITE=str(site))

    assert states(result)["rules"] == "fail"
    assert signs(result)["rules"]["found"].startswith("site.toml: services.net-surveilance: no service called")


def test_each_thing_that_is_wrong_is_named_with_what_to_do(tmp_path: Path, keys: KeyServer, server: FhirStub) -> None:
    keys.status = 500
    trust_file(tmp_path, jku=keys.url, keys_file=None, fhir_servers=["https://127.0.0.1:1/fhir"])
    (tmp_path / "trust.toml").write_text((tmp_path / "trust.toml").read_text() + 'networks = ["127.0.0.0/8"]\n')

    result = doctor("--json", **environment(tmp_path, replay_file=str(tmp_path / "nowhere" / "used.db")))

    failed = {subject for subject, state in states(result).items() if state == "fail"}
    assert failed == {
        "today",
        "keys of https://ehr.example.org",
        "FHIR server https://127.0.0.1:1/fhir",
        "memory of used tokens",
    }
    assert all(signs(result)[subject]["advice"] for subject in failed)
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("settings", "subject"),
    [
        ({"HOOFBEATS_PORT": "many"}, "settings"),
        ({"HOOFBEATS_PROFILE": "production"}, "trust file"),
        ({"HOOFBEATS_PROFILE": "production", "HOOFBEATS_TRUST": __file__}, "trust file"),
    ],
)
def test_settings_that_cannot_work_are_a_failure(settings: dict[str, str], subject: str, tmp_path: Path) -> None:
    result = doctor("--json", HOOFBEATS_REPLAY_FILE=str(tmp_path / "used.db"), **settings)

    assert states(result)[subject] == "fail"
    assert result.exit_code == 1


def test_lines_for_people_say_ok_warn_or_fail_first() -> None:
    result = doctor()

    assert {line[:4] for line in result.stdout.splitlines() if not line.startswith(" ")} <= {"ok  ", "warn", "fail"}
    assert "-> for patients: HOOFBEATS_PROFILE=production" in result.stdout


def test_a_running_server_is_asked_whether_it_is_ready_and_lets_browsers_in(tmp_path: Path) -> None:
    with running(tmp_path / "work") as service:
        result = doctor("--json", "--url", service.url)

    assert states(result)["running server"] == "ok"
    assert states(result)["CORS preflight"] == "ok"


def test_a_server_that_does_not_run_is_a_failure() -> None:
    result = doctor("--json", "--url", "http://127.0.0.1:9")

    assert states(result)["running server"] == "fail"


CORPUS: dict[str, bytes] = {
    "bundle.json": json.dumps(searchset(condition())).encode(),
    "packed.json.gz": gzip.compress(json.dumps(condition()).encode()),
    "bulk/Condition.ndjson": b"\n".join([json.dumps(condition()).encode(), b"", b'{"resourceType": "Con']),
    "request.json": json.dumps(request()).encode(),
    "empty.json": b"",
    "null.json": b"null",
    "number.json": b"7",
    "latin.json": b'{"resourceType": "Patient", "id": "\xe9"}',
    "deep.json": b"[" * 100_000,
    "nan.json": b'{"resourceType": "Observation", "valueQuantity": {"value": NaN}}',
    "old.json": b'{"resourceType": "Condition", "clinicalStatus": "active", "patient": {"reference": "Patient/1"}}',
    "odd.json": b'{"resourceType": "Observation", "status": {}, "code": {"coding": '
    b'[{"system": "http://loinc.org", "code": "29593-1"}]}}',
    "other.json": b'{"resourceType": "Procedure", "code": {"text": "Walk"}, "performedPeriod": 5}',
    "broken.json.gz": b"no gzip",
    "readme.txt": b"not read",
}


def test_a_corpus_is_read_to_its_end_whatever_is_in_it(tmp_path: Path) -> None:
    for name, content in CORPUS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    result = doctor("--json", "--corpus", str(tmp_path), HOOFBEATS_TODAY="2026-11-20")

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["faults"] == {}
    assert found["types"]["Condition"]["kept"] >= 3
    assert found["refused"]["the file cannot be opened (BadGzipFile)"] == 1
    assert found["refused"]["the body is not UTF-8"] == 1
    assert found["refused"]["the body is nested deeper than 64 levels"] == 1
    assert {row["type"] for row in found["unreadable"]} >= {"Observation"}
    reason = "performedPeriod.root is as neither R4 nor R5 has it, if it had been needed"
    assert {"type": "Procedure", "reason": reason, "count": 1} in found["unreadable"]


def test_a_corpus_is_counted_in_lines_for_people(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(CORPUS["bundle.json"])

    result = doctor("--corpus", str(tmp_path), HOOFBEATS_TODAY="2026-11-20")

    assert result.stdout.splitlines()[0] == "1 documents; resources: 1 kept"
