"""Dask: the same job as tasks of a cluster, by default one of processes on this machine; each task writes files."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from distributed import Client, LocalCluster, as_completed
from fsspec.utils import read_block

from service.sweep.columns import bucket_of, columns_of
from service.sweep.engine import Row, work_on
from service.sweep.export import ExportFile, lines_of
from service.sweep.plan import Folder, Plan

_BLOCK = 32 * 1024 * 1024
_TAB = b"\t"


@dataclass(frozen=True, slots=True)
class DaskEngine:
    """Dask at a scheduler's address or as a cluster of its own; all workers have to see export and folder."""

    workers: int
    scheduler: str = ""

    def partition(self, files: Sequence[ExportFile], plan: Plan, folder: Folder) -> None:
        """Splits every block of every file into buckets, then joins drugs to the patients whose orders name them."""
        with self._client() as client:
            split = [
                client.submit(_split, file, offset, f"{place:04}-{offset:015}", plan, folder, pure=False)
                for place, file in enumerate(files)
                for offset in ([0] if file.is_packed else range(0, file.size, _BLOCK))
            ]
            _await(split)
            _await(client.map(_join_drugs, range(plan.buckets), plan=plan, folder=folder, pure=False))

    def rows(self, bucket: Path) -> list[Row]:
        """The rows of a bucket, sorted."""
        return rows_of(bucket)

    def evaluate(self, numbers: Sequence[int], plan: Plan, folder: Folder) -> Iterator[int]:
        """Evaluates buckets as tasks."""
        with self._client() as client:
            futures = client.map(work_on, numbers, plan=plan, folder=folder, read=rows_of, pure=False)
            for done in as_completed(futures):
                yield done.result()

    @contextmanager
    def _client(self) -> Iterator[Client]:
        if self.scheduler:
            with Client(self.scheduler) as client:
                yield client
            return
        several = self.workers > 1
        # Dask opens its page whatever is said; a port of the system's choice is free while another sweep runs.
        page = "127.0.0.1:0"
        local = LocalCluster(n_workers=self.workers, threads_per_worker=1, processes=several, dashboard_address=page)
        with local as cluster, Client(cluster) as client:
            yield client


def rows_of(bucket: Path) -> list[Row]:
    """The rows of a bucket, sorted."""
    return sorted(_row(line) for path in sorted(bucket.glob("*.rows")) for line in _read(path))


def _row(line: bytes) -> Row:
    patient, kind, id, resource = line.split(_TAB, 3)
    return patient.decode(), kind.decode(), id.decode(), resource


def _split(file: ExportFile, offset: int, name: str, plan: Plan, folder: Folder) -> None:
    """Writes the resources of a block to their buckets, and drugs and who names them to theirs."""
    parts, held = count(), 0
    rows: dict[Path, list[bytes]] = defaultdict(list)
    for line in _lines(file, offset):
        for place, row in _rows(line, file.type, plan, folder):
            rows[place].append(row)
        held += len(line)
        if held > _BLOCK:
            _write(rows, f"{name}-{next(parts):06}")
            held = 0
    _write(rows, f"{name}-{next(parts):06}")


def _lines(file: ExportFile, offset: int) -> Iterator[bytes]:
    """The lines that begin in a block; a gzipped file is one block and read bit by bit."""
    if file.is_packed:
        yield from lines_of(file)
        return
    with file.path.open("rb") as opened:
        block = read_block(opened, offset, _BLOCK, b"\n")
    yield from (line for part in block.split(b"\n") if (line := part.strip()))


def _rows(line: bytes, kind: str, plan: Plan, folder: Folder) -> Iterator[tuple[Path, bytes]]:
    """Where a resource has to be written, and as what; of one that is nobody's only its type."""
    columns = columns_of(line, kind)
    patient, id, drug = columns.patient.encode(), columns.id.encode(), columns.drug.encode()
    if kind == "Medication":
        yield _drugs(bucket_of(columns.id, plan.buckets), folder), _TAB.join((b"held", id, line))
        return
    row = _TAB.join((patient, kind.encode(), id, line if patient else b""))
    yield folder.bucket(bucket_of(columns.patient, plan.buckets)), row
    if drug and patient:
        yield _drugs(bucket_of(columns.drug, plan.buckets), folder), _TAB.join((b"named", drug, patient))


def _join_drugs(number: int, plan: Plan, folder: Folder) -> None:
    """Writes every drug of a bucket of drugs beside the patients whose orders name it."""
    held: dict[bytes, list[bytes]] = defaultdict(list)
    named: dict[tuple[bytes, bytes], None] = {}
    for path in sorted(_drugs(number, folder).glob("*.rows")):
        for line in _read(path):
            what, drug, rest = line.split(_TAB, 2)
            if what == b"held":
                held[drug].append(rest)
            else:
                named[(rest, drug)] = None
    rows: dict[Path, list[bytes]] = defaultdict(list)
    for patient, drug in named:
        place = folder.bucket(bucket_of(patient.decode(), plan.buckets))
        rows[place] += [_TAB.join((patient, b"Medication", drug, resource)) for resource in held.get(drug, ())]
    _write(rows, f"drugs-{number}")


def _drugs(number: int, folder: Folder) -> Path:
    return folder.work / "drugs" / f"{number}"


def _read(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).split(b"\n")


def _write(rows: dict[Path, list[bytes]], name: str) -> None:
    """Writes what is held, lightly packed; a task that a cluster runs twice writes the same again."""
    for place, lines in rows.items():
        if lines:
            place.mkdir(parents=True, exist_ok=True)
            unfinished = place / f"{name}.unfinished"
            unfinished.write_bytes(gzip.compress(b"\n".join(lines), 1))
            unfinished.replace(place / f"{name}.rows")
    rows.clear()


def _await(futures: Iterable[object]) -> None:
    for done in as_completed(futures):
        done.result()
