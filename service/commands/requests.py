"""Commands about a hook request in a file: its cards, why they are as they are, and whether a card follows from it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from cards.context import proof_of
from service.advise import Advisor, advise, advisor_for
from service.commands.output import JSON, faults_told, no_such_rule, rule_names, say
from service.explain import differences, explanation_of, why
from service.hook_request import HookRequest, read_request
from service.services import SERVICES, Service
from service.settings import load_settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SERVICE = click.option(
    "--service", "service_id", type=click.Choice(sorted(SERVICES)), help="Default: every service of the hook."
)


@click.command()
@click.argument("request_file", type=_FILE)
@_SERVICE
@click.option("--json", is_flag=True, expose_value=False, help="As JSON, which cards are anyway.")
def evaluate(request_file: Path, service_id: str | None) -> None:
    """Print the cards that a hook request gets."""
    _print_each(request_file, service_id, advise)


@click.command()
@click.argument("request_file", type=_FILE)
@_SERVICE
@click.option("--why-not", "rule_id", shell_complete=rule_names, help="Only this rule, in words.")
@JSON
def explain(request_file: Path, service_id: str | None, rule_id: str | None, as_json: bool) -> None:
    """Print what every rule decided about a hook request, and why."""
    if rule_id is None:
        _print_each(request_file, service_id, explanation_of)
        return
    with faults_told():
        advisor = advisor_for(load_settings())
        cards = {rule.id: rule.card for rule in advisor.knowledge.rules}
        if rule_id not in cards:
            raise no_such_rule(rule_id, cards)
        for service, request in _requests(request_file, service_id):
            if cards[rule_id] in service.kinds:
                words = "\n".join(why(request, service, advisor, rule_id))
                decided = explanation_of(request, service, advisor)["rules"] if as_json else []
                say(next((rule for rule in decided if rule["rule"] == rule_id), None), words, as_json)


@click.command()
@click.argument("card_file", type=_FILE)
@click.argument("request_file", type=_FILE)
@JSON
def verify(card_file: Path, request_file: Path, as_json: bool) -> None:
    """Re-derive a card from its request, or say what differs."""
    with faults_told():
        advisor = advisor_for(load_settings())
        card = _json_of(card_file)
        if not isinstance(card, dict):
            raise click.ClickException(f"{card_file}: one card is expected, as a JSON object")
        kind = proof_of(card).get("kind")
        for service, request in _requests(request_file, None):
            if kind in service.kinds:
                found = differences(card, request, service, advisor)
                words = "\n".join(found) or "the card follows from the request, bit for bit"
                say({"follows": not found, "differences": found}, words, as_json)
                sys.exit(1 if found else 0)
    raise click.ClickException("no service of the request's hook gives cards of this kind")


def _print_each(
    request_file: Path, service_id: str | None, answer: Callable[[HookRequest, Service, Advisor], dict[str, Any]]
) -> None:
    """The answers of the services to a request file, as JSON; one answer stands alone."""
    with faults_told():
        advisor = advisor_for(load_settings())
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
