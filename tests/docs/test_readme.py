"""The README says what is true: its curl line, its services, its card."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from screenshots import SCENES

from service.app import create_app
from service.services import SERVICES
from service.settings import load_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def card(curl: re.Match[str]) -> Any:
    """The card of the curl line, on the day of the cohort."""
    client = create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"})).test_client()
    answer = client.post(curl[1], data=(ROOT / curl[2]).read_bytes(), content_type="application/json")
    return answer.json["cards"][0]


@pytest.fixture(scope="module")
def curl() -> re.Match[str]:
    found = re.search(r"curl -s http://127\.0\.0\.1:8000(\S+) -H 'Content-Type: application/json' -d @(\S+)", README)
    assert found is not None
    return found


def test_the_card_that_is_shown_is_the_card_of_the_curl_line_word_for_word(card: Any) -> None:
    shown = " ".join(line.removeprefix(">") for line in README.splitlines() if line.startswith(">"))
    buttons = " ".join(f"`{suggestion['label']}`" for suggestion in card["suggestions"])
    whole = _in_one_line(f"**{card['summary']}** {card['detail']} {buttons}")

    pieces = [
        piece for piece in map(_in_one_line, re.split(r"\*\*\s+(?=1\.)|…|(?=`Request Ki)|(?=\| Fact)", shown)) if piece
    ]

    assert len(pieces) >= 5
    assert [piece for piece in pieces if piece not in whole] == []


def test_the_six_pictures_are_those_that_make_screenshots_makes_and_they_are_small() -> None:
    shown = re.findall(r"docs/images/([a-z-]+)\.png", README)

    assert sorted(shown) == sorted(SCENES)
    assert len(shown) == 6
    assert max((ROOT / "docs" / "images" / f"{name}.png").stat().st_size for name in shown) < 200_000


def test_as_many_patients_as_there_are() -> None:
    stated = re.search(r"(\d+) synthetic patients", README)

    assert stated is not None
    assert int(stated[1]) == len(list((ROOT / "fixtures" / "patients").iterdir()))


def test_the_curl_line_yields_a_card_on_any_day(curl: re.Match[str]) -> None:
    client = create_app(load_settings({})).test_client()
    body = (ROOT / curl[2]).read_bytes()

    cards = client.post(curl[1], data=body, content_type="application/json").json["cards"]

    assert cards[0]["summary"].startswith("NET work-up:")


def test_every_service_is_listed() -> None:
    listed = set(re.findall(r"^\| `(net-[a-z-]+)`", README, re.MULTILINE))

    assert listed == set(SERVICES)


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert [link for link in links if not (ROOT / link).exists()] == []


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
