"""Findings: named clinical facts with value or unknown, and the evidence behind each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from operator import attrgetter

import msgspec

from mappings.amounts import Amount
from mappings.dates import PartialDate

# Told the name of what failed, and how.
FailureSink = Callable[[str, Exception], None]
Value = str | Amount | frozenset[str]
# Why a finding is unknown of which the latest result, or one that may be the latest, could not be read.
UNREAD = "the result could not be read"


class State(Enum):
    """Whether a finding has a value, and if not: not on record, without meaning for this patient, or not to be told."""

    KNOWN = "known"
    ABSENT = "absent"
    NOT_APPLICABLE = "not applicable"
    UNKNOWN = "unknown"


_KNOWN, _ABSENT, _NOT_APPLICABLE, _UNKNOWN = State


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """The resource and element that say so, with its date and its words; `by_text` where no code was given."""

    resource: str
    element: str
    date: PartialDate | None = None
    text: str = ""
    by_text: bool = False


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One named clinical fact.

    `complete` says of a set whether it names everything; `reason` says in words why there is no value;
    `conflicts` are the things on record that contradict each other or could not be read; `among` are the values of
    which it has one or several, where the record says that much and no more.
    """

    name: str
    state: State
    value: Value | None = None
    date: PartialDate | None = None
    evidence: tuple[Evidence, ...] = ()
    complete: bool = True
    reason: str = ""
    conflicts: tuple[str, ...] = ()
    among: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.state is _KNOWN


def known(name: str, value: Value, evidence: tuple[Evidence, ...] = (), *, complete: bool = True) -> Finding:
    """A finding with a value, dated by its latest evidence."""
    return Finding(name, _KNOWN, value, latest(evidence), evidence, complete)


def unknown(name: str, reason: str, evidence: tuple[Evidence, ...] = (), conflicts: tuple[str, ...] = ()) -> Finding:
    """A finding of which nothing can be said, and why."""
    return Finding(name, _UNKNOWN, evidence=evidence, reason=reason, conflicts=conflicts)


def absent(name: str) -> Finding:
    """A finding that a complete search of the record did not find."""
    return Finding(name, _ABSENT, reason="not recorded")


def not_applicable(name: str, reason: str) -> Finding:
    """A finding that has no meaning for this patient, such as the time since an operation that never was."""
    return Finding(name, _NOT_APPLICABLE, reason=reason)


def latest(evidence: tuple[Evidence, ...]) -> PartialDate | None:
    """The latest date among the evidence."""
    if len(evidence) < 2:
        return evidence[0].date if evidence else None
    return max((e.date for e in evidence if e.date is not None), key=attrgetter("latest", "earliest"), default=None)


class Findings(Mapping[str, Finding]):
    """All findings of one patient, each read when it is first asked for."""

    def __init__(self, names: tuple[str, ...], read: Callable[[str, Findings], Finding]) -> None:
        self._names = names
        self._read = read
        self._known: dict[str, Finding] = {}

    def __getitem__(self, name: str) -> Finding:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._read(name, self)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def replaced(findings: Mapping[str, Finding], finding: Finding) -> Findings:
    """The findings with one in the place of that of its name."""
    return Findings(tuple(findings), lambda name, _: finding if name == finding.name else findings[name])


def given(findings: Mapping[str, Finding]) -> Findings:
    """Findings that are given rather than read, for rule cases; every other one is unknown."""
    return Findings(tuple(findings), lambda name, _: findings.get(name) or unknown(name, "not stated"))
