"""Soak: the real service at half of the highest rate that it sustains, while everything around it goes wrong.

    make soak [MINUTES=2]

On this machine and its loopback alone. Ends with 1 where an answer is not in the table of expected ones, the 99th
percentile is over the deadline, or memory grows.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from client_stub import Token, ec_key, key_set, trust_file
from fhir_stub import FhirStub, serving
from key_stub import KeyServer, key_server
from running import Running, free_port, running
from soak_clients import CLIENTS, SHARES, Answered, Client, Results, keep, press
from soak_faults import Faults, going_wrong, work_well, workers

MOST_MINUTES = 60.0
# Feedback is not held to a deadline: it waits for a locked database, three seconds at most, rather than being refused.
DEADLINES_MS = {"prefetch": 450, "fetch": 900, "feedback": 3500}
STATUSES = {
    "prefetch": {200},
    "fetch": {200, 412},
    "feedback": {200},
    "malformed": {400},
    "stranger": {401},
    "replayed": {401},
}
# What else may be answered while something is wrong (docs/security.md); 0 is a connection that broke.
UNDER_FAULTS = {
    "memory of tokens locked": {503: {"prefetch", "fetch", "feedback", "malformed", "replayed"}},
    "database locked": {503: {"feedback"}},
    "worker killed": {0: set(SHARES)},
}
STEPS = (1.0, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2, 0.1)
STEP_SECONDS = 6.0
MOST_GROWTH_MB = 10.0
MOST_GROWTH = 0.05


@dataclass
class Memory:
    """What the workers hold, in megabytes, over time."""

    samples: list[tuple[float, float]] = field(default_factory=list)

    def growth(self) -> tuple[float, float]:
        """Megabytes an hour by least squares over the last three quarters, and megabytes over that time."""
        later = self.samples[len(self.samples) // 4 :]
        if len(later) < 3:
            return 0.0, 0.0
        slope = statistics.linear_regression([at for at, _ in later], [held for _, held in later]).slope
        return slope * 3600, slope * (later[-1][0] - later[0][0])


def main() -> int:
    """Runs the soak and prints its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2.0)
    seconds = 60 * min(parser.parse_args().minutes, MOST_MINUTES)
    with tempfile.TemporaryDirectory() as folder, serving() as fhir, key_server(key_set(ec_key())) as keys:
        work_well(fhir)
        with _service(Path(folder), fhir, keys) as service:
            clients = _clients(service, fhir)
            rate = _sustainable(clients)
            if not rate:
                print("FAIL: no rate is sustained")  # noqa: T201
                return 1
            with _remembering(service) as memory, going_wrong(service, fhir, keys, seconds) as faults:
                results = keep(clients, rate / 2, seconds)
            is_alive = service.process.poll() is None and service.stop() == 0
    return _report(results, rate, memory, faults, is_alive=is_alive)


@contextmanager
def _service(folder: Path, fhir: FhirStub, keys: KeyServer) -> Iterator[Running]:
    trust_file(folder, jku=keys.url, keys_file=None, networks=["127.0.0.0/8"], fhir_servers=[fhir.url])
    port = str(free_port())
    given = {"profile": "production", "trust": str(folder / "trust.toml"), "deadline_ms": "450"}
    with running(
        folder / "work", port=port, base_url=f"http://localhost:{port}", fetch_deadline_ms="900", **given
    ) as service:
        yield service


def _clients(service: Running, fhir: FhirStub) -> list[Client]:
    used = str(Token(url=f"{service.url}/cds-services/net-patient-view"))
    clients = [Client(service, fhir.url, used) for _ in range(CLIENTS)]
    clients[0].send("replayed", time.monotonic(), Results())
    return clients


def _sustainable(clients: Sequence[Client]) -> float:
    """The highest of some rates at which everything is answered as expected, within the deadline."""
    most = press(clients[: CLIENTS // 2], STEP_SECONDS)
    for step in STEPS:
        results = keep(clients, most * step, STEP_SECONDS)
        faults = [*_unexpected(results.answers, Faults()), *_late(results.answers)]
        print(f"{most * step:6.0f} a second: {'sustained' if not faults else '; '.join(faults)}", flush=True)  # noqa: T201
        if not faults:
            return most * step
    return 0.0


@contextmanager
def _remembering(service: Running) -> Iterator[Memory]:
    memory, ended = Memory(), threading.Event()

    def sample() -> None:
        began = time.monotonic()
        while not ended.wait(2):
            memory.samples.append((time.monotonic() - began, _megabytes(service)))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join(5)


def _megabytes(service: Running) -> float:
    held = 0
    for worker in workers(service):
        status = Path(f"/proc/{worker}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        held += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return held / 1024


def _unexpected(answers: Sequence[Answered], faults: Faults) -> list[str]:
    odd = Counter(
        (a.kind, a.status) for a in answers if a.status not in STATUSES[a.kind] and not _is_explained(a, faults)
    )
    return [f"{count} x {kind}: {status}" for (kind, status), count in sorted(odd.items())]


def _is_explained(answered: Answered, faults: Faults) -> bool:
    return any(
        answered.kind in kinds.get(answered.status, ()) and faults.was(name, answered.due)
        for name, kinds in UNDER_FAULTS.items()
    )


def _late(answers: Sequence[Answered]) -> list[str]:
    return [
        f"p99 of {kind} is {_percentile(times, 99):.0f} ms"
        for kind, times in _times(answers).items()
        if _percentile(times, 99) > DEADLINES_MS.get(kind, 450)
    ]


def _times(answers: Sequence[Answered]) -> dict[str, list[float]]:
    return {kind: times for kind in SHARES if (times := sorted(a.ms for a in answers if a.kind == kind))}


def _percentile(times: Sequence[float], percent: float) -> float:
    return times[min(len(times) - 1, int(len(times) * percent / 100))]


def _report(results: Results, rate: float, memory: Memory, faults: Faults, *, is_alive: bool) -> int:
    hourly, grown = memory.growth()
    held = [megabytes for _, megabytes in memory.samples] or [0.0]
    wrong = [*_unexpected(results.answers, faults), *_late(results.answers)]
    if grown > max(MOST_GROWTH_MB, MOST_GROWTH * held[-1]):
        wrong.append(f"memory grew by {grown:.0f} MB")
    if not is_alive:
        wrong.append("the service did not end as it should")
    lines = [
        f"\nsustained {rate:.0f} a second, held {rate / 2:.0f}",
        f"memory of the workers {held[0]:.0f} -> {held[-1]:.0f} MB, {hourly:+.1f} MB an hour",
        "\n| request | answers | statuses | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|---|",
    ]
    for kind, times in _times(results.answers).items():
        statuses = Counter(a.status for a in results.answers if a.kind == kind)
        said = ", ".join(f"{status} x {count}" for status, count in sorted(statuses.items()))
        figures = f"{_percentile(times, 50):.0f} | {_percentile(times, 99):.0f} | {times[-1]:.0f}"
        lines.append(f"| {kind} | {len(times)} | {said} | {figures} |")
    lines += ["", *(f"went wrong: {name}, {len(times)} x" for name, times in faults.times.items())]
    lines += [f"NOT EXPECTED: {one}" for one in wrong] or ["PASS"]
    print("\n".join(lines), flush=True)  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
