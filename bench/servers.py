"""The servers that are compared, each a process of its own on 127.0.0.1 with one worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.tokens import Signer
from fixtures.cohort.facts import TODAY

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "bench"
_HEALTHCHAIN = BUILD / "healthchain"
_PATH = "/cds-services/net-patient-view"
_SERVE = "from service.cli import main; main()"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, its path, what a call has to carry, and its process."""

    name: str
    port: int
    path: str
    headers: Callable[[], Mapping[str, str]]
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Processor time of the process and its children so far."""
        return sum(_cpu_seconds(pid) for pid in self._processes())

    def peak_memory_mb(self) -> float:
        """The most that the worker ever held, shared pages included."""
        return max(_peak_kb(pid) for pid in self._processes()) / 1024

    def _processes(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children] or [self.process.pid]


@contextmanager
def service(folder: Path, profile: str) -> Iterator[Server]:
    """The service with one worker; in production every call carries a token of its own."""
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "PORT": str(port),
        "PROFILE": profile,
        "TODAY": TODAY.isoformat(),
        "WORKERS": "1",
        "BASE_URL": base,
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "UNSIGNED": "show",
        "DEADLINE_MS": "20000",
    }
    headers: Callable[[], Mapping[str, str]] = dict
    if profile == "production":
        signer = Signer(folder, base + _PATH)
        settings |= {"TRUST": str(signer.trust_file), "REPLAY_FILE": str(folder / "replay.db")}
        headers = signer.headers
    environment = {f"HOOFBEATS_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-c", _SERVE, "serve"]
    with _running(command, port, environment, folder) as process:
        yield Server(f"service ({profile})", port, _PATH, headers, process)


@contextmanager
def floor(folder: Path) -> Iterator[Server]:
    """The same stack doing nothing but parsing."""
    port = _free_port()
    with _running([sys.executable, "-m", "bench.floor", str(port)], port, {}, folder) as process:
        yield Server("floor", port, _PATH, dict, process)


@contextmanager
def healthchain(folder: Path) -> Iterator[Server]:
    """HealthChain in an environment of its own; raises OSError or CalledProcessError where it cannot be had."""
    python = _HEALTHCHAIN / "bin" / "python"
    if not python.exists():
        venv.create(_HEALTHCHAIN, with_pip=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "healthchain"]
    subprocess.run(install, check=True, capture_output=True, timeout=240)  # noqa: S603
    port = _free_port()
    command = [str(python), str(ROOT / "bench" / "healthchain_rule.py"), str(port)]
    with _running(command, port, {}, folder) as process:
        yield Server("HealthChain", port, f"/cds{_PATH}", dict, process)


def healthchain_version() -> str:
    """What is installed."""
    command = [str(_HEALTHCHAIN / "bin" / "pip"), "show", "healthchain"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return next(line.partition(": ")[2] for line in shown.splitlines() if line.startswith("Version"))


@contextmanager
def _running(
    command: list[str], port: int, settings: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir(parents=True, exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HOOFBEATS_", "PROMETHEUS_"))}
    environment = {**kept, "PYTHONPATH": str(ROOT), **settings}
    with (folder / "output").open("ab") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)  # noqa: S603
    try:
        _await(port, process, folder / "output")
        yield process
    finally:
        process.terminate()
        process.wait(40)


def _await(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise OSError(f"a server did not start, exit code {process.poll()}: {output.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
