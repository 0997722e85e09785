"""Fuzzing of the readers with atheris: whatever stands in prefetch, the answer is cards or the caller's fault.

Every other time it is not bytes that are changed but elements of the JSON: replaced by something of another type, by
something odd, or by another element of the same resource.
"""

from __future__ import annotations

import json
import random
import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["mappings", "service"]):
    from cards.knowledge import shipped_knowledge
    from service.advise import Advisor, read
    from service.errors import ServiceError
    from service.fetching.fhir_client import FhirClient
    from service.fetching.gather import UnsupportedVersion
    from service.hook_request import HookRequest
    from service.receiving.shape import check_shape
    from service.services import SERVICES
    from service.settings import load_settings

SERVICE = SERVICES["net-patient-view"]
ADVISOR = Advisor(shipped_knowledge(), load_settings({"HOOFBEATS_TODAY": "2026-11-20"}), FhirClient(1))
ODD: list[Any] = [
    *(None, True, 0, -1, 1e308, 10**30, "", " ", "\u202e", "x" * 300, [], {}, [None], [[]], {"": None}),
    *("2026", "2026-02-30", "9999-12-31T23:59:60Z", "0000", "1 %", "<5", "3-5 %", "Patient/p1", "#x", "urn:uuid:x"),
    *({"value": 1e-320, "unit": "%"}, {"coding": [{}]}, {"reference": None}, {"start": "2027", "end": "2020"}),
]


def read_anything(data: bytes) -> None:
    """Reads every finding from the bytes; a reader that breaks is a fault of ours."""
    request = HookRequest(SERVICE.hook, "fuzz", "p1", {"patientId": "p1"}, {"conditions": data}, None)
    try:
        check_shape(data)
        _, findings = read(request, SERVICE, ADVISOR)
    except (ServiceError, UnsupportedVersion):
        return
    broken = [name for name in findings if "a fault in this service" in findings[name].reason]
    if broken:
        raise AssertionError(f"broken readers: {broken}")


def change(data: bytes, most: int, seed: int) -> bytes:
    """Some bytes changed: as JSON where they are JSON and the dice say so."""
    dice = random.Random(seed)  # noqa: S311
    if dice.random() < 0.5:
        return bytes(atheris.Mutate(data, most))
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return bytes(atheris.Mutate(data, most))
    for _ in range(dice.randint(1, 3)):
        document = _with_one_change(document, dice)
    changed = json.dumps(document).encode()
    return changed if len(changed) <= most else data


def _with_one_change(document: Any, dice: random.Random) -> Any:
    places = list(_places(document))
    if not places:
        return dice.choice(ODD)
    holder, key = dice.choice(places)
    match dice.randrange(4):
        case 0:
            holder[key] = dice.choice(ODD)
        case 1:
            other, other_key = dice.choice(places)
            holder[key] = json.loads(json.dumps(other[other_key]))
        case 2:
            holder[key] = [holder[key]] if dice.random() < 0.5 else {"value": holder[key]}
        case _:
            holder.pop(key)
    return document


def _places(part: Any) -> Any:
    """Every element below a part, as what holds it and under which key."""
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in list(keys):
        yield part, key
        yield from _places(part[key])


if __name__ == "__main__":
    atheris.Setup(sys.argv, read_anything, custom_mutator=change)
    atheris.Fuzz()
