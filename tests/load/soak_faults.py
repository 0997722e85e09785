"""What goes wrong while the service is soaked, on this machine alone."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fhir_stub import Answer, FhirStub, searchset
from hook_requests import condition, ki67
from key_stub import KeyServer
from running import Running

# Seconds after a fault in which its answers may still come.
_ECHO = 3.0


@dataclass
class Faults:
    """Which fault was there from when to when."""

    times: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """Notes a fault that lasts as long as the block."""
        began = time.monotonic()
        self.times.setdefault(name, []).append((began, float("inf")))
        try:
            yield
        finally:
            self.times[name][-1] = (began, time.monotonic())

    def was(self, name: str, moment: float) -> bool:
        """Whether a fault was there at a moment, or shortly before."""
        return any(began - _ECHO <= moment <= ended + _ECHO for began, ended in self.times.get(name, ()))


def workers(service: Running) -> list[int]:
    """The process ids of the workers."""
    pid = service.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def going_wrong(service: Running, fhir: FhirStub, keys: KeyServer, seconds: float) -> Iterator[Faults]:
    """Faults from now on, until the block ends."""
    faults, ended = Faults(), threading.Event()
    plans: list[Callable[[], None]] = [
        lambda: _break_fhir_server(fhir, faults, ended),
        lambda: _stop_key_server(keys, faults, ended, seconds),
        lambda: _lock(service.folder / "hoofbeats.db", "database locked", 2.0, 20.0, faults, ended),
        lambda: _lock(service.folder / "hoofbeats.db.replay", "memory of tokens locked", 0.6, 30.0, faults, ended),
        lambda: _kill_a_worker(service, faults, ended, seconds),
    ]
    threads = [threading.Thread(target=plan, daemon=True) for plan in plans]
    for thread in threads:
        thread.start()
    try:
        yield faults
    finally:
        ended.set()
        for thread in threads:
            thread.join(10)


def work_well(fhir: FhirStub) -> None:
    """A FHIR server without faults."""
    fhir.answer("metadata", Answer({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}))
    fhir.answer("Condition", Answer(searchset(condition())))
    fhir.answer("Observation", Answer(searchset(ki67())))


def _break_fhir_server(fhir: FhirStub, faults: Faults, ended: threading.Event) -> None:
    """Another trouble every second: none, slow, failing, nonsense, cut off."""
    troubles = [
        Answer(searchset(ki67())),
        Answer(searchset(), delay=2),
        Answer(b"", status=500),
        Answer(b"<html>busy</html>"),
        Answer(b'{"resourceType": "Bundle"}', cut=True),
    ]
    dice = random.Random(2)  # noqa: S311
    with faults.fault("FHIR server slow, failing, nonsense, cut off"):
        while not ended.wait(1):
            fhir.answer("Observation", dice.choice(troubles))
            fhir.asked.clear()
            fhir.tokens.clear()


def _stop_key_server(keys: KeyServer, faults: Faults, ended: threading.Event, seconds: float) -> None:
    """Down for a third of the time."""
    if not ended.wait(seconds / 3):
        keys.status = 503
        with faults.fault("key server down"):
            ended.wait(seconds / 3)
        keys.status = 200


def _lock(path: Path, name: str, lasts: float, every: float, faults: Faults, ended: threading.Event) -> None:
    while not ended.wait(every):
        with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as other, faults.fault(name):
            other.execute("BEGIN IMMEDIATE")
            ended.wait(lasts)


def _kill_a_worker(service: Running, faults: Faults, ended: threading.Event, seconds: float) -> None:
    """Early, so that the memory of its successor is watched for most of the time."""
    if not ended.wait(seconds / 10):
        with faults.fault("worker killed"):
            os.kill(workers(service)[0], signal.SIGKILL)
