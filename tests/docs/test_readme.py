"""The README says what is true: its curl line, its services, its card."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.app import create_app
from service.services import SERVICES
from service.settings import load_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def curl() -> re.Match[str]:
    found = re.search(r"curl -s http://127\.0\.0\.1:8000(\S+) -H 'Content-Type: application/json' -d @(\S+)", README)
    assert found is not None
    return found


def test_the_curl_line_yields_the_card_that_is_shown(curl: re.Match[str]) -> None:
    client = create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"})).test_client()
    body = (ROOT / curl[2]).read_bytes()

    cards = client.post(curl[1], data=body, content_type="application/json").json["cards"]

    assert f"> **{cards[0]['summary']}**" in README


def test_the_curl_line_yields_a_card_on_any_day(curl: re.Match[str]) -> None:
    client = create_app(load_settings({})).test_client()
    body = (ROOT / curl[2]).read_bytes()

    cards = client.post(curl[1], data=body, content_type="application/json").json["cards"]

    assert cards[0]["summary"].startswith("NET work-up:")


def test_every_service_is_listed() -> None:
    listed = set(re.findall(r"^\| `(net-[a-z-]+)`", README, re.MULTILINE))

    assert listed == set(SERVICES)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert [link for link in links if not (ROOT / link).exists()] == []
