"""The command line of feedback: what users did with cards, what was held back, what they wrote."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, select

from service.commands.database import opened_store
from service.commands.output import JSON, say
from service.journal.feedback_report import held_back, report
from service.journal.tables import COMMENTS, FEEDBACK


@click.group()
def feedback() -> None:
    """What users did with cards."""


@feedback.command(name="report")
@JSON
@click.option("--knowledge", help="Only this version of the knowledge.")
def show_report(as_json: bool, knowledge: str | None) -> None:
    """How often each rule fired, was shown, accepted and overridden, and why."""
    with opened_store() as store, store.reading() as connection:
        found = report(connection, knowledge)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    spoke = [rule for rule in found["rules"] if rule["recommend"] or rule["shown"] or rule["overridden"]]
    console = Console()
    console.print(_rates(spoke))
    if any(rule["reasons"] for rule in spoke):
        console.print(_reasons(spoke))
    counts = found["feedback"]
    click.echo(
        f"Feedback: {counts['entries']} received, of which {counts['repeated']} repeated and {counts['unmatched']} for "
        f"cards that are not known here. Rules that were judged and never spoke: {len(found['rules']) - len(spoke)}."
    )


@feedback.command(name="held-back")
@JSON
def show_held_back(as_json: bool) -> None:
    """Which cards were held back, since a user had overridden them and nothing had changed."""
    with opened_store() as store, store.reading() as connection:
        rows = held_back(connection)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table("Day", "Service", "Kind", "Rules", "Knowledge", "Cards", caption=f"{_total(rows)} held back")
    for row in rows:
        shown = (row["day"], row["service"], row["kind"], ", ".join(row["rules"]), row["knowledge"], str(row["count"]))
        table.add_row(*shown)
    Console().print(table)


@feedback.command(name="forget-comments")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Only comments received before this day (UTC).")
@JSON
def forget_comments(before: datetime | None, as_json: bool) -> None:
    """Delete what users wrote in their own words; everything else stays."""
    chosen = delete(COMMENTS)
    if before is not None:
        old = select(FEEDBACK.c.id).where(FEEDBACK.c.received_at < before.replace(tzinfo=UTC))
        chosen = chosen.where(COMMENTS.c.feedback.in_(old))
    with opened_store() as store:
        with store.writing() as connection:
            count = connection.execute(chosen).rowcount
        store.tidy()
    say({"deleted": count}, f"{count} {'comment' if count == 1 else 'comments'} deleted", as_json)


def _rates(rules: list[dict[str, Any]]) -> Table:
    table = Table()
    table.add_column("Rule", overflow="fold")
    for heading in ("Judged", "Fired", "Shown", "Accepted", "Overridden", "Held"):
        table.add_column(heading, justify="right", no_wrap=True)
    for rule in rules:
        table.add_row(
            rule["rule"],
            str(rule["evaluated"]),
            _counted(rule["recommend"], rule["firing_rate"]),
            str(rule["shown"]),
            _counted(rule["accepted"], rule["acceptance_rate"]),
            _counted(rule["overridden"], rule["override_rate"]),
            str(rule["held_back"]),
        )
    return table


def _reasons(rules: list[dict[str, Any]]) -> Table:
    table = Table()
    for heading in ("Rule", "Reason", "System"):
        table.add_column(heading, overflow="fold")
    table.add_column("Overridden", justify="right", no_wrap=True)
    for rule in rules:
        for reason in rule["reasons"]:
            count = _counted(reason["overridden"], reason["share"])
            table.add_row(rule["rule"], reason["code"] or "none given", reason["system"], count)
    return table


def _counted(count: int, rate: float | None) -> str:
    return f"{count}" if rate is None else f"{count} ({rate:.0%})"


def _total(rows: list[dict[str, Any]]) -> int:
    return sum(row["count"] for row in rows)
