"""DuckDB: one process joins and partitions the export out of core, then a pool of processes evaluates the buckets."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import duckdb

from service.sweep.columns import ID, REFERENCE
from service.sweep.engine import Row, work_on
from service.sweep.export import ExportFile
from service.sweep.plan import Folder, Plan, SweepError

_MEMORY = "1GB"
# Every thread holds lines of this size twice, within the memory above.
_LONGEST_LINE = 32 * 1024 * 1024
_THREADS = 8
_BATCH = 500
_PATHS = "['$.id', '$.subject.reference', '$.patient.reference', '$.medicationReference.reference']"
# A line that is no JSON is null, and so are its columns.
_RESOURCES = f"""
SELECT json, kind,
  regexp_extract(coalesce(said[1], ''), '{ID}', 1) AS id,
  regexp_extract(CASE WHEN kind = 'Patient' THEN said[1] ELSE coalesce(said[2], said[3], '') END, '{REFERENCE}', 1)
    AS patient,
  regexp_extract(coalesce(said[4], ''), '{REFERENCE}', 1) AS drug
FROM (
  SELECT json, ? AS kind, json_extract_string(json, {_PATHS}) AS said
  FROM read_ndjson_objects(?, ignore_errors = true, maximum_object_size = {_LONGEST_LINE})
)
"""  # noqa: S608 -- made of constants
_WITH_DRUGS = f"""
SELECT drugs.json, 'Medication' AS kind, drugs.id AS id, named.patient AS patient FROM ({_RESOURCES}) AS drugs
JOIN (SELECT DISTINCT patient, drug FROM ({_RESOURCES}) WHERE patient <> '') AS named ON named.drug = drugs.id
"""  # noqa: S608 -- made of constants
_BUCKETS = """
COPY (
  SELECT coalesce(patient, '') AS patient, kind, coalesce(id, '') AS id,
    CASE WHEN patient <> '' THEN json::VARCHAR ELSE '' END AS json,
    CASE WHEN patient <> '' THEN ('0x' || left(md5(patient), 8))::BIGINT % {buckets} ELSE {buckets} END AS bucket
  FROM ({resources})
) TO '{target}' (FORMAT parquet, PARTITION_BY (bucket), OVERWRITE_OR_IGNORE, FILENAME_PATTERN '{kind}_{{i}}')
"""


@dataclass(frozen=True, slots=True)
class DuckDbEngine:
    """DuckDB on this machine."""

    workers: int

    def partition(self, files: Sequence[ExportFile], plan: Plan, folder: Folder) -> None:
        """Reads each type once into its buckets; drugs are joined to the patients whose orders name them."""
        paths = {kind: [str(file.path) for file in files if file.type == kind] for kind in plan.types}
        drugs = paths.pop("Medication", [])
        orders = [path for kind, held in paths.items() if kind.startswith("Medication") for path in held]
        try:
            with duckdb.connect() as connection:
                _limit(connection, folder, min(self.workers, _THREADS))
                for kind, held in paths.items():
                    _to_buckets(connection, _RESOURCES, [kind, held], plan, folder, kind)
                if drugs and orders:
                    _to_buckets(connection, _WITH_DRUGS, ["Medication", drugs, "", orders], plan, folder, "Medication")
        except (duckdb.InvalidInputException, duckdb.IOException) as error:
            raise SweepError(f"DuckDB cannot read the export: {str(error).splitlines()[0]}") from None

    def rows(self, bucket: Path) -> Iterator[Row]:
        """The rows of a bucket, sorted."""
        return rows_of(bucket)

    def evaluate(self, numbers: Sequence[int], plan: Plan, folder: Folder) -> Iterator[int]:
        """Evaluates buckets in processes that start fresh, since a fork of threads is none; one worker needs none."""
        if self.workers == 1:
            yield from (work_on(number, plan, folder, rows_of) for number in numbers)
            return
        with ProcessPoolExecutor(self.workers, multiprocessing.get_context("forkserver")) as pool:
            futures = [pool.submit(work_on, number, plan, folder, rows_of) for number in numbers]
            try:
                for done in as_completed(futures):
                    yield done.result()
            except BrokenProcessPool:
                raise SweepError(
                    "a process was killed, as happens where memory is short; go on with --resume"
                ) from None
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def rows_of(bucket: Path) -> Iterator[Row]:
    """The rows of a bucket, sorted."""
    if not bucket.exists():
        return
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute("SET memory_limit = '512MB'")
        connection.execute("SET temp_directory = ?", [f"{bucket}.spill"])
        found = connection.execute(
            "SELECT patient, kind, id, json FROM read_parquet(?, hive_partitioning = false) "
            "ORDER BY patient, kind, id, json",
            [str(bucket / "*.parquet")],
        )
        while rows := found.fetchmany(_BATCH):
            for patient, kind, id, json in rows:
                yield patient, kind, id, json.encode()


def _limit(connection: duckdb.DuckDBPyConnection, folder: Folder, threads: int) -> None:
    """Beyond its memory the engine spills to disk."""
    connection.execute(f"SET memory_limit = '{_MEMORY}'")
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET partitioned_write_max_open_files = 512")
    connection.execute("SET temp_directory = ?", [str(folder.work / "spill")])


def _to_buckets(
    connection: duckdb.DuckDBPyConnection, resources: str, values: list[object], plan: Plan, folder: Folder, kind: str
) -> None:
    target = folder.work / "buckets"
    target.mkdir(parents=True, exist_ok=True)
    quoted = str(target).replace("'", "''")
    statement = _BUCKETS.format(buckets=plan.buckets, resources=resources, target=quoted, kind=kind)
    connection.execute(statement, values)
