"""The stages that `make bench` measures are those of a request."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bench.charts import SIZES, WITH_NET, WITHOUT_NET, request_body
from bench.load import Connection
from bench.servers import Server

# That the stub takes for an answer.
SECONDS = 0.02
_MEASURE = """
import json
from bench.charts import request_body
from bench.in_process import stages
print(json.dumps(stages(request_body(10), 1)))
"""


@pytest.mark.parametrize("patients", [WITH_NET, WITHOUT_NET])
@pytest.mark.parametrize("size", SIZES)
def test_a_chart_has_as_many_observations_as_it_is_named_for(size: int, patients: tuple[str, ...]) -> None:
    prefetch = json.loads(request_body(size, patients))["prefetch"]

    assert len(prefetch["observations"]["entry"]) == size


def test_a_chart_of_fewer_observations_than_any_patient_has_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="more than 8 Observations"):
        request_body(8)


def test_every_stage_of_a_request_takes_some_time() -> None:
    command = [sys.executable, "-c", _MEASURE]

    printed = subprocess.run(  # noqa: S603
        command, cwd=Path(__file__).parents[2], capture_output=True, check=True, timeout=120
    ).stdout

    taken = json.loads(printed)
    assert {"limits", "envelope and Bundles", "screening", "decisions", "rendering"} <= set(taken)
    assert all(microseconds > 0 for microseconds in taken.values())


@contextmanager
def answering(*statuses: int) -> Iterator[Server]:
    """A server that answers its calls with these statuses, one after the other."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(SECONDS)
            self.send_response(left.pop(0))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield Server("stub", listening.server_port, "/", dict, process=None)
        listening.shutdown()
        thread.join()


def test_a_call_that_is_turned_away_for_the_moment_is_made_again_and_takes_the_time_of_both() -> None:
    with answering(503, 200) as server:
        taken = Connection(server).call(b"{}")

    assert taken >= 2 * SECONDS


@pytest.mark.parametrize("statuses", [(503, 503), (500,), (401,)])
def test_a_call_that_is_refused_ends_the_measurement(statuses: tuple[int, ...]) -> None:
    with answering(*statuses) as server, pytest.raises(OSError, match="stub answered"):
        Connection(server).call(b"{}")
