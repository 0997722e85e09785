"""Memory of used tokens: each is accepted once, by all workers together and across restarts."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import delete

from service.journal.store import Store, StoreUnavailable, identity_of, insert_into, make_private
from service.journal.tables import USED_TOKENS
from service.journal.write_ahead import use_write_ahead_log
from service.settings import Settings

_TABLE = "CREATE TABLE IF NOT EXISTS used (token BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID"
_INDEX = "CREATE INDEX IF NOT EXISTS used_until ON used (until)"
_WAIT = 0.25
_PRUNED_EVERY = 60.0


class ReplayUnavailable(Exception):
    """The memory cannot be written, so that nobody can tell whether a token is new; the message names the fault."""


class ReplayMemory(Protocol):
    """Remembers tokens until they expire."""

    def is_first(self, issuer: str, token_id: str, until: float, now: float) -> bool:
        """Whether this token was not used before; it is from now on. Raises ReplayUnavailable."""
        ...

    def check(self) -> None:
        """Raises ReplayUnavailable where the memory does not answer."""
        ...


def replay_of(settings: Settings, store: Store) -> ReplayMemory:
    """The memory that the settings name: a file of this machine, or the database where machines share one."""
    return StoreReplay(store) if settings.replay_file is None else SqliteReplay(settings.replay_file)


class StoreReplay:
    """The memory in the database, shared by all machines that use it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pruned = 0.0

    def is_first(self, issuer: str, token_id: str, until: float, now: float) -> bool:
        """Whether this token was not used before; one atomic insert decides."""
        row = {"token": _hash(issuer, token_id).hex(), "until": until}
        try:
            with self._store.writing() as connection:
                if now - self._pruned > _PRUNED_EVERY:
                    connection.execute(delete(USED_TOKENS).where(USED_TOKENS.c.until < now))
                    self._pruned = now
                unless_there = insert_into(connection, USED_TOKENS).on_conflict_do_nothing()
                made = connection.execute(unless_there.returning(USED_TOKENS.c.token), row)
                return made.first() is not None
        except StoreUnavailable as error:
            raise ReplayUnavailable(str(error)) from None

    def check(self) -> None:
        """Raises ReplayUnavailable where nothing can be written."""
        try:
            with self._store.writing() as connection:
                connection.execute(delete(USED_TOKENS).where(USED_TOKENS.c.until < 0))
        except StoreUnavailable as error:
            raise ReplayUnavailable(str(error)) from None


class SqliteReplay:
    """The memory in one SQLite file, shared by the workers of a machine, each with one connection that stays open.

    It is opened when it is first used: a connection must not be taken across the fork that makes a worker.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closing: weakref.finalize[[], SqliteReplay] | None = None  # at the latest when nobody holds this any more
        self._file: tuple[int, int] | None = None
        self._pruned = 0.0

    def is_first(self, issuer: str, token_id: str, until: float, now: float) -> bool:
        """Whether this token was not used before; one atomic insert decides."""
        with self._connected() as connection:
            if now - self._pruned > _PRUNED_EVERY:
                connection.execute("DELETE FROM used WHERE until < ?", (now,))
                self._pruned = now
            made = connection.execute("INSERT OR IGNORE INTO used VALUES (?, ?)", (_hash(issuer, token_id), until))
            return made.rowcount == 1

    def check(self) -> None:
        """Raises ReplayUnavailable where nothing can be written."""
        with self._connected() as connection:
            connection.execute("DELETE FROM used WHERE until < 0")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; nobody waits for others or for the file longer than a moment."""
        if not self._lock.acquire(timeout=_WAIT):
            raise ReplayUnavailable("Busy")
        try:
            yield self._open()
        except (sqlite3.Error, OSError) as error:
            self._close()
            raise ReplayUnavailable(type(error).__name__) from None
        finally:
            self._lock.release()

    def _open(self) -> sqlite3.Connection:
        """The connection that is open, and another where the file was deleted or replaced meanwhile."""
        if self._connection is not None and identity_of(self._path) == self._file:
            return self._connection
        self._close()
        make_private(self._path)
        self._file = identity_of(self._path)  # of before, so that one put there meanwhile is noticed at the next use
        self._connection = connection = _connection_to(self._path)
        self._closing = weakref.finalize(self, connection.close)
        return connection

    def _close(self) -> None:
        self._connection = None
        if self._closing is not None:
            self._closing()


def _connection_to(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    try:
        use_write_ahead_log(connection.execute, _WAIT)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_TABLE)
        connection.execute(_INDEX)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _hash(issuer: str, token_id: str) -> bytes:
    return hashlib.sha256(f"{issuer}\0{token_id}".encode()).digest()
