"""No feedback that was acknowledged is lost, whatever happens to the process that acknowledged it."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests
from feedback_calls import FEEDBACK, opening, overridden
from hook_requests import VIEW
from running import Running, running
from sqlalchemy import select

from service.journal import tables
from service.journal.store import Store

POSTS = 1000


class Burst:
    """Posts feedback from many threads, and kills a worker when a third of it was acknowledged."""

    def __init__(self, service: Running) -> None:
        self._service = service
        self._lock = threading.Lock()
        self.victim = 0
        self.acknowledged: set[str] = set()

    def run(self) -> None:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(self._post, range(POSTS)))

    def _post(self, number: int) -> None:
        card = f"card-{number}"
        try:
            answer = requests.post(self._service.url + FEEDBACK, json={"feedback": [overridden(card)]}, timeout=20)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return
        if answer.ok:
            self._acknowledge(card)

    def _acknowledge(self, card: str) -> None:
        with self._lock:
            self.acknowledged.add(card)
            if not self.victim and len(self.acknowledged) >= POSTS // 3:
                self.victim = self._service.workers()[0]
                os.kill(self.victim, signal.SIGKILL)


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[Running]:
    with running(tmp_path, database_url=database_url, workers="2") as started:
        yield started


def stored_cards(database_url: str) -> set[str]:
    store = Store(database_url)
    with store.reading() as connection:
        found = set(connection.execute(select(tables.FEEDBACK.c.card)).scalars())
    store.rest()
    return found


def test_a_worker_killed_in_a_burst_loses_nothing_that_was_acknowledged(service: Running, database_url: str) -> None:
    burst = Burst(service)

    burst.run()

    assert burst.victim not in service.workers()
    assert len(burst.acknowledged) > POSTS * 0.9
    assert burst.acknowledged - stored_cards(database_url) == set()


def test_the_database_is_made_in_the_working_directory_where_none_is_named(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        requests.post(service.url + VIEW, json=opening("h1"), timeout=20)
        requests.post(service.url + FEEDBACK, json={"feedback": [overridden("c1")]}, timeout=20)

    with closing(sqlite3.connect(tmp_path / "hoofbeats.db")) as connection:
        counts = connection.execute("SELECT (SELECT count(*) FROM cards), (SELECT count(*) FROM feedback)").fetchall()
    assert counts == [(1, 1)]


def test_a_service_that_is_stopped_writes_down_its_last_answers_first(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        requests.post(service.url + VIEW, json=opening("h1"), timeout=20)

    with closing(sqlite3.connect(tmp_path / "hoofbeats.db")) as connection:
        assert connection.execute("SELECT count(*) FROM cards").fetchall() == [(1,)]
