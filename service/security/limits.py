"""Limits of a request's body: its size, its compression, its shape; checked by fast scans before anything is parsed.

Of a hook request most is only passed over, and the parser refuses what is nested deeper than it follows, some 900
levels. What becomes objects is checked for depth before.
"""

from __future__ import annotations

import re
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import accumulate

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from service.errors import BadRequest, TooLarge, TooSlow, UnsupportedMediaType
from service.security.patience import PATIENCE

DEPTH = 64
NODES = 1_000_000
STRING = 4 * 1024 * 1024
RATIO = 100
BODY_SECONDS = 5.0
# A body this small may be compressed at any ratio.
_HARMLESS = 65536
_GZIP = 31
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_BESIDE_SKELETON = bytes(byte for byte in range(256) if byte not in b'",[]{}')
_PIECE = 256 * 1024
_LAYERS = 8
_RUN = re.compile(rb"\[+|\]+")
_BOTTOMLESS = b"[" * (DEPTH + 1)
_STRING = re.compile(rb'"[^"]*"')


def read_body(request: Request, most: int) -> bytes:
    """The JSON body, inflated, within the limits of what is passed over; raises a ServiceError naming one it breaks."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the body has to be application/json")
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise UnsupportedMediaType("the body may be encoded with gzip, or not at all")
    sent = _received(request, most)
    body = inflate(sent, most) if coding == "gzip" else sent
    check_size(body)
    return body


def inflate(packed: bytes, most: int) -> bytes:
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


def check_size(body: bytes) -> None:
    """Passes what is UTF-8, not of too many parts, and without endless strings."""
    if not _is_text(body):
        raise BadRequest("the body is not UTF-8")
    if len(body) > STRING and _has_endless_string(_without_escapes(body)):
        raise TooLarge(f"a string of the body is longer than {STRING} bytes")
    # Of what is read in part only objects take more room than their bytes, and each has two of them.
    if len(body) > 2 * NODES and sum(map(_braces, _pieces(body))) > NODES:
        _check_parts(_skeleton(body))


def check_shape(body: bytes) -> None:
    """Passes what may become objects: of an acceptable size and not nested too deeply."""
    check_size(body)
    skeleton = _skeleton(body)
    _check_parts(skeleton)
    if _is_deep(skeleton):
        raise BadRequest(f"the body is nested deeper than {DEPTH} levels")


def is_too_deep(part: bytes) -> bool:
    """Whether a part of a body that was accepted is nested too deeply to become objects."""
    return _is_deep(_skeleton(part))


def _pieces(body: bytes) -> Iterator[bytes]:
    """The body piece by piece, since what is made of the whole takes as much memory again."""
    return (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))


def _braces(piece: bytes) -> int:
    return len(piece) - len(piece.replace(b"{", b""))  # faster than counting them


def _check_parts(skeleton: bytes) -> None:
    if len(skeleton) - skeleton.count(b"]") > NODES:
        raise TooLarge(f"the body has more than {NODES} parts")


def _received(request: Request, most: int) -> bytes:
    """The bytes as sent; a body that stalls is given up, because it would hold a thread for as long as it likes."""
    length = request.content_length
    if length is not None and length > most:
        raise TooLarge("the body is larger than this service accepts")
    with _patience(request.environ.get("gunicorn.socket")) as ended:
        try:
            # In one piece where the length is known: by small pieces the server copies what is left at each.
            body = request.get_data(cache=False) if length is None else request.environ["wsgi.input"].read(length)
        except RequestEntityTooLarge:
            raise TooLarge("the body is larger than this service accepts") from None
        except (ClientDisconnected, OSError):
            body = b""
    if ended.is_set():
        raise TooSlow(f"the body did not arrive within {BODY_SECONDS:.0f} seconds")
    if len(body) < (length or 0):
        raise BadRequest("the body is not complete")
    return body


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


def _is_text(body: bytes) -> bool:
    try:
        return body.isascii() or bool(body.decode())
    except UnicodeDecodeError:
        return False


def _without_escapes(body: bytes) -> bytes:
    """The body with escaped quotes and backslashes blotted out, so that every quote begins or ends a string."""
    if b"\\" not in body:
        return body
    return body.replace(b"\\\\", b"__").replace(b'\\"', b"__")


def _has_endless_string(plain: bytes) -> bool:
    """A string over the limit covers one of the windows of half its length whole; most windows end at a near quote."""
    window = STRING // 2
    for start in range(0, len(plain) - window, window):
        if plain.find(b'"', start, start + window) < 0:
            end = plain.find(b'"', start + window)
            if (len(plain) if end < 0 else end) - plain.rfind(b'"', 0, start) > STRING:
                return True
    return False


def _skeleton(body: bytes) -> bytes:
    """The commas and brackets that stand outside strings, all brackets as square ones."""
    plain = _without_escapes(body)
    marks = b"".join(piece.translate(_BRACKETS, _BESIDE_SKELETON) for piece in _pieces(plain)).replace(b'""', b"")
    return _STRING.sub(b"", marks).replace(b'"', b"") if b'"' in marks else marks


def _is_deep(skeleton: bytes) -> bool:
    """Takes away the innermost pairs of brackets layer by layer; what is still there is counted by runs.

    Few brackets stand above eight layers, or they stand in long runs.
    """
    brackets = skeleton.translate(None, b",")
    if _BOTTOMLESS in brackets:
        return True
    for _ in range(_LAYERS):
        brackets = brackets.replace(b"[]", b"")
    steps = (len(run) if run.startswith(b"[") else -len(run) for run in _RUN.findall(brackets))
    return max(accumulate(steps), default=0) > DEPTH - _LAYERS
