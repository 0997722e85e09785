"""Mending: slips of real records whose meaning is plain, put right before a model judges them.

What is mended never says more than what was written: a day that cannot be read is left out, so the resource has no
date, and whatever has none may be the latest and has to agree with the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mappings.dates import read_date

_DATES = frozenset(
    {
        "effectiveDateTime",
        "recordedDate",
        "onsetDateTime",
        "started",
        "performedDateTime",
        "occurrenceDateTime",
        "authoredOn",
        "created",
        "date",
    }
)
_INSTANTS = frozenset({"effectiveInstant", "issued"})
# Elements that hold a day: one that nobody can read is left out.
DAYS = _DATES | _INSTANTS
# Elements of which there may be several, and of which some systems send one as it is.
_LISTS = frozenset(
    {"bodySite", "interpretation", "reasonReference", "reasonCode", "procedureCode", "dosageInstruction"}
)
# Where there is only one of what there may be several of elsewhere.
_ONE = {"Observation": frozenset({"bodySite"})}
# Words keep their blanks; codes, addresses and dates have none.
_WORDS = frozenset({"display", "text", "description", "unit", "valueString"})
_WHOLE = re.compile(
    r"(?:19|20)\d\d(?:-\d\d(?:-\d\d(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)?)?", re.ASCII
)
_DAY_AND_TIME = re.compile(r"((?:19|20)\d\d-\d\d-\d\d)[T ].*", re.ASCII | re.DOTALL)
# Mandatory in FHIR, and left out by some systems: whose it is the search says, and what is requested is meant.
_NOT_STATED: Mapping[str, Mapping[str, Any]] = {
    "Condition": {"subject": {}},
    "ImagingStudy": {"subject": {}},
    "Procedure": {"subject": {}},
    "ServiceRequest": {"subject": {}, "intent": "order"},
    "MedicationRequest": {"subject": {}, "intent": "order"},
    "MedicationStatement": {"subject": {}},
    "MedicationAdministration": {"subject": {}},
    "Immunization": {"patient": {}},
    "FamilyMemberHistory": {"patient": {}},
    "CarePlan": {"subject": {}, "intent": "plan"},
}


def mended(resource: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The elements of a resource with blanks around codes cut off, days without their broken times, and what is one
    of several as a list; subject and intent, where none is stated, filled in."""
    held = {**_NOT_STATED.get(kind, {}), **_trimmed(resource)}
    for name in _DATES.intersection(held):
        if (day := _day(held.pop(name))) is not None:
            held[name] = day
    for name in _INSTANTS.intersection(held):
        if (day := _day(held.pop(name))) is not None:
            held[name] = day if "T" in day else f"{day}T00:00:00Z"
    alone = _ONE.get(kind, frozenset())
    for name in _LISTS.intersection(held) - alone:
        if isinstance(held[name], dict):
            held[name] = [held[name]]
    for name in alone.intersection(held):
        match held[name]:
            case [only]:
                held[name] = only
    return held


def _day(written: object) -> str | None:
    """The date as written, or its day where the time beside it is none; nothing where nobody can tell the day."""
    if not isinstance(written, str) or read_date(written) is None:
        return None
    if _WHOLE.fullmatch(written):
        return written
    found = _DAY_AND_TIME.fullmatch(written)
    return found[1] if found else None


def _trimmed(element: Any) -> Any:
    match element:
        case str():
            return element.strip()
        case list():
            return [_trimmed(part) for part in element]
        case dict():
            return {name: part if name in _WORDS else _trimmed(part) for name, part in element.items()}
        case _:
            return element
