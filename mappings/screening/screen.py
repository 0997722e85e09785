"""Screening: which resources of a Bundle matter, told from the request's bytes before any model is built."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from mappings.screening.bundle import AnyBundle, Bundle, BundleEntry, Resource
from mappings.screening.cutting import cut_up, entries_of, resource_in
from mappings.screening.glance import OperationOutcome
from mappings.screening.page import Page
from mappings.screening.seen import Seen
from mappings.screening.sieve import Sieve
from mappings.screening.types import resource_type
from mappings.value_sets import Terminology

NO_LIMIT = sys.maxsize
_INCOMPLETE_CODES = frozenset(
    {
        "incomplete",
        "too-costly",
        "timeout",
        "throttled",
        "suppressed",
        "security",
        "login",
        "forbidden",
        "expired",
        "transient",
        "exception",
        "no-store",
        "lock-error",
    }
)
_MOST_DIGITS = 12
_MATCHES = frozenset({"match", None})


class TooManyEntries(Exception):
    """A Bundle has more entries than are looked at."""


def screen(
    value: AnyBundle | bytes | msgspec.Raw,
    patient_id: str,
    terminology: Terminology,
    most_entries: int = NO_LIMIT,
) -> Page:
    """A resource or Bundle, screened; what is no FHIR counts as a failed search. Raises TooManyEntries."""
    bundle = value if isinstance(value, Bundle) else cut_up(value)
    if bundle is not None and bundle.resourceType == "Bundle":
        if len(bundle.entry or ()) > most_entries:
            raise TooManyEntries
        return _bundle(bundle, patient_id, terminology)
    if isinstance(value, Bundle) or resource_type(value) in ("", "Bundle", "OperationOutcome"):
        return Page(failed=True)
    sieve = Sieve(patient_id, terminology, Seen([BundleEntry(resource_in(msgspec.Raw(bytes(value))))]))
    return Page(resources=tuple(sieve.screened()), matches=1, noticed=sieve.noticed, entries=1)


def _bundle(bundle: AnyBundle, patient_id: str, terminology: Terminology) -> Page:
    seen = Seen(entries_of(bundle))
    outcomes = [entry.resource for entry in seen.of_type("OperationOutcome")]
    seen = seen.without("OperationOutcome")
    sieve = Sieve(patient_id, terminology, seen)
    total = _total(bundle)
    links = {link.relation: link.url or "" for link in bundle.link or () if link is not None}
    return Page(
        resources=tuple(sieve.screened()),
        is_search=bundle.type in (None, "searchset"),
        self_url=links.get("self", ""),
        next_url=links.get("next", ""),
        matches=_matches(seen.entries),
        total=total,
        failed=any(map(_says_incomplete, outcomes)) or (bundle.entry is None and total != 0),
        noticed=sieve.noticed,
        entries=len(bundle.entry or ()),
    )


def _total(bundle: AnyBundle) -> int | None:
    """What it says that it found in all, if it is a number that can be one."""
    said = bytes(bundle.total)
    return int(said) if said.isdigit() and len(said) <= _MOST_DIGITS else None


def _matches(entries: Sequence[BundleEntry]) -> int:
    """How many are what was searched for, and not beside it."""
    if _MATCHES.issuperset({entry.search.mode for entry in entries if entry.search is not None}):
        return len(entries)
    return len([entry for entry in entries if entry.search is None or entry.search.mode in _MATCHES])


def _says_incomplete(outcome: Resource) -> bool:
    """Whether it names an error or what was left out; one that could not be decoded may."""
    if not isinstance(outcome, OperationOutcome):
        return True
    return any(issue.severity in ("error", "fatal") or issue.code in _INCOMPLETE_CODES for issue in outcome.issue or ())
