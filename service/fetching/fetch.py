"""Fetching whole searches: page by page, in parallel, each failure a failed search and nothing more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from mappings.screening.page import Page
from mappings.screening.screen import TooManyEntries, screen
from mappings.search import Search
from mappings.value_sets import Terminology
from service.errors import ServiceError
from service.fetching.fhir_client import FetchFailed, FhirClient, in_time
from service.fetching.prefetch import UNREAD_PAGE, SearchedPage, narrowed_by_server
from service.hook_request import FhirAccess
from service.receiving.shape import check_size
from service.watch import Deadline, Watch

_MOST_PAGES = 50
# Types that are read one by one; any other is searched.
_READ = frozenset({"Patient", "Medication"})


@dataclass(frozen=True, slots=True)
class Fetcher:
    """One request's way to the client's FHIR server, with the deadline that all its queries share."""

    client: FhirClient
    access: FhirAccess
    deadline: Deadline
    patient_id: str
    terminology: Terminology
    watch: Watch

    def fetch(self, kinds: Sequence[str]) -> list[SearchedPage]:
        """The pages of the searches for some resource types; a type that fails is a failed search, nothing more."""
        searches = {kind: self.client.start(self._search, kind) for kind in kinds}
        return [page for kind, search in searches.items() for page in self._awaited(kind, search)]

    def follow(self, first: Mapping[str, SearchedPage]) -> list[SearchedPage]:
        """The further pages of searches of which prefetch holds the first, by resource type.

        They complete only a search that was for everything of its type.
        """
        searches = {
            kind: self.client.start(self._pages, kind, page.next_url, page) for kind, (page, _) in first.items()
        }
        read = [(kind, page, said) for kind, held in searches.items() for page, said in self._awaited(kind, held)]
        return [(page, said if first[kind][1][kind] is UNREAD_PAGE else {}) for kind, page, said in read]

    def medications(self, references: Sequence[str]) -> list[SearchedPage]:
        """The Medications that some references name; one that cannot be had leaves its drug unknown."""
        reads = {reference: self.client.start(self._pages, "Medication", reference) for reference in references}
        return [(page, {}) for read in reads.values() for page, _ in self._awaited("Medication", read)]

    def version(self) -> str:
        """The FHIR version that the server's CapabilityStatement names, or nothing where it cannot be had."""
        try:
            asked = self.client.start(self.client.fetch, self.access, "metadata", self.deadline)
            return _CAPABILITY.decode(in_time(asked, self.deadline)).fhirVersion
        except (FetchFailed, msgspec.DecodeError):
            return ""

    def _awaited(self, kind: str, search: Future[list[SearchedPage]]) -> list[SearchedPage]:
        try:
            return in_time(search, self.deadline)
        except FetchFailed as error:
            return [self._failure(kind, str(error))]

    def _search(self, kind: str) -> list[SearchedPage]:
        patient = quote(self.patient_id, safe="")
        if kind == "Patient":
            return self._pages(kind, f"Patient/{patient}")
        return self._pages(kind, f"{kind}?patient={patient}&_count=500")

    def _pages(self, kind: str, query: str, before: Page | None = None) -> list[SearchedPage]:
        pages: list[SearchedPage] = []
        asked: set[str] = set()
        for _ in range(_MOST_PAGES):
            asked.add(query)
            try:
                answer = self.client.fetch(self.access, query, self.deadline)
                check_size(answer)
                page = screen(answer, self.patient_id, self.terminology, self.watch.most_entries)
            except (FetchFailed, ServiceError) as error:
                return [*pages, self._failure(kind, str(error))]
            except TooManyEntries:
                return [*pages, self._failure(kind, f"a page has more than {self.watch.most_entries} entries")]
            if page.failed:
                return [*pages, self._failure(kind, "the server answered with a failure")]
            if not page.is_search and kind not in _READ:
                return [*pages, self._failure(kind, "the server answered a search with something else")]
            pages.append((page, {}))
            if not page.next_url:
                held = [*([before] if before else []), *(held for held, _ in pages)]
                return [*pages[:-1], (page, {kind: self._completeness(held)})]
            query = page.next_url
            if query in asked:
                return [*pages, self._failure(kind, "the pages of the search lead back to one that was read")]
        return [*pages, self._failure(kind, f"the search has more than {_MOST_PAGES} pages")]

    def _completeness(self, pages: Sequence[Page]) -> Search:
        """Whether the pages of a search hold as many matches as the server says there are, of what was asked for."""
        matches, totals = sum(page.matches for page in pages), [page.total for page in pages if page.total is not None]
        if totals and max(totals) > matches:
            return Search(False, f"{matches} of {max(totals)} entries were sent")
        narrowed = narrowed_by_server(pages[0].self_url, self.patient_id)
        return Search(not narrowed, narrowed)

    def _failure(self, kind: str, reason: str) -> SearchedPage:
        self.watch.fetch_failures[kind] += 1
        return Page(failed=True), {kind: Search(False, f"could not be fetched: {reason}")}


class _Capability(msgspec.Struct):
    fhirVersion: str = ""


_CAPABILITY = msgspec.json.Decoder(_Capability)
