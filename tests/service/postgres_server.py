"""A PostgreSQL server for tests: the one in HOOFBEATS_TEST_POSTGRES, else one started from what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from running import free_port
from sqlalchemy import create_engine, make_url, text

_SKIPPED = "no PostgreSQL: set HOOFBEATS_TEST_POSTGRES or install the package postgresql"


@contextmanager
def a_server() -> Iterator[str]:
    """The address of a server on which databases may be made; skips the test where there is none."""
    if given := os.environ.get("HOOFBEATS_TEST_POSTGRES"):
        yield given
        return
    programs = _programs()
    if programs is None:
        pytest.skip(_SKIPPED)
    folder = Path(tempfile.mkdtemp(prefix="hoofbeats-postgres-"))
    try:
        yield from _started(programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_database(server: str) -> Iterator[str]:
    """The address of a new database on a server, dropped at the end."""
    name = f"hoofbeats_{uuid4().hex}"
    _tell(server, f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _tell(server, f"DROP DATABASE {name} WITH (FORCE)")


def _tell(server: str, statement: str) -> None:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _programs() -> Path | None:
    """The folder of PostgreSQL's own programs; Debian keeps them off the path."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    return max((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")), default=None)


def _started(programs: Path, folder: Path) -> Iterator[str]:
    data, port = folder / "data", free_port()
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        shutil.chown(folder, "postgres", "postgres")
    _run([programs / "initdb", "-D", data, "-A", "trust", "-U", "hoofbeats", "--no-sync"])
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    _run([programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"])
    try:
        yield f"postgresql://hoofbeats@127.0.0.1:{port}/postgres"
    finally:
        _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def _run(command: list[Path | str]) -> None:
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL, **owner)  # type: ignore[call-overload]  # noqa: S603
