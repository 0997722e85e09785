"""The command that serves."""

from __future__ import annotations

import sys

import click

from mappings.errors import DefinitionError
from service.serve import run
from service.settings import SettingsError, load_settings


@click.command()
def serve() -> None:
    """Serve on HOOFBEATS_HOST and HOOFBEATS_PORT."""
    try:
        settings = load_settings()
        if settings.profile == "demo" and sys.stdout.isatty():
            click.echo(f"The clinic opens at {settings.base_url}/ in a few seconds. Ctrl-C ends it.")
        run(settings)
    except (SettingsError, DefinitionError) as error:
        raise click.ClickException(str(error)) from None
