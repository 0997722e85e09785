"""One sitting: every server side by side, taking turns, so that whatever else the machine does hits all alike."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from bench import load
from bench.charts import NET_STORY, OTHER_STORY, SIZES, request_body
from bench.servers import Server, floor, healthchain, service
from bench.targets import MEASURED

# Calls of each server and turn, by size. A turn is short, so that what the machine does meanwhile hits all alike.
_CALLS = {10: 10, 100: 6, 1000: 3, 5000: 2}
_FEWEST_TURNS = 8
_TURNS_SECONDS = {10: 20.0, 100: 20.0, 1000: 40.0, 5000: 50.0}
# HealthChain takes a few turns only, and few calls in each, since one of its calls takes as long as many.
_RARELY, _MOST_TURNS = 4, 3
_FEW = {10: 5, 100: 3, 1000: 2, 5000: 1}
_ROUNDS, _ROUND_SECONDS = 10, 2.0
_SECONDS = 4.0
_STARTS = 3


def sitting(say: Any) -> dict[str, Any]:
    """Everything that is measured over HTTP, as data."""
    folder = Path(tempfile.mkdtemp(prefix="hoofbeats-bench-"))
    run: dict[str, Any] = {"start_s": _start_seconds(folder)}
    try:
        with ExitStack() as stack:
            servers = _servers(stack, folder, run)
            run["net"] = {str(n): _turns(servers, n, NET_STORY, say) for n in SIZES}
            run["other"] = {str(n): _turns(servers[:3], n, OTHER_STORY, say) for n in (10, 1000)}
            run["memory_mb"] = {server.name: server.peak_memory_mb() for server in servers}
            body = request_body(1000)
            say("throughput and steady load")
            run["throughput"] = _throughput(servers, body)
            rate = 0.8 * run["throughput"][MEASURED]["calls_per_s"]
            taken = load.at_rate(servers[0], body, rate, _SECONDS)
            run["steady"] = {"rate": rate, "median_ms": load.middle(taken) * 1e3, "p99_ms": load.p99(taken) * 1e3}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    run["fit"] = fit([(n, run["net"][str(n)][MEASURED]["median_ms"]) for n in SIZES])
    return run


def fit(points: Iterable[tuple[float, float]]) -> dict[str, float]:
    """The straight line through some points by least squares, and how well it fits."""
    held = list(points)
    mean_x, mean_y = (sum(axis) / len(held) for axis in zip(*held, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in held)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in held) / spread
    rest = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in held)
    total = sum((y - mean_y) ** 2 for _, y in held)
    return {"ms_per_1000": slope * 1000, "ms_at_0": mean_y - slope * mean_x, "r2": 1 - rest / total}


def _servers(stack: ExitStack, folder: Path, run: dict[str, Any]) -> list[Server]:
    servers = [
        stack.enter_context(service(folder / "demo", "demo")),
        stack.enter_context(floor(folder / "floor")),
        stack.enter_context(service(folder / "production", "production")),
    ]
    try:
        servers.append(stack.enter_context(healthchain(folder / "healthchain")))
    except (OSError, subprocess.SubprocessError) as error:
        run["left_out"] = f"HealthChain: {type(error).__name__}"
    return servers


def _turns(servers: Sequence[Server], size: int, story: str, say: Any) -> dict[str, Any]:
    say(f"{size} Observations, {story}")
    body = request_body(size, story)
    taken: dict[str, dict[int, list[float]]] = {server.name: {} for server in servers}
    cpu = dict.fromkeys(taken, 0.0)
    kept_open = {server.name: load.Connection(server) for server in servers}
    for connection in kept_open.values():
        load.one_by_one(connection, body, 2)
    end = time.monotonic() + _TURNS_SECONDS[size]
    for turn in count():
        if turn >= _FEWEST_TURNS and time.monotonic() > end:
            break
        for server in servers:
            is_slow = server.name == "HealthChain"
            if is_slow and (turn % _RARELY or len(taken[server.name]) == _MOST_TURNS):
                continue
            before = server.cpu_seconds()
            calls = (_FEW if is_slow else _CALLS)[size]
            taken[server.name][turn] = load.one_by_one(kept_open[server.name], body, calls)
            cpu[server.name] += server.cpu_seconds() - before
    for connection in kept_open.values():
        connection.close()
    floor = taken["floor"]
    return {"bytes": len(body)} | {name: _summary(turns, floor, cpu[name]) for name, turns in taken.items()}


def _summary(turns: Mapping[int, list[float]], floor: Mapping[int, list[float]], cpu: float) -> dict[str, float]:
    """Times of all calls, and how they stand to those of the floor in the same turn: the median over the turns."""
    every = [seconds for taken in turns.values() for seconds in taken]
    beside = [(load.middle(taken), load.middle(floor[turn])) for turn, taken in turns.items()]
    return {
        "median_ms": load.middle(every) * 1e3,
        "p99_ms": load.p99(every) * 1e3,
        "cpu_ms": cpu / len(every) * 1e3,
        "calls": len(every),
        "of_floor": load.middle([ours / theirs for ours, theirs in beside]),
        "above_floor_ms": load.middle([ours - theirs for ours, theirs in beside]) * 1e3,
    }


def _throughput(servers: Sequence[Server], body: bytes) -> dict[str, dict[str, float]]:
    """Calls answered in a second, and how many times those of every other server: medians over some rounds."""
    rounds = [
        {server.name: load.throughput(server, body, _ROUND_SECONDS) for server in servers} for _ in range(_ROUNDS)
    ]
    return {
        name: {"calls_per_s": load.middle([rates[name] for rates in rounds])}
        | {f"times {other}": load.middle([rates[name] / rates[other] for rates in rounds]) for other in rounds[0]}
        for name in rounds[0]
    }


def _start_seconds(folder: Path) -> float:
    """Seconds from the command to the first cards, the median of a few starts."""
    body, taken = request_body(10), []
    for number in range(_STARTS):
        began = time.perf_counter()
        with service(folder / f"start-{number}", "demo") as server:
            connection = load.Connection(server)
            load.one_by_one(connection, body, 1)
            connection.close()
            taken.append(time.perf_counter() - began)
    return load.middle(taken)
