"""A FHIR server that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What the stub answers to a path: status, body, how long it waits, which headers it adds.

    `raw` is a whole answer as it goes over the wire, status line and all; then the connection is closed.
    """

    body: Any = None
    status: int = 200
    delay: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    raw: bytes | None = None


@dataclass
class FhirStub:
    """Answers by path and query; anything else is an empty searchset."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    def answer(self, path: str, *answers: Answer) -> None:
        """The answers to a path, one after the other; the last is repeated."""
        self.answers[path] = list(answers)


def searchset(*resources: dict[str, Any], next_url: str = "") -> dict[str, Any]:
    """A search result with those resources."""
    links = [{"relation": "next", "url": next_url}] if next_url else []
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[FhirStub]:
    """A stub on a free port of this machine."""
    stub = FhirStub()
    kind = _Version6 if ":" in host else _Server
    server = kind((host, 0), _handler(stub))
    stub.url = f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}/fhir"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    # Searches come all at once; one that finds no room is sent again a second later.
    request_queue_size = 128


class _Version6(_Server):
    address_family = socket.AF_INET6


def _handler(stub: FhirStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = self.path.removeprefix("/fhir/")
            stub.asked.append(query)
            stub.tokens.append(self.headers.get("Authorization", ""))
            stub.cookies.append(self.headers.get("Cookie", ""))
            planned = stub.answers.get(query) or stub.answers.get(query.partition("?")[0]) or [Answer(searchset())]
            answer = planned.pop(0) if len(planned) > 1 else planned[0]
            time.sleep(answer.delay)
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            with suppress(OSError):  # whoever asked may have given up
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) + (100 if answer.cut else 0)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test reads what was asked."""

    return Handler
