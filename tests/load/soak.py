"""Soak: the real service under half the load it can take, with a FHIR server that fails at random, on this machine.

    make soak [SECONDS=60]

Ends with 1 where an answer was not expected, the 99th percentile is over its deadline, or memory grew.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from client_stub import Token, bearer, trust_file
from fhir_stub import Answer, FhirStub, searchset, serving
from hook_requests import chart, condition, ki67, request, search
from running import Running, free_port, running

MOST_SECONDS = 3600
CLIENTS = 8
DEADLINES_MS = {"prefetch": 450, "fetch": 900}
EXPECTED = {"prefetch": {200}, "fetch": {200, 412}, "malformed": {400}, "stranger": {401}, "replayed": {401}}
MOST_GROWTH = 1.15


@dataclass
class Results:
    """What was answered to each kind of request, and in how many milliseconds."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, status: int, ms: float) -> None:
        """One answer."""
        with self.lock:
            self.statuses[kind, status] += 1
            self.times.setdefault(kind, []).append(ms)


class Client:
    """A CDS client with one connection."""

    def __init__(self, service: Running, fhir_server: str, used: str = "") -> None:
        self._url = f"{service.url}/cds-services/net-patient-view"
        self._fhir_server = fhir_server
        self._session = requests.Session()
        self._used = used

    def send(self, kind: str, results: Results) -> None:
        """One request of a kind, timed."""
        token = {"stranger": "a.b.c", "replayed": self._used}.get(kind) or str(Token(url=self._url))
        body = self._body(kind)
        began = time.perf_counter()
        try:
            answer = self._session.post(
                self._url, data=body, headers={**bearer(token), "Content-Type": "application/json"}, timeout=10
            )
            status = answer.status_code
        except requests.RequestException:
            status = 0
        results.note(kind, status, (time.perf_counter() - began) * 1000)

    def _body(self, kind: str) -> bytes:
        if kind == "malformed":
            return b'{"hook": "patient-view", '
        if kind != "fetch":
            return PREFETCH
        access = {"access_token": "t", "token_type": "Bearer", "expires_in": 300}
        return json.dumps(request(None, fhirServer=self._fhir_server, fhirAuthorization=access)).encode()


PREFETCH = json.dumps(request(chart(observations=search(*[ki67(id=f"o{n}") for n in range(200)])))).encode()


def main() -> int:
    """Runs the soak and prints its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    seconds = min(parser.parse_args().seconds, MOST_SECONDS)
    with tempfile.TemporaryDirectory() as folder, serving() as stub:
        breaking = threading.Event()
        threading.Thread(target=_break, args=(stub, breaking), daemon=True).start()
        with _service(Path(folder), stub) as service:
            used = str(Token(url=f"{service.url}/cds-services/net-patient-view"))
            Client(service, stub.url, used).send("replayed", Results())
            rate = _highest_rate(service, stub)
            before = _memory(service)
            results = _steady([Client(service, stub.url, used) for _ in range(2 * CLIENTS)], rate / 2, seconds)
            after = _memory(service)
        breaking.set()
    return _report(results, rate, before, after)


def _service(folder: Path, stub: FhirStub) -> Any:
    trust_file(folder, networks=["127.0.0.0/8"], fhir_servers=[stub.url])
    port = str(free_port())
    return running(
        folder / "work",
        port=port,
        base_url=f"http://localhost:{port}",
        profile="production",
        trust=str(folder / "trust.toml"),
        deadline_ms="450",
        fetch_deadline_ms="900",
    )


def _break(stub: FhirStub, ended: threading.Event) -> None:
    """Changes what the FHIR server does to observations every second: well, slow, failing, nonsense, cut off."""
    stub.answer("metadata", Answer({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}))
    stub.answer("Condition", Answer(searchset(condition())))
    faults = [
        Answer(searchset(ki67())),
        Answer(searchset(), delay=2),
        Answer(b"", status=500),
        Answer(b"<html>busy</html>"),
        Answer(b'{"resourceType": "Bundle"}', cut=True),
    ]
    while not ended.wait(1):
        stub.answer("Observation", random.choice(faults))  # noqa: S311
        stub.asked.clear()
        stub.tokens.clear()


def _highest_rate(service: Running, stub: FhirStub) -> float:
    """How many requests a second are answered when all clients send without pause, over five seconds."""
    results, end = Results(), time.monotonic() + 5

    def press(client: Client) -> None:
        while time.monotonic() < end:
            client.send("prefetch", results)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(press, [Client(service, stub.url) for _ in range(CLIENTS)]))
    return sum(results.statuses.values()) / 5


def _steady(clients: list[Client], rate: float, seconds: int) -> Results:
    results = Results()
    ticks = _ticks(rate, seconds)
    lock = threading.Lock()

    def keep(client: Client) -> None:
        while True:
            with lock:
                kind = next(ticks, None)
            if kind is None:
                return
            client.send(kind, results)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(keep, clients))
    return results


def _ticks(rate: float, seconds: int) -> Iterator[str]:
    """The kind of the next request, when it is time for it."""
    kinds, weights = list(EXPECTED), [80, 5, 5, 5, 5]
    began = time.monotonic()
    number = 0
    while (elapsed := time.monotonic() - began) < seconds:
        number += 1
        time.sleep(max(0.0, number / rate - elapsed))
        yield random.choices(kinds, weights)[0]  # noqa: S311


def _memory(service: Running) -> int:
    """Kilobytes that the workers hold."""
    pid = service.process.pid
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = [line for w in workers for line in Path(f"/proc/{w}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _report(results: Results, rate: float, before: int, after: int) -> int:
    answers = results.statuses.items()
    faults = [f"{count} x {kind}: {status}" for (kind, status), count in answers if status not in EXPECTED[kind]]
    print(f"highest rate {rate:.0f}/s, held {rate / 2:.0f}/s; memory {before / 1024:.0f} -> {after / 1024:.0f} MB")  # noqa: T201
    for kind, times in sorted(results.times.items()):
        p50, p99 = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
        print(f"{kind:<10} {len(times):>7} answers  p50 {p50:7.1f} ms  p99 {p99:7.1f} ms  max {max(times):7.1f} ms")  # noqa: T201
        if p99 > DEADLINES_MS.get(kind, 450):
            faults.append(f"p99 of {kind} is over its deadline")
    if after > before * MOST_GROWTH:
        faults.append("memory grew")
    for fault in faults:
        print(f"NOT EXPECTED: {fault}")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
