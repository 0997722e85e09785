"""The plan of a sweep, and the folder that remembers how far it came."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

# Services that look at a chart as it is; the others judge an order that is being placed.
SWEPT = ("net-patient-view", "net-surveillance")


class SweepError(Exception):
    """The sweep cannot be made as it was asked for; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is swept, on which days, with what knowledge and settings; two sweeps of one plan give the same result.

    `is_past` says that the days were asked for: then what was put on record after a day is not known on it.
    """

    export: str
    files: tuple[tuple[str, int], ...]
    types: tuple[str, ...]
    days: tuple[str, ...]
    is_past: bool
    knowledge: str
    settings: tuple[tuple[str, str], ...]
    engine: str
    buckets: int

    def as_text(self) -> str:
        """The plan as it is remembered."""
        return json.dumps(asdict(self), indent=2)


@dataclass(frozen=True, slots=True)
class Folder:
    """The output folder: `work` holds what is only needed on the way."""

    path: Path

    @property
    def work(self) -> Path:
        """Where buckets and their results lie until the end."""
        return self.path / "work"

    def bucket(self, number: int) -> Path:
        """Where a bucket lies."""
        return self.work / "buckets" / f"bucket={number}"

    def cards(self, number: int) -> Path:
        """The cards of a bucket."""
        return self.work / f"cards-{number:05}.ndjson"

    def counts(self, number: int) -> Path:
        """The counts of a bucket; it is done when these are there."""
        return self.work / f"counts-{number:05}.json"

    def begin(self, plan: Plan, *, resume: bool) -> None:
        """Remembers the plan, or checks that it is the one that is resumed; raises SweepError."""
        remembered = self.path / "plan.json"
        if not resume:
            if self.path.exists() and any(self.path.iterdir()):
                raise SweepError(f"{self.path} is not empty; --resume goes on with the sweep that began there")
            self.work.mkdir(parents=True)
            write(remembered, plan.as_text())
        elif not remembered.is_file():
            raise SweepError(f"{self.path} holds no sweep that could be resumed")
        elif remembered.read_text() != plan.as_text():
            raise SweepError(
                f"{remembered} is of another export, day, engine, setting or knowledge; take another folder"
            )

    def is_partitioned(self) -> bool:
        """Whether all resources lie in their buckets."""
        return (self.work / "partitioned").exists()

    def partitioned(self) -> None:
        """Notes that they do."""
        write(self.work / "partitioned", "")


def write(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)  # noqa: PTH105 -- one step, unlike copying
