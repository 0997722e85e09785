"""Load: calls one after the other, as many as go, and at a steady rate; bounded in number and time."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from statistics import median, quantiles
from typing import TypeVar

from bench.servers import Server

Result = TypeVar("Result")


class Connection:
    """One keep-alive connection to a server; where the server has closed it meanwhile, another in its place."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def call(self, body: bytes) -> float:
        """Seconds from the first byte sent to the last byte received; raises where the answer is no 200.

        A call that is turned away for the moment is made again, and the time of both is its time.
        """
        try:
            taken, answer, said = self._exchange(body)
        except ConnectionError:
            self._connection.close()
            taken, answer, said = self._exchange(body)
        if answer.status == 503:
            more, answer, said = self._exchange(body)
            taken += more
        if answer.status != 200:
            raise OSError(f"{self._server.name} answered {answer.status}: {said[:300]!r}")
        return taken

    def _exchange(self, body: bytes) -> tuple[float, http.client.HTTPResponse, bytes]:
        headers = {"Content-Type": "application/json", **self._server.headers()}
        began = time.perf_counter()
        self._connection.request("POST", self._server.path, body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        return time.perf_counter() - began, answer, said

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


def one_by_one(connection: Connection, body: bytes, times: int) -> list[float]:
    """Seconds of calls that wait for each other."""
    return [connection.call(body) for _ in range(times)]


def throughput(server: Server, body: bytes, seconds: float, connections: int = 4) -> float:
    """Calls answered in a second when every connection has the next one ready."""
    end = time.perf_counter() + seconds
    began = time.perf_counter()
    answered = sum(_on_each(connections, server, lambda c: _until(end, c, body)))
    return answered / (time.perf_counter() - began)


def at_rate(server: Server, body: bytes, rate: float, seconds: float, connections: int = 8) -> list[float]:
    """Seconds from when each call was due to its answer, at a steady rate over some connections."""
    began, numbers, lock = time.perf_counter() + 0.1, count(), threading.Lock()

    def work(connection: Connection) -> list[float]:
        taken: list[float] = []
        while True:
            with lock:
                due = began + next(numbers) / rate
            if due > began + seconds:
                return taken
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.call(body)
            taken.append(time.perf_counter() - due)

    return [taken for each in _on_each(connections, server, work) for taken in each]


def p99(values: list[float]) -> float:
    """The 99th percentile; of few values the largest."""
    return quantiles(values, n=100, method="inclusive")[98]


def middle(values: list[float]) -> float:
    """The median."""
    return median(values)


def _until(end: float, connection: Connection, body: bytes) -> int:
    answered = 0
    while time.perf_counter() < end:
        connection.call(body)
        answered += 1
    return answered


def _on_each(connections: int, server: Server, work: Callable[[Connection], Result]) -> list[Result]:
    held = [Connection(server) for _ in range(connections)]
    with ThreadPoolExecutor(connections) as threads:
        results = list(threads.map(work, held))
    for connection in held:
        connection.close()
    return results
