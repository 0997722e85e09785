"""What every test stands on: examples that repeat, no database file in the folder, PostgreSQL where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from postgres_server import a_database, a_server

from service import settings

# The same examples in every run, however slow the machine is.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(autouse=True, scope="session")
def _database_in_memory() -> Iterator[None]:
    """A test that names no database gets one that lasts as long as its application."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DEFAULT_DATABASE", "sqlite://")
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server; the test is skipped where there is none."""
    with a_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind that is supported."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/hoofbeats.db"
    else:
        with a_database(request.getfixturevalue("postgres")) as address:
            yield address
