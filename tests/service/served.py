"""The service as an operator runs it: `hoofbeats serve` in a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

_READY_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: its address, and the process above its workers."""

    url: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Served]:
    """A service with these settings, ready to answer; its working directory is the folder."""
    port = _free_port()
    environment = {"PATH": os.environ["PATH"], "HOOFBEATS_PORT": str(port)}
    environment |= {f"HOOFBEATS_{name.upper()}": value for name, value in settings.items()}
    command = [Path(sys.executable).with_name("hoofbeats"), "serve"]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)  # noqa: S603
    running = Served(f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_ready(running)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_until_ready(running: Served) -> None:
    until = time.monotonic() + _READY_SECONDS
    while running.process.poll() is None and time.monotonic() < until:
        try:
            requests.get(f"{running.url}/cds-services", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service did not start")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
