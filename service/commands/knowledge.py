"""Commands about the knowledge: write the catalogue, begin a rule, tell its source attributes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cards import attributes as source_attributes
from cards.knowledge import Knowledge, shipped_knowledge
from cards.new_rule import RULES, first_statement, write_new
from cards.rules import Rule
from mappings.errors import DefinitionError
from service.catalogue import DOCS, stale, write
from service.catalogue import catalogue as catalogue_of
from service.commands.output import JSON, no_such_rule, rule_names, say
from service.pages.index import index_of

_FOLDER = click.Path(file_okay=False, path_type=Path)
_NEXT = """{path} is written. It loads, and `hoofbeats knowledge check` fails until it is filled in:

1. statements: name those that the rule rests on (now {statement}), written in cards/statements.
2. title, card, topic, indicator, recommend: what the card says, where, how urgently.
3. when, and unless where something silences it: compare findings only; docs/findings.md lists them all.
4. typical: a patient for whom it speaks.
5. cases: change one thing at a time, until each criterion tips a case both ways.
6. hoofbeats knowledge check
7. hoofbeats knowledge catalogue

cards/README.md says what each key means."""


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a page is not as it should be.")
@click.option("--folder", type=_FOLDER, default=DOCS, help="Where the pages stand.  [default: docs]")
@JSON
def catalogue(check: bool, folder: Path, as_json: bool) -> None:
    """Write the catalogue of rules and the list of findings as Markdown."""
    with _told():
        pages = catalogue_of(index_of(shipped_knowledge()))
    if not check:
        write(pages, folder)
        say({"folder": str(folder), "pages": sorted(pages)}, f"{len(pages)} pages written to {folder}", as_json)
        return
    wrong = [str(folder / name) for name in stale(pages, folder)]
    for name in wrong:
        click.echo(f"{name} is not as the knowledge has it: run hoofbeats knowledge catalogue", err=True)
    if as_json:
        click.echo(json.dumps({"stale": wrong}, indent=2))
    sys.exit(1 if wrong else 0)


@click.command()
@click.argument("family")
@click.argument("rule")
@click.option("--statement", help="The statement that the rule rests on.")
@click.option("--folder", type=_FOLDER, default=RULES, hidden=True)
@JSON
def new(family: str, rule: str, statement: str | None, folder: Path, as_json: bool) -> None:
    """Begin a rule: write a file whose cases fail until it is filled in."""
    with _told():
        knowledge = shipped_knowledge()
        named = statement or first_statement(family, knowledge)
        path = write_new(family, rule, named, knowledge, folder)
    say({"file": str(path), "statement": named}, _NEXT.format(path=path, statement=named), as_json)


@click.command()
@click.argument("rule", required=False, shell_complete=rule_names)
@click.option("--json", is_flag=True, expose_value=False, help="As JSON, which they are anyway.")
def attributes(rule: str | None) -> None:
    """Print the 13 source attributes of RULE, or of every rule, as JSON."""
    with _told():
        knowledge = shipped_knowledge()
        source_attributes.check_attributes(knowledge.vocabulary)
        told = [_attributes(held, knowledge) for held in _chosen(rule, knowledge)]
    click.echo(json.dumps(told[0] if rule else told, indent=2, ensure_ascii=False))


COMMANDS = (catalogue, new, attributes)


def _chosen(rule: str | None, knowledge: Knowledge) -> list[Rule]:
    chosen = [held for held in knowledge.rules if rule in (None, held.id)]
    if not chosen:
        raise no_such_rule(str(rule), (held.id for held in knowledge.rules))
    return chosen


def _attributes(rule: Rule, knowledge: Knowledge) -> dict[str, object]:
    attributes = source_attributes.attributes_of(rule, knowledge.sources, knowledge.vocabulary)
    return source_attributes.as_data(rule, attributes)


@contextmanager
def _told() -> Iterator[None]:
    """Faults of our files as one clear line and exit code 1."""
    try:
        yield
    except DefinitionError as error:
        raise click.ClickException(str(error)) from None
