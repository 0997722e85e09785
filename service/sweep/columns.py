"""Of a resource as it is written: its id, whose it is, and the drug outside it that it points to."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import msgspec

# The FHIR id that a reference ends in, relative, absolute or urn; what is contained has none. DuckDB reads this too.
REFERENCE = r"(?:^|[/:])([A-Za-z0-9.\-]{1,64})(?:/_history/.*)?$"
ID = r"^([A-Za-z0-9.\-]{1,64})$"


@dataclass(frozen=True, slots=True)
class Columns:
    """By what resources are brought together; empty where there is nothing to say."""

    id: str
    patient: str
    drug: str


class _Reference(msgspec.Struct):
    reference: str | None = None


class _Resource(msgspec.Struct):
    id: str | None = None
    subject: _Reference | None = None
    patient: _Reference | None = None
    medicationReference: _Reference | None = None


_RESOURCE = msgspec.json.Decoder(_Resource)
_REFERENCE = re.compile(REFERENCE, re.ASCII)
_ID = re.compile(ID, re.ASCII)
_NOTHING = Columns("", "", "")


def columns_of(line: bytes, kind: str) -> Columns:
    """The columns of a resource; all empty where it is no FHIR."""
    try:
        line.decode()
        resource = _RESOURCE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOTHING
    id = _found(_ID, resource.id)
    owner = resource.subject or resource.patient
    patient = id if kind == "Patient" else _found(_REFERENCE, owner.reference if owner else None)
    drug = resource.medicationReference
    return Columns(id, patient, _found(_REFERENCE, drug.reference if drug else None))


def bucket_of(name: str, buckets: int) -> int:
    """The bucket of a patient or drug: the same on every machine. What is nobody's lies in one after the last."""
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8], 16) % buckets if name else buckets


def _found(pattern: re.Pattern[str], written: str | None) -> str:
    found = pattern.search(written or "")
    return found[1] if found else ""
