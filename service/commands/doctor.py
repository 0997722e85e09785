"""The command line of the doctor: a line for each thing, ok, warn or fail, with what to do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from service.advise import advisor_for
from service.commands.output import JSON, bar, faults_told
from service.operations.corpus import as_data, files_of, read_corpus
from service.operations.doctor import Sign, State, examine
from service.settings import load_settings

_COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}
_MOST_REASONS = 40


@click.command()
@click.option("--url", default="", help="Also ask a running server at this address.")
@JSON
@click.option(
    "--corpus",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Instead, read every JSON and NDJSON file (also .gz) of a folder and say how much of it can be read.",
)
def doctor(url: str, as_json: bool, corpus: Path | None) -> None:
    """Check everything that the service needs, and say what to do."""
    if corpus is not None:
        _tell_corpus(corpus, as_json)
        return
    signs = list(examine(os.environ, url))
    if as_json:
        click.echo(json.dumps([{**asdict(sign), "state": sign.state.value} for sign in signs], indent=2))
    else:
        for sign in signs:
            _tell(sign)
    sys.exit(1 if any(sign.state is State.FAIL for sign in signs) else 0)


def _tell(sign: Sign) -> None:
    click.echo(f"{click.style(f'{sign.state.value:<4}', fg=_COLOURS[sign.state])}  {sign.subject}: {sign.found}")
    if sign.advice:
        click.echo(f"      -> {sign.advice}")


def _tell_corpus(folder: Path, as_json: bool) -> None:
    with faults_told():
        advisor = advisor_for(load_settings())
    found = as_data(read_corpus(bar(files_of(folder), "reading files"), advisor))
    click.echo(json.dumps(found, indent=2)) if as_json else _tell_counts(found)
    sys.exit(1 if found["faults"] else 0)


def _tell_counts(found: Mapping[str, Any]) -> None:
    click.echo(f"{found['documents']} documents; resources: {_listed(found['resources'])}")
    for kind, fates in found["types"].items():
        click.echo(f"  {kind}: {_listed(fates)}")
    for heading in ("refused", "faults"):
        for reason, count in found[heading].items():
            click.echo(f"{heading}: {count} documents: {reason}")
    for row in found["unreadable"][:_MOST_REASONS]:
        click.echo(f"not used: {row['count']} {row['type']}: {row['reason']}")


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"
