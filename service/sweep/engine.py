"""What an engine does: bring the resources of each patient together, and evaluate buckets on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Protocol

from mappings import units
from mappings.fhir import models
from service.advise import Advisor, advisor_for
from service.settings import load_settings
from service.sweep.chart import Chart
from service.sweep.evaluate import evaluate_bucket
from service.sweep.export import ExportFile
from service.sweep.plan import Folder, Plan

# A resource in its bucket: patient, type, id, and the resource as it is written; nothing of what is nobody's.
Row = tuple[str, str, str, bytes]


class Engine(Protocol):
    """Something that partitions and runs in parallel."""

    def partition(self, files: Sequence[ExportFile], plan: Plan, folder: Folder) -> None:
        """Brings the resources of each patient into one bucket, with the drugs that they point to."""

    def rows(self, bucket: Path) -> Iterable[Row]:
        """The rows of a bucket, sorted."""

    def evaluate(self, numbers: Sequence[int], plan: Plan, folder: Folder) -> Iterator[int]:
        """Evaluates buckets on all cores; how many patients each had, as they are done."""


def work_on(number: int, plan: Plan, folder: Folder, read: Callable[[Path], Iterable[Row]]) -> int:
    """Evaluates one bucket in the process that this is called in."""
    return evaluate_bucket(number, _charts(read(folder.bucket(number))), plan, folder, _advisor())


def _charts(rows: Iterable[Row]) -> Iterator[tuple[str, Chart]]:
    """Sorted rows, by patient."""
    for patient, of_patient in groupby(rows, key=lambda row: row[0]):
        yield patient, {kind: [row[3] for row in of_kind] for kind, of_kind in groupby(of_patient, lambda row: row[1])}


@cache
def _advisor() -> Advisor:
    """What answering needs, loaded once for each process."""
    settings = load_settings()
    models.warm_up()
    units.warm_up()
    return advisor_for(settings)
