"""A database that is locked, full or gone: cards are answered all the same, feedback is refused rather than lost."""

from __future__ import annotations

import logging
import resource
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from feedback_calls import FEEDBACK, opening, overridden
from flask.testing import FlaskClient
from hook_answers import answer, kinds

from service.app import create_app
from service.settings import load_settings

REFUSED = {
    "severity": "error",
    "code": "transient",
    "diagnostics": "the feedback could not be stored; it may be sent again later",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "volume"
    made.mkdir()
    return made


def client_of(url: str, **more: str) -> FlaskClient:
    environment = {"HOOFBEATS_TODAY": "2026-11-20", "HOOFBEATS_DATABASE_URL": url} | more
    return create_app(load_settings(environment)).test_client()


@contextmanager
def no_file_growing() -> Iterator[None]:
    """As on a disk that is full: no file of this process gets longer than a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def send(client: FlaskClient) -> Any:
    return client.post(FEEDBACK, json={"feedback": [overridden("c1", overrideReason={"userComment": "Canary"})]})


def seconds_for_cards(client: FlaskClient, hook_instance: str) -> float:
    started = time.monotonic()
    assert kinds(answer(client, opening(hook_instance, "canary-patient"))) == ["work-up"]
    return time.monotonic() - started


def test_a_locked_database_delays_cards_by_a_moment_and_once(folder: Path) -> None:
    client = client_of(f"sqlite:///{folder}/hoofbeats.db")
    with closing(sqlite3.connect(folder / "hoofbeats.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        first, second = seconds_for_cards(client, "h1"), seconds_for_cards(client, "h2")
        refused = send(client)

    assert (refused.status_code, refused.get_json()["issue"]) == (503, [REFUSED])
    assert first < 1.5
    assert second < 1
    assert send(client).status_code == 200


def test_cards_are_looked_up_in_vain_and_shown_while_the_database_is_locked(folder: Path) -> None:
    setting = {"HOOFBEATS_REPEAT_AFTER_DAYS": "7", "HOOFBEATS_SECRET_KEY": "k" * 32}
    client = client_of(f"sqlite:///{folder}/hoofbeats.db", **setting)
    with closing(sqlite3.connect(folder / "hoofbeats.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        assert seconds_for_cards(client, "h1") < 2


def test_a_folder_that_is_gone_takes_no_card_along(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(f"sqlite:///{folder}/hoofbeats.db")
    shutil.rmtree(folder)
    caplog.set_level(logging.DEBUG)

    seconds_for_cards(client, "h1")
    refused = send(client)

    assert refused.status_code == 503
    assert "something was not recorded: FileNotFoundError (1 so far)" in caplog.text
    assert "anary" not in caplog.text + refused.text


def test_a_full_database_takes_no_card_along(folder: Path) -> None:
    client = client_of(f"sqlite:///{folder}/hoofbeats.db")

    with no_file_growing():
        seconds_for_cards(client, "h1")
        refused = send(client)

    assert refused.status_code == 503
    assert send(client).status_code == 200


@pytest.mark.parametrize("url", ["sqlite:////nowhere/hoofbeats.db", "postgresql://hoofbeats@127.0.0.1:1/hoofbeats"])
def test_a_database_that_was_never_there_does_not_keep_the_service_from_starting(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(url)

    seconds_for_cards(client, "h1")

    assert send(client).status_code == 503
    assert "the database cannot be used: " in caplog.text


def test_a_database_that_comes_late_is_used_from_then_on(tmp_path: Path) -> None:
    client = client_of(f"sqlite:///{tmp_path}/later/hoofbeats.db")
    assert send(client).status_code == 503
    (tmp_path / "later").mkdir()

    assert send(client).status_code == 200
