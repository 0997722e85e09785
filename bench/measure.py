"""One sitting: every server side by side, taking turns, so that whatever else the machine does hits all alike.

It is held in parts, each with new processes: how fast a process is depends on its addresses and hashes, by a tenth.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench import load
from bench.charts import SIZES, WITH_NET, WITHOUT_NET, request_body
from bench.servers import Server, floor, healthchain, service
from bench.targets import MEASURED

# Calls of each server and turn, by size. A turn is short, so that what the machine does meanwhile hits all alike.
_CALLS = {10: 10, 36: 10, 100: 6, 1000: 3, 5000: 2}
_PARTS = 5
# Of calls before anything is measured: a worker builds beside its first answers what few of them need.
_WARM_SECONDS = 3.0
# Of each part.
_FEWEST_TURNS = 2
_TURNS_SECONDS = {10: 6.0, 36: 4.0, 100: 4.0, 1000: 10.0, 5000: 14.0}
# A round is short for the same reason, and every second one goes the other way round.
_ROUNDS, _ROUND_SECONDS = 10, 1.0
# HealthChain takes few rounds, and long ones, so that each holds more than a few calls.
_SLOW_ROUNDS, _SLOW_ROUND_SECONDS = 3, 6.0
_RATES, _STEADY_SECONDS, _CAPACITY_SECONDS = 2, 7.0, 2.0
# HealthChain takes one turn of each part, and few calls in it, since one of its calls takes as long as many.
_FEW = {10: 5, 36: 3, 100: 3, 1000: 2, 5000: 1}
_CHARTS = {"net": (WITH_NET, SIZES), "other": (WITHOUT_NET, (10, 1000))}


@dataclass(slots=True)
class _Taken:
    """Seconds of the calls of each server with one body, by turn, and the processor time that they took."""

    body: bytes
    turns: dict[str, dict[tuple[int, int], list[float]]] = field(default_factory=lambda: defaultdict(dict))
    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))


@dataclass(slots=True)
class _Sitting:
    """What the parts of a sitting have measured."""

    taken: dict[tuple[str, int], _Taken] = field(default_factory=dict)
    starts: list[float] = field(default_factory=list)
    memory_mb: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    # Calls in a second of each server, by round.
    rounds: list[dict[str, float]] = field(default_factory=list)
    # Rates and times at 80 % of what was answered a moment before, several in each part.
    steady: list[dict[str, float]] = field(default_factory=list)
    left_out: str = ""


def sitting(say: Any) -> dict[str, Any]:
    """Everything that is measured over HTTP, as data."""
    held = _Sitting()
    folder = Path(tempfile.mkdtemp(prefix="hoofbeats-bench-"))
    try:
        for part in range(_PARTS):
            with ExitStack() as stack:
                servers = _servers(stack, folder / str(part), held)
                for server in servers:
                    load.throughput(server, request_body(10), _WARM_SECONDS, 1)
                for chart, (patients, sizes) in _CHARTS.items():
                    for size in sizes:
                        say(f"part {part + 1} of {_PARTS}: {size} Observations, {chart}")
                        taken = held.taken.setdefault((chart, size), _Taken(request_body(size, patients)))
                        _take_turns(servers if chart == "net" else servers[:3], part, size, taken)
                say(f"part {part + 1} of {_PARTS}: throughput and steady load")
                _load(servers, held)
                for server in servers:
                    held.memory_mb[server.name] = max(held.memory_mb[server.name], server.peak_memory_mb())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _figures(held)


def fit(points: Iterable[tuple[float, float]]) -> dict[str, float]:
    """The straight line through some points by least squares, and how well it fits."""
    held = list(points)
    mean_x, mean_y = (sum(axis) / len(held) for axis in zip(*held, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in held)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in held) / spread
    rest = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in held)
    total = sum((y - mean_y) ** 2 for _, y in held)
    return {"ms_per_1000": slope * 1000, "ms_at_0": mean_y - slope * mean_x, "r2": 1 - rest / total}


def _servers(stack: ExitStack, folder: Path, held: _Sitting) -> list[Server]:
    """The servers, started; of ours, before there are others, the time from the command to the first cards."""
    body = request_body(10)
    began = time.perf_counter()
    ours = stack.enter_context(service(folder / "demo", "demo"))
    connection = load.Connection(ours)
    load.one_by_one(connection, body, 1)
    held.starts.append(time.perf_counter() - began)
    connection.close()
    servers = [
        ours,
        stack.enter_context(floor(folder / "floor")),
        stack.enter_context(service(folder / "production", "production")),
    ]
    try:
        servers.append(stack.enter_context(healthchain(folder / "healthchain")))
    except (OSError, subprocess.SubprocessError) as error:
        held.left_out = f"HealthChain: {type(error).__name__}"
    return servers


def _take_turns(servers: Sequence[Server], part: int, size: int, taken: _Taken) -> None:
    body = taken.body
    kept_open = {server.name: load.Connection(server) for server in servers}
    for connection in kept_open.values():
        load.one_by_one(connection, body, 2)
    end = time.monotonic() + _TURNS_SECONDS[size]
    for turn in count():
        if turn >= _FEWEST_TURNS and time.monotonic() > end:
            break
        for server in servers:
            if _is_slow(server) and turn:
                continue
            before = server.cpu_seconds()
            calls = (_FEW if _is_slow(server) else _CALLS)[size]
            taken.turns[server.name][part, turn] = load.one_by_one(kept_open[server.name], body, calls)
            taken.cpu[server.name] += server.cpu_seconds() - before
    for connection in kept_open.values():
        connection.close()


def _load(servers: Sequence[Server], held: _Sitting) -> None:
    """Calls answered in a second, and how long they take at 80 % of what was answered a moment before."""
    body = request_body(1000)
    for number in range(_ROUNDS):
        taking_part = [server for server in servers if number < _SLOW_ROUNDS or not _is_slow(server)]
        in_turn = reversed(taking_part) if number % 2 else taking_part
        held.rounds.append({server.name: _throughput_of(server, body) for server in in_turn})
    held.steady += [_steady(servers[0], body) for _ in range(_RATES)]


def _throughput_of(server: Server, body: bytes) -> float:
    return load.throughput(server, body, _SLOW_ROUND_SECONDS if _is_slow(server) else _ROUND_SECONDS)


def _is_slow(server: Server) -> bool:
    return server.name == "HealthChain"


def _steady(server: Server, body: bytes) -> dict[str, float]:
    rate = 0.8 * load.throughput(server, body, _CAPACITY_SECONDS)
    taken = load.at_rate(server, body, rate, _STEADY_SECONDS)
    median_ms, p99_ms = load.middle(taken) * 1e3, load.p99(taken) * 1e3
    return {"rate": rate, "median_ms": median_ms, "p99_ms": p99_ms, "p99_medians": p99_ms / median_ms}


def _figures(held: _Sitting) -> dict[str, Any]:
    by_chart = {
        chart: {str(size): _times(held.taken[chart, size]) for size in sizes} for chart, (_, sizes) in _CHARTS.items()
    }
    steady = held.steady[0]
    return {
        "start_s": load.middle(held.starts),
        **by_chart,
        "memory_mb": dict(held.memory_mb),
        "throughput": _throughput(held.rounds),
        "steady": {name: load.middle([part[name] for part in held.steady]) for name in steady},
        "fit": fit([(size, by_chart["net"][str(size)][MEASURED]["median_ms"]) for size in SIZES]),
        **({"left_out": held.left_out} if held.left_out else {}),
    }


def _times(taken: _Taken) -> dict[str, Any]:
    """Times of all calls, and how they stand to those of the floor in the same turn: the median over the turns."""
    floor = {turn: load.middle(seconds) for turn, seconds in taken.turns["floor"].items()}
    return {"bytes": len(taken.body)} | {
        name: _summary(turns, floor, taken.cpu[name]) for name, turns in taken.turns.items()
    }


def _summary(
    turns: Mapping[tuple[int, int], list[float]], floor: Mapping[tuple[int, int], float], cpu: float
) -> dict[str, float]:
    every = [seconds for taken in turns.values() for seconds in taken]
    beside = [(load.middle(taken), floor[turn]) for turn, taken in turns.items()]
    return {
        "median_ms": load.middle(every) * 1e3,
        "p99_ms": load.p99(every) * 1e3,
        "cpu_ms": cpu / len(every) * 1e3,
        "calls": len(every),
        "of_floor": load.middle([ours / theirs for ours, theirs in beside]),
        "above_floor_ms": load.middle([ours - theirs for ours, theirs in beside]) * 1e3,
    }


def _throughput(rounds: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Calls answered in a second, and how many times those of every other server: medians over their rounds."""
    names = tuple(rounds[0])
    return {
        name: {"calls_per_s": load.middle([rates[name] for rates in rounds if name in rates])}
        | {f"times {other}": _times_of(name, other, rounds) for other in names}
        for name in names
    }


def _times_of(name: str, other: str, rounds: Sequence[Mapping[str, float]]) -> float:
    return load.middle([rates[name] / rates[other] for rates in rounds if name in rates and other in rates])
