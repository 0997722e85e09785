"""A request's body: received into one buffer, given up when it stalls, unpacked within bounds."""

from __future__ import annotations

import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import Request
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from service.errors import BadRequest, TooLarge, TooSlow, UnsupportedMediaType
from service.receiving.patience import PATIENCE
from service.receiving.shape import Received, check_size

BODY_SECONDS = 5.0
RATIO = 100
# A body this small may be compressed at any ratio.
_HARMLESS = 65536
_GZIP = 31
# The second is an older name of the first.
_ZIPPED = ("gzip", "x-gzip")


class WholeBody(Body):  # type: ignore[misc]  # gunicorn is untyped
    """A body of known length, received at once; gunicorn's own way copies it several times."""

    def read_whole(self) -> bytearray:
        """All that is left of it; less where the client stops before."""
        reader = self.reader
        whole = bytearray(reader.length)
        view = memoryview(whole)
        try:
            received = _held_back(reader.unreader, view)
            while received < len(view) and (more := reader.unreader.sock.recv_into(view[received:])):
                received += more
        except Exception:
            self.failed = True  # nobody knows where the next request begins
            raise
        finally:
            view.release()
        reader.length -= received
        del whole[received:]
        return whole


def in_one_piece(body: Body) -> Body:
    """The same body, so that it can be received at once where its length is known."""
    return WholeBody(body.reader) if isinstance(body.reader, LengthReader) else body


def read_body(request: Request, most: int) -> Received:
    """The JSON body, inflated, within the limits of what is passed over; raises a ServiceError naming one it breaks."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the body has to be application/json")
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity", *_ZIPPED):
        raise UnsupportedMediaType("the body may be encoded with gzip, or not at all")
    sent = _received(request, most)
    body = inflate(sent, most) if coding in _ZIPPED else sent
    check_size(body)
    return body


def inflate(packed: Received, most: int) -> bytes:
    """What gzip packed; raises TooLarge beyond the accepted size or ratio, BadRequest where it is no gzip."""
    allowed = min(most, max(_HARMLESS, RATIO * len(packed)))
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = unpacker.decompress(packed, allowed + 1)
    except zlib.error:
        raise BadRequest("the body is no gzip") from None
    if len(body) > allowed:
        raise TooLarge("the body, unpacked, is larger than this service accepts")
    if not unpacker.eof or unpacker.unused_data:
        raise BadRequest("the body is not one whole gzip member")
    return body


def _received(request: Request, most: int) -> Received:
    """The bytes as sent; a body that stalls is given up, because it would hold a thread for as long as it likes."""
    length = request.content_length
    if length is not None and length > most:
        raise TooLarge("the body is larger than this service accepts")
    with _patience(request.environ.get("gunicorn.socket")) as ended:
        try:
            body = _read(request, most)
        except ParseException:
            raise BadRequest("the body is not in chunks as HTTP has them") from None
        except (ClientDisconnected, OSError):
            body = b""
    if ended.is_set():
        raise TooSlow(f"the body did not arrive within {BODY_SECONDS:.0f} seconds")
    if len(body) > most:
        raise TooLarge("the body is larger than this service accepts")
    if len(body) < (length or 0):
        raise BadRequest("the body is not complete")
    return body


def _read(request: Request, most: int) -> Received:
    source = request.environ["wsgi.input"]
    if isinstance(source, WholeBody):
        return source.read_whole()
    if request.content_length is not None:
        return bytes(source.read(request.content_length))
    ends = request.environ.get("wsgi.input_terminated", False)
    return bytes(source.read(most + 1)) if ends else b""


def _held_back(unreader: Any, view: memoryview) -> int:
    """How much of the body came with the headers, and is put into its place; what follows it is left to be read."""
    held = unreader.take_buffered()
    mine = held[: len(view)]
    view[: len(mine)] = mine
    if len(held) > len(mine):
        unreader.unread(held[len(mine) :])
    return len(mine)


@contextmanager
def _patience(connection: socket.socket | None) -> Iterator[threading.Event]:
    """Stops receiving after a while; the answer can still be sent."""
    ended = threading.Event()
    if connection is None:
        yield ended
        return
    with PATIENCE(BODY_SECONDS, partial(_stop_receiving, connection, ended)):
        yield ended


def _stop_receiving(connection: socket.socket, ended: threading.Event) -> None:
    ended.set()
    try:
        # Not SSLSocket.shutdown, which would send the answer in clear.
        socket.socket.shutdown(connection, socket.SHUT_RD)
    except OSError:
        return
