"""Fetching whole searches: page by page, in parallel, each failure a failed search and nothing more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from mappings.record import Search
from mappings.screening import Page, screen
from mappings.value_sets import Terminology
from service.fhir_client import Deadline, FetchFailed, FhirAccess, FhirClient
from service.prefetch import SearchedPage

_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Fetcher:
    """One request's way to the client's FHIR server, with the deadline that all its queries share."""

    client: FhirClient
    access: FhirAccess
    deadline: Deadline
    patient_id: str
    terminology: Terminology

    def fetch(self, kinds: Sequence[str]) -> list[SearchedPage]:
        """The pages of the searches for some resource types; a type that fails is a failed search, nothing more."""
        if not kinds:
            return []
        with ThreadPoolExecutor(max_workers=min(8, len(kinds))) as pool:
            return [page for pages in pool.map(self._search, kinds) for page in pages]

    def follow(self, links: Mapping[str, str]) -> list[SearchedPage]:
        """The pages of the searches that prefetch left unread, by resource type."""
        return [page for kind, link in links.items() for page in self._pages(kind, link)]

    def version(self) -> str:
        """The FHIR version that the server's CapabilityStatement names, or nothing where it cannot be had."""
        try:
            return _CAPABILITY.decode(self.client.fetch(self.access, "metadata", self.deadline)).fhirVersion
        except (FetchFailed, msgspec.DecodeError):
            return ""

    def _search(self, kind: str) -> list[SearchedPage]:
        patient = quote(self.patient_id, safe="")
        if kind == "Patient":
            return self._pages(kind, f"Patient/{patient}")
        return self._pages(kind, f"{kind}?patient={patient}&_count=500")

    def _pages(self, kind: str, query: str) -> list[SearchedPage]:
        pages: list[SearchedPage] = []
        for _ in range(_MOST_PAGES):
            try:
                page = screen(self.client.fetch(self.access, query, self.deadline), self.patient_id, self.terminology)
            except FetchFailed as error:
                return [*pages, _failure(kind, str(error))]
            if page.failed:
                return [*pages, _failure(kind, "the server answered with a failure")]
            if not page.next_url:
                return [*pages, (page, {kind: Search(True)})]
            pages.append((page, {}))
            query = page.next_url
        return [*pages, _failure(kind, f"the search has more than {_MOST_PAGES} pages")]


class _Capability(msgspec.Struct):
    fhirVersion: str = ""


_CAPABILITY = msgspec.json.Decoder(_Capability)


def _failure(kind: str, reason: str) -> SearchedPage:
    return Page((), False, "", "", 0, None, True), {kind: Search(False, f"could not be fetched: {reason}")}
