"""Running a sweep: partition, evaluate what is not done yet, put the results together."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from cards.knowledge import knowledge_at
from service.settings import Settings
from service.sweep.engine import Engine
from service.sweep.export import ExportFile, buckets_for, files_of
from service.sweep.plan import Folder, Plan, SweepError, write
from service.sweep.report import report_of

ENGINES = ("duckdb", "dask")
# The settings by which one patient gets other cards.
_DECISIVE = ("extensions", "sstr_pet", "unsigned", "base_url")
# Told with buckets done, buckets in all, and patients since the last time.
Progress = Callable[[int, int, int], None]


def plan_for(
    export: Path, days: Sequence[date], engine: str, settings: Settings
) -> tuple[Plan, tuple[ExportFile, ...]]:
    """The plan of a sweep; raises SweepError where the export cannot be swept."""
    files = files_of(export)
    knowledge = knowledge_at(settings.site)
    judged = sorted(set(days)) or [settings.day()]
    plan = Plan(
        str(export.resolve()),
        tuple((str(file.path.relative_to(export)), file.path.stat().st_size) for file in files),
        tuple(sorted({file.type for file in files})),
        tuple(day.isoformat() for day in judged),
        bool(days),
        knowledge.version,
        tuple((name, str(getattr(settings, name))) for name in _DECISIVE),
        engine,
        buckets_for(files),
    )
    return plan, files


def sweep(plan: Plan, files: Sequence[ExportFile], folder: Folder, engine: Engine, progress: Progress) -> None:
    """Does what is left of a sweep; whatever was done before an interruption is kept."""
    if (folder.path / "report.json").exists():
        return
    if not folder.is_partitioned():
        shutil.rmtree(folder.work, ignore_errors=True)
        folder.work.mkdir(parents=True)
        engine.partition(files, plan, folder)
        folder.partitioned()
    left = [number for number in range(plan.buckets) if not folder.counts(number).exists()]
    done = plan.buckets - len(left)
    progress(done, plan.buckets, 0)
    for patients in engine.evaluate(left, plan, folder):
        done += 1
        progress(done, plan.buckets, patients)
    _put_together(plan, folder, Counter(row[1] for row in engine.rows(folder.bucket(plan.buckets))))


def engine_called(name: str, workers: int, scheduler: str = "") -> Engine:
    """The engine of a name; raises SweepError where it is not installed."""
    try:  # imported only where it is asked for, since the service runs without
        if name == "dask":
            from service.sweep.dask_engine import DaskEngine

            return DaskEngine(workers, scheduler)
        from service.sweep.duckdb_engine import DuckDbEngine

        return DuckDbEngine(workers)
    except ModuleNotFoundError:
        raise _not_installed(name, "dask" if name == "dask" else "sweep") from None


def to_parquet(folder: Folder) -> None:
    """The cards as Parquet too: patient, service, day, and the card as JSON; raises SweepError without DuckDB."""
    try:
        import duckdb
    except ModuleNotFoundError:
        raise _not_installed("duckdb", "sweep") from None
    source, target = (str(folder.path / name).replace("'", "''") for name in ("cards.ndjson", "cards.parquet"))
    columns = "{'patient': 'VARCHAR', 'service': 'VARCHAR', 'asOf': 'DATE', 'card': 'JSON'}"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_json('{source}', format = 'newline_delimited', columns = {columns})) "  # noqa: S608
            f"TO '{target}' (FORMAT parquet)"
        )


def _not_installed(name: str, extra: str) -> SweepError:
    return SweepError(f"{name} is not installed: pip install 'hoofbeats[{extra}]'")


def _put_together(plan: Plan, folder: Folder, nobodys: Counter[str]) -> None:
    """Cards in the order of buckets, the same for every engine; then the report, by which the sweep is over."""
    unfinished = folder.path / "cards.ndjson.unfinished"
    with unfinished.open("wb") as cards:
        for number in range(plan.buckets):
            with folder.cards(number).open("rb") as part:
                shutil.copyfileobj(part, cards)
    unfinished.replace(folder.path / "cards.ndjson")
    write(folder.path / "report.json", json.dumps(report_of(plan, folder, nobodys), indent=2) + "\n")
    shutil.rmtree(folder.work)
