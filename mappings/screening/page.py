"""What screening leaves of a Bundle: its resources that matter, and what the Bundle says of its search."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from functools import partial

import msgspec

from mappings.screening.glance import Glance
from mappings.screening.versions import Shape


class Fate(Enum):
    """What screening makes of a resource."""

    KEPT = "kept"
    PASSED_OVER = "passed over"
    FOREIGN = "of another patient"
    UNREADABLE = "unreadable"
    LACKING = "without what others of its list have"


KEPT, PASSED_OVER, FOREIGN, UNREADABLE, LACKING = Fate


class Screened(msgspec.Struct, frozen=True, gc=False):
    """A resource of a Bundle that is not passed over, with its fate; `resource` is there where it is kept.

    `value_sets` are those that its code and the codes of its components are in; `sets_are_sure` where each of these
    codes is whole, so that it is of no others.
    """

    type: str
    id: str
    full_url: str
    fate: Fate
    resource: Glance | None = None
    value_sets: frozenset[str] = frozenset()
    sets_are_sure: bool = False

    @property
    def raw(self) -> bytes:
        """What is kept of it, as JSON."""
        return self.resource.as_json() if self.resource is not None else b""

    @property
    def drug(self) -> str:
        """The reference to a Medication that stands outside the resource, or nothing."""
        return self.resource.drug() if self.resource is not None else ""


class Noticed(msgspec.Struct, gc=False):
    """What is remembered of all resources of a page: their types; the shapes of those that were kept; how many codes of
    those that were passed over are from each system; the ids of the problems; whether one is of a type before R4, or a
    problem as only later ones are.
    """

    types: set[str] = msgspec.field(default_factory=set)
    shapes: set[Shape] = msgspec.field(default_factory=set)
    passed_over: defaultdict[str, int] = msgspec.field(default_factory=partial(defaultdict, int))
    problems: set[str] = msgspec.field(default_factory=set)
    older: bool = False
    problems_since_r4: bool = False


class Page(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A screened prefetch value: its resources, and what it says about the search that produced it.

    `entries` is how many it held before it was screened.
    """

    resources: tuple[Screened, ...] = ()
    is_search: bool = False
    self_url: str = ""
    next_url: str = ""
    matches: int = 0
    total: int | None = None
    failed: bool = False
    noticed: Noticed = msgspec.field(default_factory=Noticed)
    entries: int = 0
