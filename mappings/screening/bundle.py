"""Bundles cut up: of their resources a glance and bytes, which are no copies but parts of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, Union

import msgspec
from msgspec import Raw

from mappings.screening.glance import GLANCES, NOTHING, Glance, OperationOutcome
from mappings.screening.unread import UNREAD, Unread

if TYPE_CHECKING:
    Resource: TypeAlias = Glance | Unread
else:
    Resource = Union[(*GLANCES, OperationOutcome, *UNREAD)]  # told apart by their tag, resourceType


class SearchEntry(msgspec.Struct, gc=False):
    """Whether an entry is what was searched for."""

    mode: str | None = None


class Link(msgspec.Struct, gc=False):
    """Where a page of a search is found."""

    relation: str | None = None
    url: str | None = None


class BundleEntry(msgspec.Struct, gc=False):
    """One entry of a Bundle, its resource glanced at."""

    resource: Resource
    fullUrl: str | None = None
    search: SearchEntry | None = None


E = TypeVar("E", bound=BundleEntry | Raw, covariant=True)


class Bundle(msgspec.Struct, Generic[E], gc=False):
    """A Bundle, its entries glanced at, or all as they are where one of them may be no FHIR."""

    resourceType: str | None = None
    entry: list[E] | msgspec.UnsetType | None = msgspec.UNSET
    link: list[Link | None] | None = None
    total: Raw = NOTHING
    type: str | None = None


class Value(Bundle[E], Generic[E], gc=False):
    """A value of a prefetch: a Bundle, or a Patient, of whom nothing is read but who it is and since when."""

    id: Raw = NOTHING
    birthDate: Raw = NOTHING

    def as_patient(self) -> bytes:
        """The Patient with what is read of it."""
        said = {"resourceType": "Patient", "id": self.id, "birthDate": self.birthDate}
        return msgspec.json.encode({name: element for name, element in said.items() if element})


AnyBundle: TypeAlias = Bundle[BundleEntry] | Bundle[Raw]
