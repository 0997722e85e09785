"""The report of a run: a table for people, JSON for machines, and its place in docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.servers import ROOT
from bench.targets import Target, ratios, targets

PAGE = ROOT / "docs" / "performance.md"
FIGURES = ROOT / "docs" / "performance"


def machine() -> str:
    """The machine in words: processor, cores, memory, system, and which build of Python."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(": ")[2] for line in cpu.splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model, python = model or platform.machine(), " ".join(sys.version.split())
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {python}"


def as_markdown(runs: Sequence[Mapping[str, Any]]) -> str:
    """The section of a version: the targets and ratios in some runs in a row, all figures of the last."""
    run = runs[-1]
    lines = [f"## Version {run['version']}", "", f"Machine: {run['machine']}. Load average before: {run['load']}.", ""]
    lines += [
        *_targets([list(targets(run)) for run in runs]),
        "",
        *_agreement(runs),
        "",
        *_latencies(run),
        "",
        *_stages(run),
        "",
    ]
    return "\n".join(lines)


def keep(runs: Sequence[Mapping[str, Any]]) -> None:
    """Writes runs into the page, in place of earlier ones of the same version, and all of them beside it as JSON."""
    version_ = runs[-1]["version"]
    FIGURES.mkdir(exist_ok=True)
    (FIGURES / f"{version_}.json").write_text(json.dumps(runs, indent=2) + "\n")
    begin, end = f"<!-- run {version_} -->\n", f"<!-- end {version_} -->\n"
    page = PAGE.read_text()
    section = begin + as_markdown(runs) + end
    if begin in page:
        page = page[: page.index(begin)] + section + page[page.index(end) + len(end) :]
    else:
        page = page.rstrip() + "\n\n" + section
    PAGE.write_text(page)


def our_version() -> str:
    """The version that was measured."""
    return version("hoofbeats")


def _targets(outcomes: Sequence[Sequence[Target]]) -> Iterator[str]:
    yield f"| target | {' | '.join(f'run {number}' for number in range(1, len(outcomes) + 1))} | |"
    yield f"|---|{'---|' * len(outcomes)}---|"
    for of_each_run in zip(*outcomes, strict=True):
        measured = " | ".join(target.measured for target in of_each_run)
        yield f"| {of_each_run[0].promise} | {measured} | {_met([target.met for target in of_each_run])} |"


def _met(met: Sequence[bool | None]) -> str:
    if None in met:
        return "not measured"
    if all(met):
        return "met"
    return f"met in {met.count(True)} of {len(met)}" if any(met) else "**not met**"


def _agreement(runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each ratio in every run, and by how much the highest exceeds the lowest."""
    yield f"| ratio | {' | '.join(f'run {number}' for number in range(1, len(runs) + 1))} | apart |"
    yield f"|---|{'---|' * len(runs)}---|"
    for name in ratios(runs[0]):
        values = [ratios(run)[name] for run in runs]
        said = " | ".join(f"{value:.2f}" for value in values)
        yield f"| {name} | {said} | {max(values) / min(values) - 1:.0%} |"


def _latencies(run: Mapping[str, Any]) -> Iterator[str]:
    yield "| chart | Observations | server | median ms | of the floor | p99 ms | of the floor | CPU ms | calls |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for chart in ("net", "other"):
        for size, by_server in run[chart].items():
            floor = by_server["floor"]["p99_ms"]
            for name, held in by_server.items():
                if name != "bytes":
                    yield (
                        f"| {'with NET' if chart == 'net' else 'without'} | {size} ({by_server['bytes'] // 1000} kB) "
                        f"| {name} | {held['median_ms']:.2f} | {held['of_floor']:.2f} | {held['p99_ms']:.1f} "
                        f"| {held['p99_ms'] / floor:.2f} | {held['cpu_ms']:.1f} | {held['calls']} |"
                    )
    yield ""
    yield "| server | calls/s at 1000 Observations | of the floor | peak memory MB |"
    yield "|---|---|---|---|"
    for name, held in run["throughput"].items():
        yield f"| {name} | {held['calls_per_s']:.1f} | {held['times floor']:.2f} | {run['memory_mb'][name]:.0f} |"


def _stages(run: Mapping[str, Any]) -> Iterator[str]:
    sizes = list(run["stages"])
    yield f"| stage, µs in process | {' | '.join(sizes)} |"
    yield f"|---|{'---|' * len(sizes)}"
    for name in run["stages"][sizes[0]]:
        values = [f"{run['stages'][size][name]:.0f}" for size in sizes]
        yield f"| {name} | {' | '.join(values)} |"
