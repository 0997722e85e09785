"""The schema of the database: made at once where there is none, taken on or back by Alembic's steps where there is one.

Only such a step imports Alembic, which would take a tenth of every start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, select

from service.journal.tables import METADATA

if TYPE_CHECKING:
    from alembic.config import Config

_STEPS = Path(__file__).parent / "migrations"
# The last of the steps, after which the tables are those of METADATA.
LATEST = "003"
# As Alembic makes it.
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class UnknownSchema(Exception):
    """The schema is of another version of this service, which no step leads from or to."""


def upgrade(connection: Connection) -> None:
    """Makes the schema or brings it up to date, in the transaction of the connection; raises UnknownSchema."""
    there = inspect(connection).get_table_names()
    if _VERSION.name in there and connection.execute(select(_VERSION)).scalars().all() == [LATEST]:
        return
    if not {_VERSION.name, *METADATA.tables}.intersection(there):
        METADATA.create_all(connection, checkfirst=False)
        _VERSION.create(connection)
        connection.execute(insert(_VERSION), {"version_num": LATEST})
        return
    from alembic import command

    with _known_steps():
        command.upgrade(_config(connection), LATEST)


def downgrade(connection: Connection, revision: str) -> None:
    """Takes the schema back to that of an earlier version; raises UnknownSchema."""
    from alembic import command

    with _known_steps():
        command.downgrade(_config(connection), revision)


@contextmanager
def _known_steps() -> Iterator[None]:
    from alembic.util import CommandError

    try:
        yield
    except CommandError:
        raise UnknownSchema from None


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
