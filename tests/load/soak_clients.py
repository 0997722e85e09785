"""CDS clients that send at a given rate, and what they were answered."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests
from client_stub import Token, bearer
from hook_requests import chart, ki67, request, search
from running import Running

CLIENTS = 16
SHARES = {"prefetch": 75, "fetch": 10, "feedback": 3, "malformed": 4, "stranger": 4, "replayed": 4}
PREFETCH = json.dumps(request(chart(observations=search(*[ki67(id=f"o{n}") for n in range(200)])))).encode()
FEEDBACK = json.dumps(
    {"feedback": [{"card": "soak", "outcome": "overridden", "outcomeTimestamp": "2026-11-20T10:00:00Z"}]}
).encode()


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: to which kind of request, when it was due, with what status (0: none), after how long."""

    kind: str
    due: float
    status: int
    ms: float


@dataclass
class Results:
    """What was answered."""

    answers: list[Answered] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answered: Answered) -> None:
        """One answer."""
        with self.lock:
            self.answers.append(answered)


class Client:
    """A CDS client with one connection."""

    def __init__(self, service: Running, fhir_server: str, used: str) -> None:
        self._base = f"{service.url}/cds-services/net-patient-view"
        self._fhir_server = fhir_server
        self._session = requests.Session()
        self._used = used

    def send(self, kind: str, due: float, results: Results) -> None:
        """One request of a kind, timed from when it was due, so that waiting for a turn counts."""
        url = f"{self._base}/feedback" if kind == "feedback" else self._base
        token = {"stranger": "a.b.c", "replayed": self._used}.get(kind) or str(Token(url=url))
        headers = {**bearer(token), "Content-Type": "application/json"}
        try:
            status = self._session.post(url, data=self._body(kind), headers=headers, timeout=10).status_code
        except requests.RequestException:
            status = 0
        results.note(Answered(kind, due, status, (time.monotonic() - due) * 1000))

    def _body(self, kind: str) -> bytes:
        match kind:
            case "malformed":
                return b'{"hook": "patient-view", '
            case "feedback":
                return FEEDBACK
            case "fetch":
                access = {"access_token": "t", "token_type": "Bearer", "expires_in": 300}
                return json.dumps(request(None, fhirServer=self._fhir_server, fhirAuthorization=access)).encode()
            case _:
                return PREFETCH


def press(clients: Sequence[Client], seconds: float) -> float:
    """How many requests a second are answered when all clients send without pause."""
    results, end = Results(), time.monotonic() + seconds

    def without_pause(client: Client) -> None:
        while time.monotonic() < end:
            client.send("prefetch", time.monotonic(), results)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(without_pause, clients))
    return len(results.answers) / seconds


def keep(clients: Sequence[Client], rate: float, seconds: float) -> Results:
    """What is answered at a steady rate."""
    results = Results()
    ticks = _ticks(rate, seconds)
    lock = threading.Lock()

    def in_turn(client: Client) -> None:
        while True:
            with lock:
                tick = next(ticks, None)
            if tick is None:
                return
            client.send(*tick, results)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(in_turn, clients))
    return results


def _ticks(rate: float, seconds: float) -> Iterator[tuple[str, float]]:
    """The kind of the next request and when it is due, given out when it is."""
    dice = random.Random(1)  # noqa: S311
    began = time.monotonic()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        yield dice.choices(list(SHARES), list(SHARES.values()))[0], due
