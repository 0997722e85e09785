"""The command line of the database: its schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from service.commands.output import JSON, faults_told, say
from service.journal.store import Store, StoreUnavailable
from service.settings import load_settings

_ADVICE = {
    "no such file": "; `hoofbeats database upgrade` makes it",
    "UnknownSchema": "; it is of a later version, or there is no such revision",
}


@click.group()
def database() -> None:
    """The database of feedback and counts."""


@database.command()
@JSON
def upgrade(as_json: bool) -> None:
    """Make the schema or bring it up to date."""
    with opened_store() as store:
        store.upgrade()
    say({"upToDate": True}, "the schema of the database is up to date", as_json)


@database.command()
@click.argument("revision")
@JSON
def downgrade(revision: str, as_json: bool) -> None:
    """Take the schema back to REVISION, for an earlier version of the service."""
    with opened_store() as store:
        store.downgrade(revision)
    say({"revision": revision}, f"the schema of the database is that of {revision}", as_json)


@contextmanager
def opened_store() -> Iterator[Store]:
    """The database of the settings; its faults as one clear line and exit code 1."""
    try:
        with faults_told():
            store = Store(load_settings().database_url)
        yield store
        store.rest()
    except StoreUnavailable as fault:
        advice = _ADVICE.get(str(fault), "")
        raise click.ClickException(f"the database of HOOFBEATS_DATABASE_URL cannot be used: {fault}{advice}") from None
