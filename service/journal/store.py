"""The database: opened by its address, its schema made and updated, every write on disk before it counts as written."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, QueuePool, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from service.journal import schema
from service.journal.write_ahead import use_write_ahead_log
from service.settings import SettingsError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_PATIENCE_MS = 3000
# A commit is on the disk, not only with the operating system, before it is acknowledged.
_ON_DISK = "PRAGMA synchronous=FULL"
_ALWAYS = (
    _ON_DISK,
    "PRAGMA foreign_keys=ON",
    # Deleted comments are overwritten, not only unlinked.
    "PRAGMA secure_delete=ON",
)
# Any number, the same for every process that migrates the same PostgreSQL database.
_MIGRATION_LOCK = 4816172


class StoreUnavailable(Exception):
    """The database is locked, full, gone or of another version; the message names the kind of fault only."""


class Store:
    """An open database; safe to share between threads, and between processes that fork before they first use it."""

    def __init__(self, address: str, patience_ms: int = _PATIENCE_MS) -> None:
        url = _url(address)
        self._file = _file(url)
        self._is_in_memory = url.get_backend_name() == "sqlite" and self._file is None
        self._engine = _engine(url, patience_ms)
        self._lock = threading.Lock()
        self._ready: object = None
        weakref.finalize(self, self._engine.dispose)

    def upgrade(self) -> None:
        """Makes the schema or brings it up to date; raises StoreUnavailable."""
        with _faults():
            if self._file is not None:
                make_private(self._file)
            with self._begin(writes=True) as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
                schema.upgrade(connection)
            self._ready = self._identity()

    def downgrade(self, revision: str) -> None:
        """Takes the schema back to that of an earlier version; raises StoreUnavailable."""
        with _faults(), self._begin(writes=True) as connection:
            schema.downgrade(connection, revision)
        self._ready = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed, and on disk, when the block ends; raises StoreUnavailable."""
        self._make_ready()
        with _faults(), self._begin(writes=True) as connection:
            yield connection

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A transaction that the operating system has when the block ends, and the disk soon after: for counts.

        It outlives a crash of this process; raises StoreUnavailable.
        """
        self._make_ready()
        with _faults(), self._begin(writes=True, on_disk=False) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database; raises StoreUnavailable."""
        if self._file is not None and not self._file.exists():
            raise StoreUnavailable("no such file")
        with _faults(), self._begin(writes=False) as connection:
            yield connection

    def tidy(self) -> None:
        """Leaves no trace of what was deleted in SQLite's write-ahead log; raises StoreUnavailable."""
        if self._file is not None:
            with _faults(), self._engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")  # a checkpoint cannot run inside a transaction
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def rest(self) -> None:
        """Closes what is open, as before a fork; the next use opens it again. A database in memory stays."""
        if not self._is_in_memory:
            self._engine.dispose()

    def _make_ready(self) -> None:
        """Upgrades before the first write, and again where the file is not the one that was upgraded."""
        with self._lock:
            if self._ready is None or self._ready != self._identity():
                self.rest()
                self.upgrade()

    def _identity(self) -> object:
        """What tells a file from another that took its place; without a file, always the same."""
        return "no file" if self._file is None else identity_of(self._file)

    @contextmanager
    def _begin(self, *, writes: bool, on_disk: bool = True) -> Iterator[Connection]:
        with self._engine.execution_options(writes=writes, on_disk=on_disk).begin() as connection:
            yield connection


def identity_of(file: Path) -> tuple[int, int] | None:
    """What tells a file from another that takes its place; nothing where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def make_private(file: Path) -> None:
    """Makes a database file that is its owner's alone, where there is none; its write-ahead log gets the same mode."""
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # a large module, for those who use it

    return postgresql.insert(table)


def count_up(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Adds the rows' counts to those of the same key, in one order, so that two processes never wait for each other."""
    if not rows:
        return
    statement = insert_into(connection, table)
    keys = [column.name for column in table.primary_key]
    added = statement.on_conflict_do_update(
        index_elements=keys, set_={"count": table.c["count"] + statement.excluded["count"]}
    )
    connection.execute(added, sorted(rows, key=lambda row: [str(row[key]) for key in keys]))


@contextmanager
def _faults() -> Iterator[None]:
    """Every fault of the database as StoreUnavailable, named by its type: messages may hold what was being written."""
    try:
        yield
    except DBAPIError as error:
        raise StoreUnavailable(type(error.orig).__name__) from None
    except (SQLAlchemyError, schema.UnknownSchema, OSError) as error:
        raise StoreUnavailable(type(error).__name__) from None


def _url(address: str) -> URL:
    url = make_url(address)
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def _file(url: URL) -> Path | None:
    """The file of a SQLite database, where it has one."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database or "").absolute()


def _engine(url: URL, patience_ms: int) -> Engine:
    if url.get_backend_name() == "postgresql":
        limits = f"-c statement_timeout={patience_ms} -c lock_timeout={patience_ms}"
        arguments = {"connect_timeout": max(2, patience_ms // 1000), "options": limits, "tcp_user_timeout": patience_ms}
        try:
            return create_engine(url, pool_pre_ping=True, pool_timeout=patience_ms / 1000, connect_args=arguments)
        except ModuleNotFoundError:
            raise SettingsError("HOOFBEATS_DATABASE_URL: PostgreSQL needs `pip install hoofbeats[postgres]`") from None
    # One connection for each process, taken in turn: SQLite has one writer anyway, and memory has one connection.
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=patience_ms / 1000,
        connect_args={"check_same_thread": False, "timeout": patience_ms / 1000},
    )
    event.listen(engine, "connect", partial(_set_up_sqlite, patience_ms / 1000))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(patience_s: float, connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin in _begin_sqlite, not where the driver guesses
    cursor = connection.cursor()
    use_write_ahead_log(cursor.execute, patience_s)
    for pragma in _ALWAYS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once, since a reader that turns writer is refused without waiting."""
    options = connection.get_execution_options()
    writes = options.get("writes", False)
    if writes:
        connection.exec_driver_sql(_ON_DISK if options.get("on_disk", True) else "PRAGMA synchronous=NORMAL")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
