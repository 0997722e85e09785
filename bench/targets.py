"""Targets: what is promised, and whether a run kept it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Which of the two profiles is held to the targets.
MEASURED = "service (demo)"


def ratios(run: Mapping[str, Any]) -> dict[str, float]:
    """The ratios on which runs in a row have to agree."""
    sizes = [("with NET", size, held) for size, held in run["net"].items()]
    sizes += [("without", size, held) for size, held in run["other"].items()]
    medians = {f"{chart}, {size}: of the floor": held[MEASURED]["of_floor"] for chart, size, held in sizes}
    times = {f"throughput: times {name}": run["throughput"][MEASURED][f"times {name}"] for name in run["throughput"]}
    return medians | {said: ratio for said, ratio in times.items() if MEASURED not in said}


@dataclass(frozen=True, slots=True)
class Target:
    """One promise, what was measured, and whether it was kept; None where it could not be measured."""

    promise: str
    measured: str
    met: bool | None


def targets(run: Mapping[str, Any]) -> Iterator[Target]:
    """Every target with its outcome."""
    net, other = run["net"], run["other"]
    for size, most in (("1000", 1.0), ("5000", 0.5)):
        ratio = net[size][MEASURED]["of_floor"]
        yield Target(f"median at {size} Observations at most {most} of the floor", f"{ratio:.2f}", ratio <= most)
    above = net["10"][MEASURED]["above_floor_ms"]
    yield Target("median at 10 Observations at most 3 ms above the floor", f"{above:.1f} ms", above <= 3)
    ratio = other["1000"][MEASURED]["of_floor"]
    yield Target("without NET at 1000 Observations at most 0.5 of the floor", f"{ratio:.2f}", ratio <= 0.5)
    fit = run["fit"]
    said = f"{fit['ms_per_1000']:.1f} ms per 1000 Observations, R² {fit['r2']:.4f}"
    yield Target("cost linear in the size of the chart (R² at least 0.98)", said, fit["r2"] >= 0.98)
    start = run["start_s"]
    yield Target("start to first answer under 1.5 s", f"{start:.2f} s", start < 1.5)
    memory = run["memory_mb"][MEASURED]
    yield Target("memory per worker under 120 MB", f"{memory:.0f} MB", memory < 120)
    steady = run["steady"]
    spread = steady["p99_medians"]
    said = f"{spread:.1f} ({steady['p99_ms']:.1f} / {steady['median_ms']:.1f} ms, {steady['rate']:.0f} calls/s)"
    yield Target("p99 under 3 medians at 80 % of capacity, 8 connections", said, spread < 3)
    yield _against_healthchain(run)


def _against_healthchain(run: Mapping[str, Any]) -> Target:
    promise = "throughput at 1000 Observations at least 20 times HealthChain's"
    rates = run["throughput"]
    if "HealthChain" not in rates:
        return Target(promise, "HealthChain could not be installed", None)
    times = rates[MEASURED]["times HealthChain"]
    return Target(promise, f"{times:.1f} times", times >= 20)
