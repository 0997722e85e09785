"""What commands print: JSON or words, a bar where something takes long; and the names that a shell completes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import track

from cards.new_rule import RULES
from mappings.errors import DefinitionError
from service.errors import ServiceError
from service.settings import SettingsError
from service.sweep.plan import SweepError

_T = TypeVar("_T")

JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@contextmanager
def faults_told() -> Iterator[None]:
    """Faults of settings, of our files, of requests, sweeps and files as one clear line and exit code 1."""
    try:
        yield
    except (SettingsError, DefinitionError, ServiceError, SweepError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}") from None


def say(data: Any, words: str, as_json: bool) -> None:
    """Prints data as JSON where that was asked for, else the words."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else words)


def bar(items: Sequence[_T], label: str) -> Iterable[_T]:
    """The items, with a bar on a terminal's standard error while they are worked through."""
    console = Console(stderr=True)
    return track(items, label, console=console, transient=True, disable=not console.is_terminal)


def no_such_rule(name: str, known: Iterable[str]) -> click.ClickException:
    """That no rule has this name, and which come near; docs/catalogue has them all."""
    near = get_close_matches(name, list(known), n=3)
    meant = f"; did you mean {' or '.join(near)}?" if near else "; docs/catalogue and the page /rules list them all"
    return click.ClickException(f"no rule called {name!r}{meant}")


def rule_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The rules whose names begin so, for completion: file names, so that nothing has to be loaded."""
    return sorted(path.stem for path in RULES.glob("*/*.toml") if path.stem.startswith(incomplete))
