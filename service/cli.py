"""The command line: serve, evaluate a request, look at settings and at the knowledge."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from cards.check import check_rules
from cards.knowledge import load_knowledge
from mappings.errors import DefinitionError
from mappings.export import concept_map, value_set_resources
from service.advise import Advisor, advise
from service.errors import ServiceError
from service.fhir_client import FhirClient
from service.hook_request import read_request
from service.serve import run
from service.services import SERVICES
from service.settings import Settings, SettingsError, described, load_settings


@click.group()
def main() -> None:
    """Hoofbeats: CDS Hooks cards for neuroendocrine tumours."""


@main.command()
def serve() -> None:
    """Serve on HOOFBEATS_HOST and HOOFBEATS_PORT."""
    run(_settings())


@main.command()
@click.argument("request_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--service", "service_id", type=click.Choice(sorted(SERVICES)), help="Default: every service of the hook."
)
def evaluate(request_file: Path, service_id: str | None) -> None:
    """Print the cards that a hook request gets."""
    settings = _settings()
    body = request_file.read_bytes()
    try:
        hook = json.loads(body).get("hook", "")
        chosen = [s for s in SERVICES.values() if s.id == service_id or (service_id is None and s.hook == hook)]
        if not chosen:
            raise click.ClickException(f"no service answers the hook {hook!r}")
        loaded = load_knowledge([settings.site] if settings.site else [])
        advisor = Advisor(loaded, settings, FhirClient(settings.max_body_bytes))
        answers = {s.id: advise(read_request(body, s.hook), s, advisor) for s in chosen}
    except (ServiceError, DefinitionError, json.JSONDecodeError, AttributeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(answers if len(answers) > 1 else next(iter(answers.values())), indent=2, ensure_ascii=False))


@main.command(name="settings")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show_settings(as_json: bool) -> None:
    """Show every setting with its source."""
    rows = list(described(_settings()))
    if as_json:
        keys = ("variable", "value", "source", "meaning")
        click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2))
        return
    table = Table("Variable", "Value", "Source", "Meaning")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@main.group()
def knowledge() -> None:
    """Rules, statements, value sets."""


@knowledge.command()
def check() -> None:
    """Check that every rule's cases hold and every criterion tips some case both ways."""
    try:
        loaded = load_knowledge()
    except DefinitionError as error:
        raise click.ClickException(str(error)) from None
    counts, faults = check_rules(loaded.rules)
    for fault in faults:
        click.echo(fault, err=True)
    click.echo(
        f"{len(loaded.statements)} statements, {counts.rules} rules, {counts.criteria} criteria, {counts.cases} cases, "
        f"{counts.tipping_pairs} tipping pairs, {len(faults)} failing"
    )
    sys.exit(1 if faults else 0)


@knowledge.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(folder: Path) -> None:
    """Write the value sets as FHIR R4 ValueSet resources and one ConceptMap into FOLDER."""
    terminology = load_knowledge().terminology
    folder.mkdir(parents=True, exist_ok=True)
    resources = [*value_set_resources(terminology), concept_map(terminology)]
    for resource in resources:
        path = folder / f"{resource['resourceType']}-{resource['id']}.json"
        path.write_text(json.dumps(resource, indent=2, ensure_ascii=False) + "\n")
    click.echo(f"{len(resources)} resources written to {folder}")


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
