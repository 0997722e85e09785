"""Commands about the knowledge: check and export it, write the catalogue, begin a rule, tell its source attributes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from cards import attributes as source_attributes
from cards.check import check_rules
from cards.coherence import faults_of_whole
from cards.knowledge import Knowledge, shipped_knowledge
from cards.limits import faults_of_texts
from cards.new_rule import RULES, first_statement, write_new
from cards.rules import Rule
from mappings.export import concept_map, value_set_resources
from mappings.readers import check_readers
from service.catalogue import DOCS, stale, write
from service.catalogue import catalogue as catalogue_of
from service.commands.output import JSON, bar, faults_told, no_such_rule, rule_names, say
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


@click.group()
def knowledge() -> None:
    """Rules, statements, value sets."""


@knowledge.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a page is not as it should be.")
@click.option("--folder", type=_FOLDER, default=DOCS, help="Where the pages stand.  [default: docs]")
@JSON
def catalogue(check: bool, folder: Path, as_json: bool) -> None:
    """Write the catalogue of rules and the list of findings as Markdown."""
    with faults_told():
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


@knowledge.command()
@click.argument("family")
@click.argument("rule")
@click.option("--statement", help="The statement that the rule rests on.")
@click.option("--folder", type=_FOLDER, default=RULES, hidden=True)
@JSON
def new(family: str, rule: str, statement: str | None, folder: Path, as_json: bool) -> None:
    """Begin a rule: write a file whose cases fail until it is filled in."""
    with faults_told():
        loaded = shipped_knowledge()
        named = statement or first_statement(family, loaded)
        path = write_new(family, rule, named, loaded, folder)
    say({"file": str(path), "statement": named}, _NEXT.format(path=path, statement=named), as_json)


@knowledge.command()
@click.argument("rule", required=False, shell_complete=rule_names)
@click.option("--json", is_flag=True, expose_value=False, help="As JSON, which they are anyway.")
def attributes(rule: str | None) -> None:
    """Print the 13 source attributes of RULE, or of every rule, as JSON."""
    with faults_told():
        loaded = shipped_knowledge()
        source_attributes.check_attributes(loaded.vocabulary)
        told = [_attributes(held, loaded) for held in _chosen(rule, loaded)]
    click.echo(json.dumps(told[0] if rule else told, indent=2, ensure_ascii=False))


@knowledge.command()
@JSON
def check(as_json: bool) -> None:
    """Check that cases hold, criteria tip them both ways, and the rule base as a whole has no gap or contradiction."""
    with faults_told():
        loaded = shipped_knowledge()
        check_readers(loaded.vocabulary, loaded.terminology)
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
    with faults_told():
        hashes = {rule.id: rule.hash for rule in shipped_knowledge().rules}
    if rule_id not in hashes:
        raise no_such_rule(rule_id, hashes)
    say({"rule": rule_id, "hash": hashes[rule_id]}, hashes[rule_id], as_json)


@knowledge.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@JSON
def export(folder: Path, as_json: bool) -> None:
    """Write the value sets as FHIR R4 ValueSet resources and one ConceptMap into FOLDER."""
    with faults_told():
        terminology = shipped_knowledge().terminology
        folder.mkdir(parents=True, exist_ok=True)
        resources = [*value_set_resources(terminology), concept_map(terminology)]
        for resource in resources:
            path = folder / f"{resource['resourceType']}-{resource['id']}.json"
            path.write_text(json.dumps(resource, indent=2, ensure_ascii=False) + "\n")
    written = [f"{resource['resourceType']}/{resource['id']}" for resource in resources]
    say({"folder": str(folder), "resources": written}, f"{len(resources)} resources written to {folder}", as_json)


def _chosen(rule: str | None, knowledge: Knowledge) -> list[Rule]:
    chosen = [held for held in knowledge.rules if rule in (None, held.id)]
    if not chosen:
        raise no_such_rule(str(rule), (held.id for held in knowledge.rules))
    return chosen


def _attributes(rule: Rule, knowledge: Knowledge) -> dict[str, object]:
    attributes = source_attributes.attributes_of(rule, knowledge.sources, knowledge.vocabulary)
    return source_attributes.as_data(rule, attributes)
