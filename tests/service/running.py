"""The service as it really runs: a process of its own, with a working directory and output that tests can search."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_COMMAND = [sys.executable, "-c", "from service.cli import main; main()", "serve"]


@dataclass
class Running:
    """A running service: its address, its process, and where everything that it writes is."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def connected(self) -> socket.socket:
        """A connection of its own."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def output(self) -> str:
        """What it said on its output."""
        return (self.folder / "output").read_text()

    def stop(self) -> int:
        """Ends the process gracefully; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Running]:
    """A service on a free port, stopped at the end."""
    folder.mkdir(exist_ok=True)
    port = settings.pop("port", "") or str(free_port())
    given = {"port": port, "today": "2026-11-20", "unsigned": "show", "deadline_ms": "20000", **settings}
    environment = _environment({f"HOOFBEATS_{name.upper()}": value for name, value in given.items()})
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(_COMMAND, cwd=folder, env=environment, stdout=output, stderr=output)  # noqa: S603
    scheme = "https" if "tls_certificate" in settings else "http"
    service = Running(f"{scheme}://localhost:{port}", process, folder)
    try:
        _await(service)
        yield service
    finally:
        if process.poll() is None:
            service.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOOFBEATS_", "PROMETHEUS_"))}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[2]), **settings}


def _await(service: Running) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if service.process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", service.port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the service did not start: {service.output()}")
