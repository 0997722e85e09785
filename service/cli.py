"""The command line: serve, evaluate, explain and verify requests, look at settings and at the knowledge."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cards.check import check_rules
from cards.coherence import faults_of_whole
from cards.knowledge import knowledge_at, shipped_knowledge
from cards.limits import faults_of_texts
from mappings.errors import DefinitionError
from mappings.export import concept_map, value_set_resources
from mappings.readers import check_readers
from service.advise import Advisor, advise
from service.commands.build_sheet import build_sheet_command
from service.commands.doctor import doctor
from service.commands.feedback import database, feedback
from service.commands.knowledge import COMMANDS
from service.commands.output import JSON, bar, no_such_rule, rule_names, say
from service.commands.sweep import sweep_command
from service.errors import ServiceError
from service.explain import differences, explanation_of, why
from service.fetching.fhir_client import FhirClient
from service.fetching.gather import UnsupportedVersion
from service.hook_request import HookRequest, read_request
from service.serve import run
from service.services import SERVICES, Service
from service.settings import Settings, SettingsError, described, load_settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SERVICE = click.option(
    "--service", "service_id", type=click.Choice(sorted(SERVICES)), help="Default: every service of the hook."
)


@click.group(epilog="Exit codes: 0 done; 1 it found something wrong or could not do it, and says what; 2 misused.")
def main() -> None:
    """Hoofbeats: CDS Hooks cards for neuroendocrine tumours."""


main.add_command(build_sheet_command)
main.add_command(database)
main.add_command(doctor)
main.add_command(feedback)
main.add_command(sweep_command)


@main.command()
def serve() -> None:
    """Serve on HOOFBEATS_HOST and HOOFBEATS_PORT."""
    with _told():
        settings = load_settings()
        if settings.profile == "demo" and sys.stdout.isatty():
            click.echo(f"The clinic opens at {settings.base_url}/ in a few seconds. Ctrl-C ends it.")
        run(settings)


@main.command()
@click.argument("request_file", type=_FILE)
@_SERVICE
@click.option("--json", is_flag=True, expose_value=False, help="As JSON, which cards are anyway.")
def evaluate(request_file: Path, service_id: str | None) -> None:
    """Print the cards that a hook request gets."""
    _print_each(request_file, service_id, advise)


@main.command()
@click.argument("request_file", type=_FILE)
@_SERVICE
@click.option("--why-not", "rule_id", shell_complete=rule_names, help="Only this rule, in words.")
@JSON
def explain(request_file: Path, service_id: str | None, rule_id: str | None, as_json: bool) -> None:
    """Print what every rule decided about a hook request, and why."""
    if rule_id is None:
        _print_each(request_file, service_id, explanation_of)
        return
    with _told():
        advisor = _advisor()
        cards = {rule.id: rule.card for rule in advisor.knowledge.rules}
        if rule_id not in cards:
            raise no_such_rule(rule_id, cards)
        for service, request in _requests(request_file, service_id):
            if cards[rule_id] in service.kinds:
                words = "\n".join(why(request, service, advisor, rule_id))
                decided = explanation_of(request, service, advisor)["rules"] if as_json else []
                say(next((rule for rule in decided if rule["rule"] == rule_id), None), words, as_json)


@main.command()
@click.argument("card_file", type=_FILE)
@click.argument("request_file", type=_FILE)
@JSON
def verify(card_file: Path, request_file: Path, as_json: bool) -> None:
    """Re-derive a card from its request, or say what differs."""
    with _told():
        advisor = _advisor()
        card = _json_of(card_file)
        if not isinstance(card, dict):
            raise click.ClickException(f"{card_file}: one card is expected, as a JSON object")
        kind = card.get("extension", {}).get("org.hoofbeats.card", {}).get("kind")
        for service, request in _requests(request_file, None):
            if kind in service.kinds:
                found = differences(card, request, service, advisor)
                words = "\n".join(found) or "the card follows from the request, bit for bit"
                say({"follows": not found, "differences": found}, words, as_json)
                sys.exit(1 if found else 0)
    raise click.ClickException("no service of the request's hook gives cards of this kind")


@main.command(name="settings")
@JSON
def show_settings(as_json: bool) -> None:
    """Show every setting with its source."""
    with _told():
        rows = list(described(load_settings()))
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


for _command in COMMANDS:
    knowledge.add_command(_command)


@knowledge.command()
@JSON
def check(as_json: bool) -> None:
    """Check that cases hold, criteria tip them both ways, and the rule base as a whole has no gap or contradiction."""
    with _told():
        loaded = shipped_knowledge()
        check_readers(loaded.vocabulary)
    counts, faults = check_rules(bar(loaded.rules, "checking rules"))
    faults += [*faults_of_whole(loaded), *faults_of_texts(loaded)]
    counted = {"statements": len(loaded.statements), **asdict(counts)}
    words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counted.items())
    if not as_json:
        click.echo("\n".join(faults), err=True, nl=bool(faults))
    say({**counted, "faults": faults}, f"{words}, {len(faults)} failing", as_json)
    sys.exit(1 if faults else 0)


@knowledge.command(name="hash")
@click.argument("rule_id", metavar="RULE", shell_complete=rule_names)
@JSON
def show_hash(rule_id: str, as_json: bool) -> None:
    """Print the hash that a signature of RULE has to name."""
    with _told():
        hashes = {rule.id: rule.hash for rule in shipped_knowledge().rules}
    if rule_id not in hashes:
        raise no_such_rule(rule_id, hashes)
    say({"rule": rule_id, "hash": hashes[rule_id]}, hashes[rule_id], as_json)


@knowledge.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@JSON
def export(folder: Path, as_json: bool) -> None:
    """Write the value sets as FHIR R4 ValueSet resources and one ConceptMap into FOLDER."""
    terminology = shipped_knowledge().terminology
    folder.mkdir(parents=True, exist_ok=True)
    resources = [*value_set_resources(terminology), concept_map(terminology)]
    for resource in resources:
        path = folder / f"{resource['resourceType']}-{resource['id']}.json"
        path.write_text(json.dumps(resource, indent=2, ensure_ascii=False) + "\n")
    written = [f"{resource['resourceType']}/{resource['id']}" for resource in resources]
    say({"folder": str(folder), "resources": written}, f"{len(resources)} resources written to {folder}", as_json)


def _print_each(
    request_file: Path, service_id: str | None, answer: Callable[[HookRequest, Service, Advisor], dict[str, Any]]
) -> None:
    """The answers of the services to a request file, as JSON; one answer stands alone."""
    with _told():
        advisor = _advisor()
        answers = {s.id: answer(request, s, advisor) for s, request in _requests(request_file, service_id)}
    shown = answers if len(answers) > 1 else next(iter(answers.values()))
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))


def _requests(request_file: Path, service_id: str | None) -> Iterator[tuple[Service, HookRequest]]:
    body = request_file.read_bytes()
    envelope = _json_of(request_file)
    hook = envelope.get("hook", "") if isinstance(envelope, dict) else ""
    chosen = [s for s in SERVICES.values() if s.id == service_id or (service_id is None and s.hook == hook)]
    if not chosen:
        known = ", ".join(dict.fromkeys(service.hook for service in SERVICES.values()))
        raise click.ClickException(f"no service answers the hook {hook!r}; there are services for {known}")
    for service in chosen:
        yield service, read_request(body, service.hook)


def _json_of(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}") from None


def _advisor() -> Advisor:
    settings: Settings = load_settings()
    loaded = knowledge_at(settings.site)
    return Advisor(loaded, settings, FhirClient(settings.max_body_bytes))


@contextmanager
def _told() -> Iterator[None]:
    """Faults of settings, knowledge and requests as one clear line and exit code 1."""
    try:
        yield
    except (SettingsError, DefinitionError, ServiceError) as error:
        raise click.ClickException(str(error)) from None
    except UnsupportedVersion:
        raise click.ClickException("the resources are FHIR STU3 or DSTU2; this service reads R4, R4B and R5") from None
