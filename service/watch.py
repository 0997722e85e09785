"""One request being answered: the time it may take, and what is counted of it – never what is in it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mappings.findings import Finding

Clock = Callable[[], float]


class OutOfTime(Exception):
    """The deadline passed; what was not begun stays unchecked."""


class Deadline:
    """A moment of the monotonic clock, which a test may replace."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds left; raises OutOfTime where there are none."""
        left = self._end - self._clock()
        if left <= 0:
            raise OutOfTime("the deadline passed")
        return left

    def is_over(self) -> bool:
        """Whether there is no time left."""
        return self._clock() >= self._end


NO_HURRY = Deadline(float("inf"))
# All Bundles of a request together.
ENTRIES = 20_000


@dataclass(slots=True)
class Watch:
    """The bounds of one request, and what happened within them, by names of ours alone."""

    deadline: Deadline = NO_HURRY
    most_entries: int = ENTRIES
    decided: bool = False
    rules: dict[str, str] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    foreign_systems: Counter[str] = field(default_factory=Counter)
    fetch_failures: Counter[str] = field(default_factory=Counter)

    def shortfall(self) -> list[str]:
        """What stayed unchecked, in words for a card; nothing where there was time for all."""
        left = len(self.unchecked)
        return [f"{left} {'rule was' if left == 1 else 'rules were'} not checked in time"] if left else []

    def until_over(self, findings: Mapping[str, Finding]) -> Mapping[str, Finding]:
        """The findings as long as there is time; asking for another one later raises OutOfTime."""
        return _InTime(findings, self.deadline)


class _InTime(dict[str, Finding]):
    """Findings by name, as long as there is time; it holds those that were asked for."""

    def __init__(self, findings: Mapping[str, Finding], deadline: Deadline) -> None:
        super().__init__()
        self._findings = findings
        self._deadline = deadline

    def __missing__(self, name: str) -> Finding:
        if self._deadline.is_over():
            raise OutOfTime("the deadline passed")
        finding = self[name] = self._findings[name]
        return finding


def types_of(references: Iterable[str]) -> Counter[str]:
    """How many resources of each type some references name."""
    return Counter(reference.partition("/")[0] for reference in references)
