"""The evidence that an entry is: its resource, the element that says so, and its words."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.entries import Concept, Condition, Medication, Observation, Order, Study, Vaccination
from mappings.findings import Evidence

_NAMELESS = Concept()


def evidence_of(
    entry: Condition | Observation | Study | Order | Medication | Vaccination, value_sets: Iterable[str] = ()
) -> Evidence:
    """The evidence that an entry is; of a study, by the first of its codes that is in one of the value sets."""
    match entry:
        case Study():
            code = entry.named(value_sets) or next(iter(entry.codes), _NAMELESS)
            return Evidence(entry.reference, "code", entry.date, str(code), code.by_text)
        case Medication():
            return Evidence(entry.reference, "medication", entry.start, str(entry.code), entry.code.by_text)
        case Vaccination():
            return Evidence(entry.reference, "vaccineCode", entry.date, str(entry.code), entry.code.by_text)
        case Condition() if not str(entry.code) and entry.morphologies:
            return Evidence(entry.reference, "code", entry.date, str(entry.morphologies[0]), entry.code.by_text)
        case _:
            return Evidence(entry.reference, "code", entry.date, str(entry.code), entry.code.by_text)
