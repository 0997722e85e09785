"""The files of a Bulk Data export: NDJSON, plain or gzipped, of one resource type each."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mappings.screening.types import resource_type
from service.services import PREFETCH_KEYS
from service.sweep.plan import SweepError

# What is read of a patient, and the drugs that orders point to.
TYPES = frozenset({*PREFETCH_KEYS, "Medication"})
_ENDINGS = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
# Buckets are sorted in memory, several at a time.
_BUCKET_BYTES = 24 * 1024 * 1024
# A gzipped file of FHIR unpacks to about so many times its size.
_PACKED = 12
# Of a file whose first lines cannot be read nobody knows what it holds.
_LINES_FOR_TYPE = 100


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file, the type of its resources, and about how large it is unpacked."""

    path: Path
    type: str
    size: int

    @property
    def is_packed(self) -> bool:
        """Whether it is gzipped."""
        return self.path.suffix == ".gz"


def files_of(export: Path) -> tuple[ExportFile, ...]:
    """The files of types that are read, in the order of their names; raises SweepError where there are none."""
    found = [path for path in sorted(export.rglob("*")) if path.name.endswith(_ENDINGS)]
    files = tuple(file for path in found if (file := _file(path)).type in TYPES)
    if not any(file.type == "Patient" for file in files):
        raise SweepError(f"{export} holds no NDJSON file of Patient resources")
    return files


def buckets_for(files: tuple[ExportFile, ...]) -> int:
    """Into how many buckets the resources go, so that each fits into memory."""
    return max(1, -(-sum(file.size for file in files) // _BUCKET_BYTES))


def lines_of(file: ExportFile) -> Iterator[bytes]:
    """The resources of a file as they are written."""
    with gzip.open(file.path) if file.is_packed else file.path.open("rb") as lines:
        for line in lines:
            if line := line.strip():
                yield line


def _file(path: Path) -> ExportFile:
    """A file with the type of its first resource that can be read."""
    size = path.stat().st_size
    packed = path.suffix == ".gz"
    first = islice(lines_of(ExportFile(path, "", size)), _LINES_FOR_TYPE)
    kind = next((kind for line in first if (kind := resource_type(line))), "")
    return ExportFile(path, kind, size * _PACKED if packed else size)
