"""Statuses: which ones FHIR has, and which of them make a result, an order, a drug, a problem or a relative count.

A status of any other kind says nothing that could be relied on. https://hl7.org/fhir/R4 and /R5, the required bindings.
"""

from __future__ import annotations

from collections.abc import Iterable

# Of all types that are read, of R4 and R5 together.
ALL = frozenset(
    [
        "active",
        "amended",
        "appended",
        "arrived",
        "available",
        "cancelled",
        "completed",
        "corrected",
        "discharged",
        "discontinued",
        "draft",
        "ended",
        "entered-in-error",
        "final",
        "finished",
        "health-unknown",
        "in-progress",
        "intended",
        "modified",
        "not-done",
        "not-taken",
        "on-hold",
        "onleave",
        "partial",
        "planned",
        "preliminary",
        "preparation",
        "recorded",
        "registered",
        "revoked",
        "stopped",
        "triaged",
        "unknown",
    ]
)
# Resources that say themselves that they do not count, whatever their type.
WITHDRAWN = frozenset({"entered-in-error", "cancelled", "not-done"})

# A result, study, procedure or vaccination that counts as done.
FINAL = frozenset({"final", "amended", "corrected", "appended", "completed", "available", "finished"})

# An order that is still to be carried out; one that ends what was ordered; an activity of a plan that will not come.
OPEN = frozenset({"active", "on-hold", "draft"})
ENDING = frozenset({"stopped", "cancelled", "ended", "revoked", "entered-in-error"})
CALLED_OFF = frozenset({"cancelled", "stopped", "entered-in-error"})

# A drug that was begun, or may have been; that is taken now, or may be; that nobody ever took.
BEGUN = frozenset({"active", "completed", "stopped", "in-progress", "recorded"})
PERHAPS_BEGUN = frozenset({"on-hold", "unknown"})
TAKEN_OR_NOT_KNOWN = frozenset({"active", "recorded", "unknown"})
NEVER_TAKEN = frozenset({"draft", "cancelled", "entered-in-error", "not-done", "not-taken"})

# The clinical status of a problem, also where it has none: one that there is, and one that is over.
CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved", "unknown"})
PRESENT = frozenset({"active", "recurrence", "relapse", "unknown", ""})
OVER = CLINICAL - PRESENT
# Its verification status: one that never was, and one that is only suspected.
VERIFICATION = frozenset(
    {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error", "unknown"}
)
REFUTED = frozenset({"refuted", "entered-in-error"})
SUSPECTED = frozenset({"provisional", "differential", "unconfirmed"})

# A relative's history that was taken in part, or could not be had.
PARTLY_TAKEN = frozenset({"partial", "health-unknown"})


def as_written(statuses: Iterable[str]) -> frozenset[bytes]:
    """Statuses as they stand in the bytes of a resource."""
    return frozenset(f'"{status}"'.encode() for status in statuses)
