"""The command that serves."""

from __future__ import annotations

import gc
import sys

import click

from mappings.errors import DefinitionError


@click.command()
def serve() -> None:
    """Serve on HOOFBEATS_HOST and HOOFBEATS_PORT."""
    gc.disable()  # what is loaded now stays, and looking through it takes a sixth of the start; workers enable it
    from service.serving.serve import run
    from service.settings import SettingsError, load_settings

    try:
        settings = load_settings()
        if settings.profile == "demo" and sys.stdout.isatty():
            click.echo(f"The clinic opens at {settings.base_url}/ in a few seconds. Ctrl-C ends it.")
        run(settings)
    except (SettingsError, DefinitionError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        gc.enable()
