"""Command line: a population swept by both engines, and once interrupted and resumed; the results have to agree."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.population import write_export
from bench.report import machine
from bench.servers import ROOT
from fixtures.cohort.facts import TODAY

_SETTINGS = {"HOOFBEATS_TODAY": TODAY.isoformat(), "PYTHONPATH": str(ROOT)}
_LONGEST_SECONDS = 3600
# As a part of the time that a whole sweep takes: after the export is cut into buckets.
_INTERRUPTED_AT = 0.7


@dataclass(frozen=True, slots=True)
class Sweep:
    """How one sweep went: its time, the most memory that all its processes held, and the digest of its result."""

    name: str
    seconds: float
    peak_mb: float
    result: str


def main() -> int:
    """Measures, prints a table, and fails where two results differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=10_000)
    chosen = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="hoofbeats-sweep-") as folder:
        export = Path(folder) / "export"
        resources = write_export(export, chosen.patients, os.cpu_count() or 1)
        size = sum(path.stat().st_size for path in export.iterdir())
        console.print(f"{machine()}; {chosen.patients} patients, {resources} resources, {size / 1e9:.2f} GB")
        whole = _whole(export, Path(folder) / "duckdb", "duckdb")
        sweeps = [
            whole,
            _interrupted(export, Path(folder) / "interrupted", whole.seconds * _INTERRUPTED_AT),
            _whole(export, Path(folder) / "dask", "dask"),
        ]
    table = Table("Sweep", "Seconds", "Patients/s", "Resources/s", "Peak memory MB", "SHA-256 of cards and rates")
    for s in sweeps:
        rates = f"{chosen.patients / s.seconds:.0f}", f"{resources / s.seconds:.0f}"
        table.add_row(s.name, f"{s.seconds:.0f}", *rates, f"{s.peak_mb:.0f}", s.result[:16])
    console.print(table)
    same = len({s.result for s in sweeps}) == 1
    console.print("the results are the same" if same else "THE RESULTS DIFFER")
    return 0 if same else 1


def _whole(export: Path, out: Path, engine: str) -> Sweep:
    began = time.monotonic()
    peak = _run(export, out, ["--engine", engine])
    return Sweep(engine, time.monotonic() - began, peak, _digest(out))


def _interrupted(export: Path, out: Path, after: float) -> Sweep:
    """A sweep of which every process is killed at once, and then resumed."""
    began = time.monotonic()
    first = _run(export, out, [], after)
    if (out / "report.json").exists():
        raise SystemExit("the sweep was over before it could be interrupted")
    done = len(list((out / "work").glob("counts-*.json")))
    peak = max(first, _run(export, out, ["--resume"]))
    return Sweep(f"duckdb, killed after {done} buckets", time.monotonic() - began, peak, _digest(out))


def _run(export: Path, out: Path, options: list[str], interrupt_after: float = _LONGEST_SECONDS) -> float:
    """The most memory held, in MB."""
    program = "from service.cli import main; main()"
    command = [sys.executable, "-c", program, "sweep", str(export), "--out", str(out), *options]
    process = subprocess.Popen(command, env=os.environ | _SETTINGS, start_new_session=True, stdout=subprocess.DEVNULL)  # noqa: S603
    watched = _Memory(process.pid)
    watched.start()
    try:
        process.wait(interrupt_after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    finally:
        watched.over.set()
        watched.join()
    return watched.peak / 1024


class _Memory(threading.Thread):
    """Looks at the memory of a session's processes now and then; pages that they share count once."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.peak = 0
        self._session = session

    def run(self) -> None:
        while not self.over.wait(0.5):
            self.peak = max(self.peak, sum(_proportional_kb(pid) for pid in self._processes()))

    def _processes(self) -> list[int]:
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if _session_of(pid) == self._session]


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def _proportional_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _digest(out: Path) -> str:
    """Of the cards and the report, in which only the engine may differ."""
    report = json.loads((out / "report.json").read_text())
    report.pop("engine")
    shutil.rmtree(out / "work", ignore_errors=True)
    cards = (out / "cards.ndjson").read_bytes()
    return hashlib.sha256(cards + json.dumps(report, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
