"""Command line: one run, its targets, and with --keep its place in docs/performance.md."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.charts import SIZES, request_body
from bench.in_process import stages
from bench.measure import sitting
from bench.report import keep, machine, our_version
from bench.targets import targets


def main(arguments: list[str]) -> int:
    """Measures and says which targets are met."""
    console = Console(stderr=True)
    with console.status("measuring") as status:
        head = {"version": our_version(), "machine": machine(), "load": f"{os.getloadavg()[0]:.1f}"}
        inside = {str(size): stages(request_body(size)) for size in SIZES}
        run = head | {"stages": inside} | sitting(status.update)
    outcomes = list(targets(run))
    table = Table("Target", "Measured", "")
    for target in outcomes:
        said = {True: "met", False: "[red]not met[/red]", None: "not measured"}[target.met]
        table.add_row(target.promise, target.measured, said)
    Console().print(table)
    if "--keep" in arguments:
        keep(run, outcomes)
    if "--json" in arguments:
        Path(arguments[arguments.index("--json") + 1]).write_text(json.dumps(run, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
