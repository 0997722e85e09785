"""A used token is remembered by all workers, across restarts, and no longer than it holds."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from client_stub import DISCOVERY, Token, bearer, environment, production, trust_file
from postgres_server import a_database
from sqlalchemy import create_engine, make_url, text

from service.journal.store import Store
from service.security.caller import Refused
from service.security.guard import gate_of
from service.security.replay import ReplayMemory, ReplayUnavailable, SqliteReplay, StoreReplay
from service.settings import load_settings

ISSUER = "https://ehr.example.org"


@pytest.fixture(params=["file", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where used tokens are remembered: the path of a file, or the address of an empty PostgreSQL database."""
    if request.param == "file":
        yield str(tmp_path / "used.db")
    else:
        with a_database(request.getfixturevalue("postgres")) as address:
            yield address


def memory_at(place: str) -> ReplayMemory:
    return StoreReplay(Store(place, 10_000)) if "://" in place else SqliteReplay(Path(place))


def rows_at(place: str) -> int:
    url, table = ("", "used") if "://" not in place else (place, "used_tokens")
    address = make_url(url).set(drivername="postgresql+psycopg") if url else make_url(f"sqlite:///{place}")
    engine = create_engine(address)
    with engine.connect() as connection:
        count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
    engine.dispose()
    return int(count)


def use(place: str) -> int:
    """How many of fifty tokens one worker was the first to use."""
    memory = memory_at(place)
    return sum(_patiently(memory, f"token-{number}") for number in range(50))


def _patiently(memory: ReplayMemory, token: str) -> bool:
    while True:
        try:
            return memory.is_first(ISSUER, token, 2000, 1000)
        except ReplayUnavailable:
            time.sleep(0.01)


@pytest.mark.cds("X17")
def test_of_several_workers_exactly_one_is_the_first_to_use_a_token(tmp_path: Path) -> None:
    fresh = multiprocessing.get_context("spawn")

    with ProcessPoolExecutor(2, mp_context=fresh) as workers:
        firsts = list(workers.map(use, [str(tmp_path / "used.db")] * 2))

    assert sum(firsts) == 50


@pytest.mark.cds("X17")
def test_of_several_machines_exactly_one_is_the_first_to_use_a_token(postgres: str) -> None:
    with a_database(postgres) as address, ThreadPoolExecutor(3) as machines:
        firsts = list(machines.map(use, [address] * 3))

    assert sum(firsts) == 50


@pytest.mark.cds("X17")
def test_a_used_token_is_remembered_after_a_restart(place: str) -> None:
    assert memory_at(place).is_first(ISSUER, "a", 2000, 1000)

    assert not memory_at(place).is_first(ISSUER, "a", 2000, 1000)


def test_two_issuers_may_use_the_same_id(place: str) -> None:
    memory = memory_at(place)

    assert memory.is_first(ISSUER, "a", 2000, 1000)
    assert memory.is_first("https://other.example.org", "a", 2000, 1000)


def test_a_token_is_forgotten_when_it_has_expired(place: str) -> None:
    memory = memory_at(place)
    memory.is_first(ISSUER, "a", 2000, 1000)

    memory.is_first(ISSUER, "b", 9000, 2001)

    assert rows_at(place) == 1


@pytest.mark.cds("X17")
def test_machines_that_share_a_database_share_its_memory_of_used_tokens(postgres: str, tmp_path: Path) -> None:
    trust_file(tmp_path)
    token = f"Bearer {Token()}"

    with a_database(postgres) as address:
        settings = load_settings(environment(tmp_path, database_url=address, replay_file=""))
        one, other = (gate_of(settings, Store(address)) for _ in range(2))
        assert one is not None
        assert other is not None
        one.admit(token, DISCOVERY)
        with pytest.raises(Refused, match="used before"):
            other.admit(token, DISCOVERY)


def test_a_shared_database_that_is_gone_lets_nobody_in(tmp_path: Path) -> None:
    trust_file(tmp_path)
    nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    client = production(tmp_path, database_url=nowhere, replay_file="")

    assert client.get("/cds-services", headers=bearer(Token())).status_code == 503


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


