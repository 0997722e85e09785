"""The command line of a sweep, with its progress bar."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from service.commands.output import JSON, faults_told
from service.settings import load_settings
from service.sweep.plan import Folder
from service.sweep.run import ENGINES, engine_called, plan_for, sweep, to_parquet

# Of each service, so many rules are printed; the report has all.
_MOST_RULES = 10
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(name="sweep")
@click.argument("export", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder.")
@click.option(
    "--as-of", "days", multiple=True, type=_DAY, help="A day to judge on, without what came after; repeatable."
)
@click.option("--engine", type=click.Choice(ENGINES), default="duckdb", show_default=True)
@click.option("--scheduler", default="", help="The address of a Dask scheduler; default: a cluster on this machine.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes; default: every core.")
@click.option("--resume", is_flag=True, help="Go on with the sweep that began in the folder.")
@click.option("--parquet", is_flag=True, help="Write the cards as Parquet too.")
@JSON
def sweep_command(
    export: Path,
    out: Path,
    days: tuple[datetime, ...],
    engine: str,
    scheduler: str,
    workers: int,
    resume: bool,
    parquet: bool,
    as_json: bool,
) -> None:
    """Judge every patient of a Bulk Data export: cards.ndjson and report.json with firing rates."""
    os.umask(0o077)  # what is written is about patients
    folder = Folder(out)
    with faults_told():
        chosen = engine_called(engine, workers, scheduler)
        if parquet:
            engine_called("duckdb", workers)
        plan, files = plan_for(export, [day.date() for day in days], engine, load_settings())
        folder.begin(plan, resume=resume)
        with _bar() as bar:
            sweep(plan, files, folder, chosen, _progress(bar, plan.buckets))
        if parquet:
            to_parquet(folder)
    report = json.loads((out / "report.json").read_text())
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    _say(report)
    click.echo(f"{out / 'cards.ndjson'}\n{out / 'report.json'}")


def _progress(bar: Progress, buckets: int) -> Callable[[int, int, int], None]:
    """Moves the bar on, and counts patients."""
    task = bar.add_task("partitioning", total=buckets, patients=0)

    def advance(done: int, total: int, more: int) -> None:
        patients = bar.tasks[task].fields["patients"] + more
        bar.update(task, completed=done, total=total, description="evaluating", patients=patients)

    return advance


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[patients]} patients"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _say(report: Mapping[str, Any]) -> None:
    """How much each service and rule would have been seen, in a table."""
    table = Table()
    table.add_column("Month and service, rules", overflow="fold")
    for title in ("Charts", "with\nneoplasm", "with\ncards", "Cards\nper 1000"):
        table.add_column(title, justify="right", no_wrap=True)
    for month, services in report["months"].items():
        for service, rates in services.items():
            counted = [str(rates[name]) for name in ("charts", "chartsWithNeoplasm", "chartsWithCards")]
            table.add_row(f"{month} {service}", *counted, f"{rates['cardsPer1000Charts']:.1f}", style="bold")
            shown = sorted(rates["rules"].items(), key=lambda item: -item[1]["shown"])
            for rule, counts in shown[:_MOST_RULES]:
                if counts["shown"]:
                    table.add_row(f"  {rule}", "", "", "", f"{counts['shownPer1000Charts']:.1f}")
    Console().print(table)
    left_out = ", ".join(f"{count} of {kind}" for kind, count in report["linesLeftOut"].items())
    click.echo(f"{report['patients']} patients; lines left out: {left_out or 'none'}")
