"""The command that writes the analyst build sheet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask

from cards.knowledge import Knowledge, knowledge_at
from service.build_sheet import Section, as_csv, build_sheet
from service.commands.output import faults_told
from service.settings import Settings, load_settings

_STYLE = Path(__file__).parents[1] / "pages" / "static" / "style.css"


@click.command(name="build-sheet")
@click.option("--format", "form", type=click.Choice(["html", "csv", "json"]), default="html", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: the standard output.")
def build_sheet_command(form: str, output: Path | None) -> None:
    """Write what an EHR analyst types in: endpoints, prefetch, scopes, topics, reasons, filters."""
    with faults_told():
        settings = load_settings()
        knowledge = knowledge_at(settings.site)
        text = as_html(knowledge, settings) if form == "html" else _AS_DATA[form](build_sheet(knowledge, settings))
        if output is not None:
            output.write_text(text)
    if output is None:
        click.echo(text, nl=False)
    else:
        click.echo(f"{output} is written", err=True)


def as_json(sections: Sequence[Section]) -> str:
    """The sheet as JSON: its sections, each with its rows."""
    return json.dumps([asdict(section) for section in sections], indent=2, ensure_ascii=False) + "\n"


_AS_DATA = {"csv": as_csv, "json": as_json}


def as_html(knowledge: Knowledge, settings: Settings) -> str:
    """The sheet as one HTML file that needs nothing else."""
    template = Flask("service.pages").jinja_env.get_template("pages/build_sheet_file.html")
    return template.render(
        sections=build_sheet(knowledge, settings),
        style=_STYLE.read_text(),
        base_url=settings.base_url,
        knowledge_version=knowledge.version,
    )
