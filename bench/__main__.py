"""Command line: runs in a row, their targets, and with --keep their place in docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.charts import SIZES, request_body
from bench.in_process import stages
from bench.measure import sitting
from bench.report import keep, machine, our_version
from bench.targets import targets


def main(arguments: list[str]) -> int:
    """Measures once, or as often in a row as is asked for, and says which targets are met."""
    options = _options(arguments)
    console = Console(stderr=True)
    runs = []
    for number in range(1, options.runs + 1):
        with console.status(f"run {number} of {options.runs}") as status:
            runs.append(_run(status.update))
        Console().print(_table(runs[-1]))
    if options.keep:
        keep(runs)
    if options.json is not None:
        options.json.write_text(json.dumps(runs, indent=2) + "\n")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--runs", type=int, default=1, help="how many runs in a row")
    parser.add_argument("--keep", action="store_true", help="write them into docs/performance.md")
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    return parser.parse_args(arguments)


def _run(say: Callable[[str], object]) -> dict[str, Any]:
    head = {"version": our_version(), "machine": machine(), "load": f"{os.getloadavg()[0]:.1f}"}
    inside = {str(size): stages(request_body(size)) for size in SIZES}
    return head | {"stages": inside} | sitting(say)


def _table(run: dict[str, Any]) -> Table:
    table = Table("Target", "Measured", "")
    for target in targets(run):
        said = {True: "met", False: "[red]not met[/red]", None: "not measured"}[target.met]
        table.add_row(target.promise, target.measured, said)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
