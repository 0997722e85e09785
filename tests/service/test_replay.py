"""A used token is remembered by all workers, across restarts, and no longer than it holds."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from client_stub import Token, bearer, production, trust_file

from service.security.replay import ReplayUnavailable, SqliteReplay

ISSUER = "https://ehr.example.org"


def use(path: str) -> int:
    """How many of fifty tokens one worker was the first to use."""
    memory = SqliteReplay(Path(path))
    return sum(_patiently(memory, f"token-{number}") for number in range(50))


def _patiently(memory: SqliteReplay, token: str) -> bool:
    while True:
        try:
            return memory.is_first(ISSUER, token, 2000, 1000)
        except ReplayUnavailable:
            time.sleep(0.01)


@pytest.mark.cds("X17")
def test_of_several_workers_exactly_one_is_the_first_to_use_a_token(tmp_path: Path) -> None:
    path = str(tmp_path / "used.db")
    fresh = multiprocessing.get_context("spawn")

    with ProcessPoolExecutor(4, mp_context=fresh) as workers:
        firsts = list(workers.map(use, [path] * 4))

    assert sum(firsts) == 50


@pytest.mark.cds("X17")
def test_a_used_token_is_remembered_after_a_restart(tmp_path: Path) -> None:
    assert SqliteReplay(tmp_path / "used.db").is_first(ISSUER, "a", 2000, 1000)

    assert not SqliteReplay(tmp_path / "used.db").is_first(ISSUER, "a", 2000, 1000)


def test_two_issuers_may_use_the_same_id(tmp_path: Path) -> None:
    memory = SqliteReplay(tmp_path / "used.db")

    assert memory.is_first(ISSUER, "a", 2000, 1000)
    assert memory.is_first("https://other.example.org", "a", 2000, 1000)


def test_a_token_is_forgotten_when_it_has_expired(tmp_path: Path) -> None:
    memory = SqliteReplay(tmp_path / "used.db")
    memory.is_first(ISSUER, "a", 2000, 1000)

    memory.is_first(ISSUER, "b", 9000, 2001)

    with closing(sqlite3.connect(tmp_path / "used.db")) as connection:
        assert connection.execute("SELECT count(*) FROM used").fetchone() == (1,)


def test_nothing_of_a_token_can_be_read_from_the_file(tmp_path: Path) -> None:
    SqliteReplay(tmp_path / "used.db").is_first(ISSUER, "canary-token-id", 2000, 1000)

    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"canary-token-id" not in written
    assert b"ehr.example.org" not in written


def test_while_the_memory_is_locked_callers_are_told_to_try_again(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path)
    client.get("/cds-services", headers=bearer(Token()))

    with closing(sqlite3.connect(tmp_path / "used.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = client.get("/cds-services", headers=bearer(Token()))

    assert answer.status_code == 503
    assert answer.json["resourceType"] == "OperationOutcome"


def test_where_the_memory_cannot_be_written_nobody_gets_in(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path, replay_file=str(tmp_path / "no such folder" / "used.db"))

    assert client.get("/cds-services", headers=bearer(Token())).status_code == 503
    assert client.get("/readyz").json["checks"]["replay"] is False


def test_a_memory_that_was_damaged_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "used.db").write_bytes(b"no database" * 1000)

    with pytest.raises(ReplayUnavailable):
        SqliteReplay(tmp_path / "used.db").is_first(ISSUER, "a", 2000, 1000)


def test_a_stranger_learns_nothing_of_a_memory_in_trouble(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path, replay_file=str(tmp_path / "no such folder" / "used.db"))

    assert client.get("/cds-services", headers=bearer(Token(without="jti"))).status_code == 401
