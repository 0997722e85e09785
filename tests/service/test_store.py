"""The database: its schema is that of the migrations, and what cannot be written is refused, never lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select, text

from service.journal.schema import LATEST
from service.journal.store import Store, StoreUnavailable, count_up
from service.journal.tables import COMMENTS, EVALUATIONS, FEEDBACK, METADATA
from service.settings import SettingsError, load_settings

DAY = date(2026, 11, 20)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.rest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hoofbeats.db"


@pytest.fixture
def file_store(file: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{file}", patience_ms=100)
    opened.upgrade()
    yield opened
    opened.rest()


def counted(rule: str, **changes: Any) -> dict[str, Any]:
    row = {"rule": rule, "outcome": "silent", "service": "net-patient-view", "knowledge": "k1", "day": DAY, "count": 1}
    return row | changes


def overridden(reasons: Sequence[tuple[str, str]]) -> dict[str, Any]:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    times = {"received_at": noon, "outcome_timestamp": noon}
    said = {"service": "net-patient-view", "card": "c1", "outcome": "overridden", "accepted": ()}
    return {**times, **said, "matched": False, "reasons": reasons}


def write(store: Store, rule: str) -> None:
    with store.writing() as connection:
        count_up(connection, EVALUATIONS, [counted(rule)])


def write_and_fail(store: Store) -> None:
    with store.writing() as connection:
        count_up(connection, EVALUATIONS, [counted("half")])
        raise ZeroDivisionError


def described(store: Store) -> dict[str, Any]:
    """Every table with what the database says of it, in no order of columns."""
    with store.reading() as connection:
        seen = inspect(connection)
        tables = {
            name: {
                "columns": sorted(
                    (c | {"type": str(c["type"])} for c in seen.get_columns(name)), key=itemgetter("name")
                ),
                "key": seen.get_pk_constraint(name),
                "foreign": seen.get_foreign_keys(name),
                "indexes": seen.get_indexes(name),
            }
            for name in seen.get_table_names()
        }
        tables["alembic_version"]["rows"] = list(connection.execute(text("SELECT * FROM alembic_version")).scalars())
    return tables


def rules(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(select(EVALUATIONS.c.rule).order_by(EVALUATIONS.c.rule)).scalars())


def by_steps(store: Store) -> None:
    """Makes the schema by every step from the first, as a database that is as old as the service has it."""
    with store.writing():
        pass
    store.downgrade("base")
    store.upgrade()


def test_steps_make_the_very_tables_that_the_code_knows(store: Store) -> None:
    by_steps(store)

    with store.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differences == []


def test_a_new_database_is_made_at_once_as_the_steps_would_make_it(store: Store) -> None:
    store.upgrade()

    at_once = described(store)

    by_steps(store)
    assert at_once == described(store)
    assert at_once["alembic_version"]["rows"] == [LATEST]


def test_the_latest_schema_is_that_of_the_last_step() -> None:
    steps = ScriptDirectory(str(Path("service/journal/migrations")))

    assert steps.get_heads() == [LATEST]


def test_tables_that_no_step_made_are_not_taken_for_an_empty_database(store: Store) -> None:
    store.upgrade()
    with store.writing() as connection:
        connection.execute(text("DROP TABLE alembic_version"))

    with pytest.raises(StoreUnavailable):
        store.upgrade()


def test_the_schema_goes_down_and_up_and_what_it_can_hold_stays(store: Store) -> None:
    store.upgrade()
    reasons = (("first", "urn:r"), ("second", ""))
    with store.writing() as connection:
        number = connection.execute(insert(FEEDBACK).returning(FEEDBACK.c.id), overridden(reasons)).scalar_one()
        connection.execute(insert(FEEDBACK), overridden(()))
        connection.execute(insert(COMMENTS), {"feedback": number, "text": "in words"})

    store.downgrade("002")
    with store.reading() as connection:
        before = connection.execute(text("SELECT reason_code, reason_system FROM feedback ORDER BY id")).all()
    store.upgrade()

    with store.reading() as connection:
        after = connection.execute(select(FEEDBACK.c.reasons).order_by(FEEDBACK.c.id)).scalars().all()
        said = connection.execute(select(COMMENTS.c.text)).scalars().all()
    assert before == [("first", "urn:r"), (None, None)]
    assert (after, said) == ([(("first", "urn:r"),), ()], ["in words"])


def test_the_schema_goes_down_to_nothing_and_up_again(store: Store) -> None:
    store.upgrade()

    store.downgrade("base")
    write(store, "after")

    assert rules(store) == ["after"]


def test_upgrading_again_changes_nothing(store: Store) -> None:
    store.upgrade()
    write(store, "kept")

    store.upgrade()

    assert rules(store) == ["kept"]


def test_a_database_that_nobody_upgraded_is_upgraded_by_the_first_write(store: Store) -> None:
    write(store, "first")

    assert rules(store) == ["first"]


def test_two_processes_may_upgrade_at_once(database_url: str, tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("hoofbeats"), "database", "upgrade"]
    environment = {"HOOFBEATS_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin"}

    both = [
        subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE)  # noqa: S603 -- our own words
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=120)[0] for process in both]

    assert answers == [b"the schema of the database is up to date\n"] * 2


def test_a_new_database_that_another_process_is_writing_to_is_waited_for(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor() as threads:
            upgraded = threads.submit(Store(f"sqlite:///{file}", patience_ms=5000).upgrade)
            time.sleep(0.1)
            other.execute("COMMIT")

            assert upgraded.result(10) is None


def test_counts_of_the_same_rule_and_day_add_up_from_many_threads(store: Store) -> None:
    store.upgrade()
    rows = [counted(f"rule-{number}") for number in range(20)]

    def add(order: int) -> None:
        with store.writing() as connection:
            count_up(connection, EVALUATIONS, rows[order:] + rows[:order])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(20)))

    with store.reading() as connection:
        assert set(connection.execute(select(EVALUATIONS.c["count"])).scalars()) == {20}


def test_a_block_that_fails_leaves_nothing(store: Store) -> None:
    store.upgrade()

    with pytest.raises(ZeroDivisionError):
        write_and_fail(store)

    assert rules(store) == []


def test_a_fault_never_repeats_what_was_being_written(store: Store) -> None:
    store.upgrade()

    with pytest.raises(StoreUnavailable) as fault, store.writing() as connection:
        connection.execute(insert(COMMENTS), {"feedback": 4711, "text": "Canary McCanaryface"})

    assert "anary" not in str(fault.value)
    assert fault.value.__cause__ is None


def test_a_database_that_is_not_there_to_be_read_is_unavailable(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/none.db")

    with pytest.raises(StoreUnavailable), store.reading():
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_gone_is_unavailable() -> None:
    store = Store("postgresql://hoofbeats@127.0.0.1:1/hoofbeats", patience_ms=100)

    with pytest.raises(StoreUnavailable), store.writing():
        pass


def test_sqlite_writes_ahead_and_waits_for_the_disk(file_store: Store) -> None:
    with file_store.reading() as connection:
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]

    assert modes == ["wal", 2]


def test_counts_wait_for_no_disk_and_what_is_written_after_them_does(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/hoofbeats.db")

    with store.noting() as connection:
        noted = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    with store.writing() as connection:
        written = connection.exec_driver_sql("PRAGMA synchronous").scalar()

    assert (noted, written) == (1, 2)


def test_only_the_owner_reads_the_file(file_store: Store, file: Path) -> None:
    write(file_store, "mine")

    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}


def test_a_locked_database_is_unavailable_and_comes_back(file_store: Store, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreUnavailable, match="OperationalError"):
            write(file_store, "locked out")

    write(file_store, "let in")
    assert rules(file_store) == ["let in"]


def test_a_full_database_is_unavailable(file_store: Store) -> None:
    with file_store.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    with pytest.raises(StoreUnavailable, match="OperationalError"), file_store.writing() as connection:
        count_up(connection, EVALUATIONS, [counted(f"rule-{n}", knowledge="k" * 60) for n in range(2000)])

    assert rules(file_store) == []


def test_a_file_that_was_deleted_is_made_anew(file_store: Store, file: Path) -> None:
    write(file_store, "lost")
    for path in list(file.parent.iterdir()):
        path.unlink()

    write(file_store, "found")

    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT rule FROM evaluations").fetchall() == [("found",)]


def test_a_folder_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    folder.mkdir()
    store = Store(f"sqlite:///{folder}/hoofbeats.db", patience_ms=100)
    write(store, "before")
    folder.rename(tmp_path / "elsewhere")

    with pytest.raises(StoreUnavailable):
        write(store, "after")


def test_a_schema_of_a_later_version_is_unavailable(store: Store) -> None:
    store.upgrade()
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '999'"))

    with pytest.raises(StoreUnavailable, match="UnknownSchema"):
        store.upgrade()


@pytest.mark.parametrize("written", ["mysql://root:geheim@db/x", "postgresql://u:geheim@db:port/x", "geheim", "a b://"])
def test_an_address_of_no_database_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(SettingsError, match="HOOFBEATS_DATABASE_URL: expected sqlite:///FILE") as refused:
        load_settings({"HOOFBEATS_DATABASE_URL": written})

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_known_by_each_of_its_spellings(postgres: str, scheme: str) -> None:
    address = scheme + postgres[postgres.index("://") :]
    store = Store(load_settings({"HOOFBEATS_DATABASE_URL": address}).database_url)

    with store.reading() as connection:
        answer = connection.execute(text("SELECT 1")).scalar()

    assert answer == 1
    store.rest()
