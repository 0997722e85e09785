"""The command that shows the settings."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from service.commands.output import JSON, faults_told
from service.settings import described, load_settings


@click.command(name="settings")
@JSON
def show_settings(as_json: bool) -> None:
    """Show every setting with its source."""
    with faults_told():
        rows = list(described(load_settings()))
    if as_json:
        keys = ("variable", "value", "source", "meaning")
        click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2))
        return
    table = Table("Variable", "Value", "Source", "Meaning")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