def test_while_the_memory_is_locked_nobody_waits_for_those_who_wait(tmp_path: Path) -> None:
    memory = SqliteReplay(tmp_path / "used.db")
    memory.check()

    def waited(number: int) -> float:
        began = time.monotonic()
        with pytest.raises(ReplayUnavailable):
            memory.is_first(ISSUER, str(number), 2000, 1000)
        return time.monotonic() - began

    with closing(sqlite3.connect(tmp_path / "used.db", isolation_level=None)) as other, ThreadPoolExecutor(8) as pool:
        other.execute("BEGIN IMMEDIATE")
        seconds = list(pool.map(waited, range(8)))

    assert max(seconds) < 1


def test_where_the_memory_cannot_be_written_nobody_gets_in(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path, replay_file=str(tmp_path / "no such folder" / "used.db"))

    assert client.get("/cds-services", headers=bearer(Token())).status_code == 503
    assert client.get("/readyz").json["checks"]["replay"] is False


def test_the_file_is_opened_once_for_many_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kept: opened.append(args) or connect(*args, **kept))
    memory = SqliteReplay(tmp_path / "used.db")

    assert all(memory.is_first(ISSUER, str(number), 2000, 1000) for number in range(20))

    assert len(opened) == 1


def test_a_memory_that_nobody_holds_any_more_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1])
    memory = SqliteReplay(tmp_path / "used.db")
    memory.check()

    del memory

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_a_file_that_was_put_in_its_place_is_the_memory_from_then_on(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE unrelated (a)")
    memory = SqliteReplay(tmp_path / "used.db")
    memory.is_first(ISSUER, "a", 2000, 1000)
    for path in tmp_path.glob("used.db*"):
        path.unlink()
    (tmp_path / "other.db").rename(tmp_path / "used.db")

    assert memory.is_first(ISSUER, "b", 2000, 1000)
    with closing(sqlite3.connect(tmp_path / "used.db")) as replaced:
        assert replaced.execute("SELECT count(*) FROM used").fetchone() == (1,)


@pytest.mark.parametrize("deleted", ["used.db", "used.db*"])
def test_two_workers_share_the_memory_again_after_it_was_deleted(tmp_path: Path, deleted: str) -> None:
    fresh = multiprocessing.get_context("spawn")
    place = str(tmp_path / "used.db")
    with ProcessPoolExecutor(1, mp_context=fresh) as one, ProcessPoolExecutor(1, mp_context=fresh) as other:
        for worker in (one, other):
            worker.submit(_use_kept, place, "a").result()
        for path in tmp_path.glob(deleted):
            path.unlink()
        for worker in (one, other):
            worker.submit(_use_kept, place, "b").result()  # the first may be refused, as long as the other looks away

        firsts = [worker.submit(_use_kept, place, "c").result() for worker in (one, other)]

    assert firsts == [True, False]


_KEPT: dict[str, SqliteReplay] = {}


def _use_kept(place: str, token: str) -> bool | None:
    """Whether this worker, whose memory stays open from call to call, is the first; none where it cannot tell."""
    try:
        return _KEPT.setdefault(place, SqliteReplay(Path(place))).is_first(ISSUER, token, 2000, 1000)
    except ReplayUnavailable:
        return None


def test_a_memory_that_was_damaged_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "used.db").write_bytes(b"no database" * 1000)

    with pytest.raises(ReplayUnavailable):
        SqliteReplay(tmp_path / "used.db").is_first(ISSUER, "a", 2000, 1000)


def test_a_stranger_learns_nothing_of_a_memory_in_trouble(tmp_path: Path) -> None:
    trust_file(tmp_path)
    client = production(tmp_path, replay_file=str(tmp_path / "no such folder" / "used.db"))

    assert client.get("/cds-services", headers=bearer(Token(without="jti"))).status_code == 401


def test_a_new_file_that_another_worker_is_writing_to_is_waited_for(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "used.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor() as threads:
            memory = SqliteReplay(tmp_path / "used.db")
            asked = threads.submit(memory.is_first, ISSUER, "a", 2000, 1000)
            time.sleep(0.05)
            other.execute("COMMIT")

            assert asked.result(10)
