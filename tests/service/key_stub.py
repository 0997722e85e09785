"""A key server that answers what a test tells it to, and counts how often it is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class KeyServer:
    """Its answer, and the paths it was asked for."""

    url: str = ""
    body: bytes = b""
    status: int = 200
    delay: float = 0
    location: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def key_server(body: bytes) -> Iterator[KeyServer]:
    """A key server on a free port of this machine."""
    stub = KeyServer(body=body)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stub))
    stub.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()


def _handler(stub: KeyServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stub.asked.append(self.path)
            time.sleep(stub.delay)
            try:
                self.send_response(stub.status)
                if stub.location:
                    self.send_header("Location", stub.location)
                self.send_header("Content-Length", str(len(stub.body)))
                self.end_headers()
                self.wfile.write(stub.body)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            """Nothing: the test reads what was asked."""

    return Handler
