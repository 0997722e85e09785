"""How often something stands in many bytes, told from a sample: to count takes longer than to read."""

from __future__ import annotations

from random import randrange

from msgspec import Raw

_SAMPLE = 512
_SAMPLES = 512


def estimate(body: bytes | bytearray | Raw, *marks: bytes) -> int:
    """About how often one of some marks stands in a body of more than a few kilobytes.

    Nobody can know which places are looked at, and there are so many that what stands often is never missed, even if
    all of it stands in an eighth of the body.
    """
    places = [randrange(len(body) - _SAMPLE) for _ in range(_SAMPLES)]  # noqa: S311 -- no secret is made of it
    view = memoryview(body)
    sample = b"\0".join([view[place : place + _SAMPLE] for place in places])
    return sum(map(sample.count, marks)) * len(body) // (_SAMPLES * _SAMPLE)
