"""The record of a request: from prefetch and, where the client lets us fetch, from its server for what is lacking."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mappings.drafts import Draft, FullResource, drugs_elsewhere, read_drafts
from mappings.fhir.models import FhirVersion
from mappings.record import PatientRecord, record_of
from mappings.references import names_of, target_of
from mappings.screening.page import Fate, Page
from mappings.screening.versions import Shape
from mappings.search import Search
from mappings.value_sets import Terminology
from service.errors import PreconditionFailed
from service.fetching.fetch import Fetcher
from service.fetching.prefetch import TYPES_BY_KEY, Prefetched, SearchedPage, may_hold_problems
from service.hook_request import HookRequest
from service.receiving.shape import is_too_deep

_MOST_DRUGS = 100
_OLDER_VERSIONS = ("0.", "1.", "3.")


@dataclass(frozen=True, slots=True)
class Concern:
    """What a chart of ours is: the value sets of problems that nearly always make it one, and what surely tells."""

    likely: tuple[str, ...]
    is_ours: Callable[[PatientRecord], bool]


class UnsupportedVersion(PreconditionFailed):
    """The resources are of a FHIR version before R4."""

    code = "not-supported"

    def __init__(self) -> None:
        super().__init__("the resources are FHIR STU3 or DSTU2; this service reads R4, R4B and R5")


def gather(
    request: HookRequest,
    needed: Sequence[str],
    prefetched: Prefetched,
    fetcher: Fetcher | None,
    concern: Concern,
    seen: Callable[[Sequence[SearchedPage]], None] = lambda _: None,
) -> PatientRecord:
    """The record, fetched no further than the problem list where that does not concern us; its pages told to `seen`.

    Raises PreconditionFailed where nothing can be read, UnsupportedVersion for FHIR before R4.
    """
    terminology = prefetched.terminology
    pages = prefetched.pages(prefetched.values)
    seen(pages)
    if fetcher is None:
        return _record(pages, request, terminology, FhirVersion.R4)
    version = _stated_version(pages, fetcher)
    if "Condition" not in _searched(pages):
        pages += fetcher.fetch(["Condition"])
    record = _record(pages, request, terminology, version)
    if not concern.is_ours(record):
        return record
    searched = _searched(pages)
    fetched = fetcher.fetch([kind for kind in needed if kind not in searched]) + fetcher.follow(_unread(pages))
    seen(fetched)
    pages += fetched
    pages += fetcher.medications(_unseen_drugs(pages, drugs_elsewhere(request.context.get("draftOrders"))))
    return _record(pages, request, terminology, version)


def _unseen_drugs(pages: Sequence[SearchedPage], drafted: Sequence[str]) -> list[str]:
    """References to Medications that no page holds, those of the drafts first."""
    resources = [resource for page, _ in pages for resource in page.resources]
    held = {name for r in resources if r.type == "Medication" for name in names_of(r.type, r.id, r.full_url)}
    named = dict.fromkeys([*drafted, *(r.drug for r in resources if r.drug)])
    return [drug for drug in named if target_of(drug) not in held][:_MOST_DRUGS]


def problem_list_of(request: HookRequest, prefetched: Prefetched, concern: Concern) -> PatientRecord | None:
    """The record of the problem list alone, where it already says that the chart does not concern us.

    None where it does or very likely does, and where nobody can tell without the rest: orders to judge, no problem that
    shows R4 or later, a search that failed. Most charts do not concern us and cost no more than this.
    """
    ours = [key for key in prefetched.values if TYPES_BY_KEY.get(key) == "Condition"]
    if "draftOrders" in request.context or not ours:
        return None
    record = _unconcerned(ours, request, prefetched, concern)
    if record is None:
        return None
    all_that_may = [key for key, raw in prefetched.values.items() if key in ours or may_hold_problems(raw)]
    return record if len(all_that_may) == len(ours) else _unconcerned(all_that_may, request, prefetched, concern)


def _unconcerned(
    keys: Iterable[str],
    request: HookRequest,
    prefetched: Prefetched,
    concern: Concern,
) -> PatientRecord | None:
    """The record of some values of the prefetch, or None where it concerns us or cannot tell."""
    pages = prefetched.pages(keys)
    if any(page.failed or page.noticed.older or _names(page, concern.likely) for page, _ in pages):
        return None
    if not any(page.noticed.problems_since_r4 for page, _ in pages):
        return None
    version = _version((page for page, _ in pages), FhirVersion.R4)
    record = record_of(pages, request.patient_id, prefetched.terminology, version)
    return None if concern.is_ours(record) else record


def _names(page: Page, value_sets: tuple[str, ...]) -> bool:
    return any(not resource.value_sets.isdisjoint(value_sets) for resource in page.resources)


def _record(
    pages: Sequence[SearchedPage], request: HookRequest, terminology: Terminology, otherwise: FhirVersion
) -> PatientRecord:
    if all(page.failed and not page.noticed.types for page, _ in pages):
        raise PreconditionFailed(_need(pages))
    context = request.context
    named = _referable(pages) if "draftOrders" in context else ()
    drafts = read_drafts(context.get("draftOrders"), context.get("selections"), terminology, named)
    version = _version((page for page, _ in pages), otherwise, drafts)
    return record_of(pages, request.patient_id, terminology, version, drafts)


def _referable(pages: Sequence[SearchedPage]) -> Iterator[FullResource]:
    """The Medications and problems of the pages, which drafts may refer to."""
    for page, _ in pages:
        for resource in page.resources:
            if resource.type in ("Medication", "Condition") and resource.fate is Fate.KEPT:
                raw = resource.raw
                if not is_too_deep(raw):
                    yield resource.full_url, json.loads(raw)


def _version(pages: Iterable[Page], otherwise: FhirVersion, drafts: Sequence[Draft] = ()) -> FhirVersion:
    """The FHIR version that the shapes of the resources show; a prefetch is of one version only."""
    held = list(pages)
    shapes = set().union(*(page.noticed.shapes for page in held))
    mixed = any(page.noticed.problems_since_r4 for page in held)
    older = Shape.OLDER in shapes or any(page.noticed.older for page in held) or any(d.is_older for d in drafts)
    if older and not mixed:
        raise UnsupportedVersion
    if Shape.R5 in shapes and Shape.R4 not in shapes:
        return FhirVersion.R5
    return FhirVersion.R4 if Shape.R4 in shapes else otherwise


def _stated_version(pages: Sequence[SearchedPage], fetcher: Fetcher) -> FhirVersion:
    """The version by the server's CapabilityStatement, asked only where prefetch shows none."""
    shapes = set().union(*(page.noticed.shapes for page, _ in pages))
    if shapes - {Shape.ANY} or any(page.noticed.older for page, _ in pages):
        return FhirVersion.R4
    version = fetcher.version()
    if version.startswith(_OLDER_VERSIONS):
        raise UnsupportedVersion
    return FhirVersion.R5 if version.startswith("5.") else FhirVersion.R4


def _searched(pages: Sequence[SearchedPage]) -> dict[str, Search]:
    return {kind: search for _, said in pages for kind, search in said.items()}


def _unread(pages: Sequence[SearchedPage]) -> dict[str, SearchedPage]:
    """The first pages of searches whose further pages prefetch does not hold."""
    incomplete = [(page, said) for page, said in pages if any(not search.complete for search in said.values())]
    return {kind: (page, said) for page, said in incomplete for kind in said if page.next_url}


def _need(pages: Sequence[SearchedPage]) -> str:
    said = "no prefetch was sent" if not pages else "nothing that was sent or fetched could be read"
    reasons = {search.reason for _, searches in pages for search in searches.values() if search.reason}
    details = f" ({'; '.join(sorted(reasons))})" if reasons else ""
    return f"{said}{details}: at least Condition resources are needed (prefetch key conditions)"
