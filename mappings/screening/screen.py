"""Screening: which resources of a Bundle matter, told from the request's bytes before any model is built."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from operator import attrgetter

import msgspec

from mappings.screening.bundle import BUNDLE, ENTRY, LOOSE_BUNDLE, UNDECODABLE, Bundle, BundleEntry
from mappings.screening.glance import OperationOutcome
from mappings.screening.page import Page
from mappings.screening.seen import Resource, seen_in
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
_search, _mode = attrgetter("search"), attrgetter("mode")
# In place of an entry that has lost its resource.
_LOST = BundleEntry(msgspec.Raw(b"null"))


class TooManyEntries(Exception):
    """A Bundle has more entries than are looked at."""


def screen(
    value: Bundle | bytes | msgspec.Raw, patient_id: str, terminology: Terminology, most_entries: int = NO_LIMIT
) -> Page:
    """A resource or Bundle, screened; what is no FHIR counts as a failed search. Raises TooManyEntries."""
    bundle, kind = _cut_up(value)
    if bundle is not None:
        if len(bundle.entry or ()) > most_entries:
            raise TooManyEntries
        return _bundle(bundle, patient_id, terminology)
    if isinstance(value, Bundle) or kind in ("", "Bundle", "OperationOutcome"):
        return Page(failed=True)
    sieve = Sieve(patient_id, terminology, seen_in([BundleEntry(msgspec.Raw(bytes(value)))]))
    return Page(resources=tuple(sieve.screened()), matches=1, noticed=sieve.noticed, entries=1)


def _cut_up(value: Bundle | bytes | msgspec.Raw) -> tuple[Bundle | None, str]:
    """The value as a Bundle, if it is one that can be cut up, and its type."""
    if isinstance(value, Bundle):
        return value, "Bundle"
    try:
        bundle: Bundle | None = BUNDLE.decode(value)
    except UNDECODABLE:
        bundle = _part_by_part(value)
    if bundle is None:
        return None, resource_type(value)
    return (bundle if bundle.resourceType == "Bundle" else None), bundle.resourceType or ""


def _part_by_part(value: bytes | msgspec.Raw) -> Bundle | None:
    """A Bundle of which an entry or the total is none: these are lost, the others are not."""
    try:
        held = LOOSE_BUNDLE.decode(value)
    except UNDECODABLE:
        return None
    entries = [_entry(raw) for raw in held.entry] if isinstance(held.entry, list) else held.entry
    total = bytes(held.total)
    return Bundle(held.resourceType, entries, held.link, int(total) if total.isdigit() else None, held.type)


def _entry(raw: msgspec.Raw) -> BundleEntry | None:
    try:
        return ENTRY.decode(raw)
    except UNDECODABLE:
        return None


def _bundle(bundle: Bundle, patient_id: str, terminology: Terminology) -> Page:
    seen = seen_in([entry or _LOST for entry in bundle.entry or ()])
    outcomes = [outcome for outcome, _ in seen.of_type("OperationOutcome")]
    seen = seen.without("OperationOutcome")
    sieve = Sieve(patient_id, terminology, seen)
    links = {link.relation: link.url or "" for link in bundle.link or () if link is not None}
    return Page(
        resources=tuple(sieve.screened()),
        is_search=bundle.type in (None, "searchset"),
        self_url=links.get("self", ""),
        next_url=links.get("next", ""),
        matches=_matches(seen.entries),
        total=bundle.total,
        failed=any(map(_says_incomplete, outcomes)) or (bundle.entry is None and bundle.total != 0),
        noticed=sieve.noticed,
        entries=len(bundle.entry or ()),
    )


def _matches(entries: Sequence[BundleEntry]) -> int:
    """How many are what was searched for, and not beside it."""
    modes = map(_mode, filter(None, map(_search, entries)))
    return len(entries) - len([mode for mode in modes if mode != "match" and mode is not None])


def _says_incomplete(outcome: Resource) -> bool:
    """Whether it names an error or what was left out; one that could not be decoded may."""
    if not isinstance(outcome, OperationOutcome):
        return True
    return any(issue.severity in ("error", "fatal") or issue.code in _INCOMPLETE_CODES for issue in outcome.issue or ())
