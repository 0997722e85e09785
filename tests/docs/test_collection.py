"""The Bruno collection: every request goes to an endpoint that exists, with a fixture that exists, and is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.services import SERVICES
from service.settings import load_settings

COLLECTION = Path(__file__).parents[2] / "docs" / "collection"
REQUESTS = sorted(COLLECTION.glob("*.bru"))


def block(text: str, name: str) -> str:
    """What stands in a block of a .bru file; empty where it has none."""
    found = re.search(rf"^{re.escape(name)} \{{\n(.*?)^\}}$", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def call_of(text: str) -> tuple[str, str]:
    """Method and path of a request."""
    found = re.search(r"^(get|post) \{\n  url: \{\{base\}\}(\S+)", text, re.MULTILINE)
    assert found is not None
    return found[1], found[2]


def body_of(file: Path) -> bytes | None:
    """The body that Bruno would send."""
    text = file.read_text()
    if named := re.search(r"@file\((.+?)\)", block(text, "body:file")):
        return (file.parent / named[1]).read_bytes()
    written = block(text, "body:json")
    return json.dumps(json.loads(written)).encode() if written else None


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"})).test_client()


@pytest.mark.parametrize("file", REQUESTS, ids=lambda file: file.stem)
def test_a_request_is_answered_as_its_assertions_say(file: Path, client: FlaskClient) -> None:
    method, path = call_of(file.read_text())

    answer = client.open(path, method=method.upper(), data=body_of(file), content_type="application/json")

    assert answer.status_code == 200, answer.json
    for key, length in re.findall(r"res\.body\.(\w+): length (\d+)", block(file.read_text(), "assert")):
        assert len(answer.json[key]) == int(length)


def test_discovery_every_service_feedback_and_explain_are_there() -> None:
    paths = {call_of(file.read_text())[1] for file in REQUESTS}

    services = {f"/cds-services/{name}" for name in SERVICES}
    assert paths == {"/cds-services", *services, "/cds-services/net-patient-view/feedback", "/explain"}
