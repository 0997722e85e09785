"""The shape of a body: its parts, strings and depth, checked by fast scans before anything is parsed.

Of a hook request most is only passed over, and the parser refuses what is nested deeper than it follows, some 900
levels. What becomes objects is checked for depth before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import TypeAlias

from mappings.sampling import estimate
from service.errors import BadRequest, TooLarge

# What is received is not copied again, into bytes neither.
Received: TypeAlias = bytes | bytearray

DEPTH = 64
NODES = 1_000_000
# Of what is held against a schema, which takes 10 to 50 µs a part.
CHECKED_NODES = 50_000
STRING = 4 * 1024 * 1024
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_BESIDE_SKELETON = bytes(byte for byte in range(256) if byte not in b'",[]{}')
_PIECE = 256 * 1024
_LAYERS = 8
_RUN = re.compile(rb"\[+|\]+")
_BOTTOMLESS = b"[" * (DEPTH + 1)
_STRING = re.compile(rb'"[^"]*"')


def check_size(body: Received) -> None:
    """Passes what is UTF-8, not of too many parts, and without endless strings."""
    if not _is_text(body):
        raise BadRequest("the body is not UTF-8")
    if len(body) > STRING and _has_endless_string(_without_escapes(body)):
        raise TooLarge(f"a string of the body is longer than {STRING} bytes")
    # A part takes two bytes at least.
    if len(body) > 2 * NODES and _has_many_parts(body):
        _check_parts(_skeleton(body))


def check_shape(body: Received, most_parts: int = NODES, place: str = "the body") -> None:
    """Passes what may become objects: of an acceptable size, of not too many parts, and not nested too deeply."""
    check_size(body)
    if len(body) <= most_parts and body.count(b"[") + body.count(b"{") <= DEPTH:
        return  # a part takes a byte at least, and a level a bracket
    skeleton = _skeleton(body)
    if _is_deep(skeleton):
        raise BadRequest(f"the body is nested deeper than {DEPTH} levels")
    _check_parts(skeleton, most_parts, place)


def is_too_deep(part: bytes) -> bool:
    """Whether a part of a body that was accepted is nested too deeply to become objects."""
    return _is_deep(_skeleton(part))


def _pieces(body: Received) -> Iterator[Received]:
    """The body piece by piece, since what is made of the whole takes as much memory again."""
    return (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))


def _has_many_parts(body: Received) -> bool:
    """Whether it has commas for a quarter of the parts allowed, as far as a sample tells."""
    return estimate(body, b",") > NODES // 4


def _check_parts(skeleton: bytes, most: int = NODES, place: str = "the body") -> None:
    if len(skeleton) - skeleton.count(b"]") > most:
        raise TooLarge(f"{place} has more than {most} parts")


def _is_text(body: Received) -> bool:
    try:
        return body.isascii() or bool(body.decode())
    except UnicodeDecodeError:
        return False


def _without_escapes(body: Received) -> Received:
    """The body with escaped quotes and backslashes blotted out, so that every quote begins or ends a string."""
    if b"\\" not in body:
        return body
    return body.replace(b"\\\\", b"__").replace(b'\\"', b"__")


def _has_endless_string(plain: Received) -> bool:
    """A string over the limit covers one of the windows of half its length whole; most windows end at a near quote."""
    window = STRING // 2
    for start in range(0, len(plain) - window, window):
        if plain.find(b'"', start, start + window) < 0:
            end = plain.find(b'"', start + window)
            if (len(plain) if end < 0 else end) - plain.rfind(b'"', 0, start) > STRING:
                return True
    return False


def _skeleton(body: Received) -> bytes:
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
