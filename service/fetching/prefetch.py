"""From prefetch to the patient's record: matched by content, key names only where a value says nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from msgspec import Raw

from mappings.references import last_part
from mappings.screening.bundle import Bundle, BundleEntry
from mappings.screening.glance import Condition
from mappings.screening.page import Page
from mappings.screening.screen import NO_LIMIT, TooManyEntries, screen
from mappings.search import Search
from mappings.value_sets import Terminology
from service.errors import TooLarge
from service.hook_request import Sent
from service.services import PREFETCH_KEYS

TYPES_BY_KEY = {key: kind for kind, key in PREFETCH_KEYS.items()}
# Parameters that do not narrow a search; any other may hide what we then would call absent.
_HARMLESS = frozenset({"patient", "subject", "_count", "_sort", "_format", "_pretty", "_total", "_include"})
# Parameters that surely narrow a search, for servers that add others of their own to their links.
_NARROWING = frozenset({"category", "status", "clinical-status", "verification-status", "code", "date", "_lastUpdated"})
_COMPLETE = Search(True)
# What is said of a search that is complete once its further pages are read.
UNREAD_PAGE = Search(False, "a further page was not read")
_MOST_VALUES = 1000
# With any blanks around it.
_LONGEST_NULL = 1000
# The type as a value, and as the path of a search: not where a reference to a Condition names it.
_PROBLEMS = re.compile(rb'Condition(?:"|\?|/_search)')


SearchedPage = tuple[Page, dict[str, Search]]


class Prefetched:
    """The values of a patient's prefetch, each screened once: when it is first asked for.

    Raises TooLarge where there are more of them than any client has keys for, and where they hold too many entries.
    """

    def __init__(
        self,
        values: Mapping[str, Sent] | None,
        patient_id: str,
        terminology: Terminology,
        most_entries: int = NO_LIMIT,
    ) -> None:
        self.values = values or {}
        if len(self.values) > _MOST_VALUES:
            raise TooLarge(f"prefetch has more than {_MOST_VALUES} values")
        self.terminology = terminology
        self._patient_id = patient_id
        self._own_query = f"patient={quote(patient_id, safe='')}"  # as our own templates ask
        self._most_entries = most_entries
        self._entries = 0
        self._pages: dict[str, SearchedPage] = {}

    def pages(self, keys: Iterable[str]) -> list[SearchedPage]:
        """The screened values of some keys, each with what it says of the search behind it."""
        return [self._pages.get(key) or self._screened(key) for key in keys]

    def _screened(self, key: str) -> SearchedPage:
        value = self.values[key]
        if _is_null(value):
            searched = _of_null(key)
        else:
            page = self._page(value)
            link = _parts(page.self_url) if page.is_search and page.self_url else None
            kind = _searched_type(key, page, link)
            searched = page, {kind: self._search(key, page, link)} if kind else {}
        self._pages[key] = searched
        return searched

    def _page(self, value: Sent) -> Page:
        try:
            page = screen(value, self._patient_id, self.terminology, self._most_entries - self._entries)
        except TooManyEntries:
            raise TooLarge(f"the body holds more than {self._most_entries} entries") from None
        self._entries += page.entries
        return page

    def _search(self, key: str, page: Page, link: SplitResult | None) -> Search:
        if page.failed:
            return Search(False, "the search failed")
        asked = self._asked(key, page, link)
        if not asked.complete:
            return asked
        if page.next_url:
            return UNREAD_PAGE
        if page.total is not None and page.total > page.matches:
            return Search(False, f"{page.matches} of {page.total} entries were sent")
        return _COMPLETE

    def _asked(self, key: str, page: Page, link: SplitResult | None) -> Search:
        """Whether what was asked for was everything of a type, however much of it was sent."""
        if not page.is_search:
            return _COMPLETE if key == "patient" else Search(False, "single resources were sent, not a search")
        if not page.self_url:
            return (
                _COMPLETE if key in TYPES_BY_KEY else Search(False, "the search behind a key of its own is not known")
            )
        if link is None:
            return Search(False, "the link of the search is no address")
        return _COMPLETE if link.query == self._own_query else _by_self_link(link, self._patient_id)


def may_hold_problems(value: Sent) -> bool:
    """Whether a value may be the result of a search for Condition, or hold a Condition; told without decoding it."""
    if not isinstance(value, Bundle):
        return _PROBLEMS.search(value) is not None
    if any(link is not None and _PROBLEMS.search(f'{link.url}"'.encode()) for link in value.link or ()):
        return True
    return any(map(_may_be_problem, value.entry or ()))


def _may_be_problem(entry: BundleEntry | Raw) -> bool:
    if isinstance(entry, BundleEntry):
        return isinstance(entry.resource, Condition)
    return _PROBLEMS.search(entry) is not None


def _is_null(value: Sent) -> bool:
    if isinstance(value, Bundle) or memoryview(value).nbytes > _LONGEST_NULL:
        return False
    return bytes(value).strip() == b"null"


def _of_null(key: str) -> SearchedPage:
    """A key that holds null was searched, and nothing was found."""
    kind = TYPES_BY_KEY.get(key)
    return Page(is_search=True, total=0, failed=kind is None), {kind: _COMPLETE} if kind else {}


def _searched_type(key: str, page: Page, link: SplitResult | None) -> str | None:
    """The type that a value is the search result of: by its self link, else by our key, else by its content."""
    if link is not None:
        return link.path.rstrip("/").removesuffix("/_search").rpartition("/")[2] or None
    if key in TYPES_BY_KEY:
        return TYPES_BY_KEY[key]
    kinds = page.noticed.types
    return next(iter(kinds)) if len(kinds) == 1 else None


def narrowed_by_server(self_url: str, patient_id: str) -> str:
    """Why the answer to a search of ours is not all of it, by the link that says what was searched; or nothing."""
    asked = _parts(self_url)
    named = {name.partition(":")[0]: value for name, value in parse_qsl(asked.query)} if asked is not None else {}
    if narrowing := sorted(_NARROWING.intersection(named)):
        return f"the server narrowed the search by {narrowing[0]}"
    patient = named.get("patient") or named.get("subject") or patient_id
    return "" if last_part(patient) == patient_id else "the server searched for another patient"


def _by_self_link(link: SplitResult, patient_id: str) -> Search:
    parameters = parse_qsl(link.query, keep_blank_values=True)
    narrowing = sorted({name.partition(":")[0] for name, _ in parameters} - _HARMLESS)
    if narrowing:
        return Search(False, f"the search was narrowed by {narrowing[0]}")
    patients = {last_part(value) for name, value in parameters if name.partition(":")[0] in ("patient", "subject")}
    if patients and patients != {patient_id}:
        return Search(False, "the search was for another patient")
    return _COMPLETE


def _parts(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
