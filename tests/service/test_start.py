"""The start: what only unusual data, another profile or an older database needs is not loaded on the way to it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from flask import Flask, g

from service.operations.observe import begin_watch
from service.serving.warming import is_warming_up, warm_up_beside
from service.settings import Settings, load_settings

# Each takes a tenth of a second or more, and some ten megabytes.
HEAVY = (
    "alembic",
    "cryptography",
    "fhir",
    "joserfc",
    "lark",
    "pint",
    "pydantic",
    "requests",
    "rich",
    "sqlalchemy.dialects.postgresql",
)
STORY = "duodenal_net_biopsied_and_nothing_else"
_LOADED = f"""
import sys
from pathlib import Path
import service.cli, service.commands.serve
from service.app import create_app
from service.settings import load_settings

app = create_app(load_settings({{"HOOFBEATS_DATABASE_URL": "sqlite:///start.db", "HOOFBEATS_UNSIGNED": "show"}}))
answer = app.test_client().post(
    "/cds-services/net-patient-view", data=Path(sys.argv[1]).read_bytes(), content_type="application/json"
)
print(answer.status_code, len(answer.get_json()["cards"]), *(name for name in {HEAVY} if name in sys.modules))
"""


def started(folder: Path) -> list[str]:
    """What a start with its first answer says: the status, the number of cards, and what of the heavy is loaded."""
    root = Path(__file__).parents[2]
    request = root / "fixtures" / "patients" / STORY / "request.json"
    command = [sys.executable, "-c", _LOADED, str(request)]
    environment = {"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def seconds_allowed(settings: Settings) -> float:
    with Flask("test").test_request_context():
        g.began = time.monotonic()
        return begin_watch("net-patient-view", settings=settings, fetches=False).deadline.left()


@pytest.mark.parametrize("database", ["new", "up to date"])
def test_nothing_heavy_is_loaded_before_the_first_answer(tmp_path: Path, database: str) -> None:
    if database == "up to date":
        started(tmp_path)

    status, cards, *heavy = started(tmp_path)

    assert (status, cards) == ("200", "1")
    assert heavy == []


def test_a_worker_warms_up_beside_its_first_answers_and_comes_to_an_end() -> None:
    warm_up_beside()

    (thread,) = [thread for thread in threading.enumerate() if thread.name == "warming up"]
    thread.join(60)

    assert not is_warming_up()


def test_a_worker_that_has_warmed_up_holds_nothing_that_only_development_installs() -> None:
    command = [sys.executable, "-c", "from mappings import units; units.warm_up(); import sys; print(*sys.modules)"]

    loaded = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.split()  # noqa: S603

    assert "pint" in loaded
    assert not {"babel", "dask", "numpy"}.intersection(loaded)


def test_a_library_that_is_spared_can_be_imported_afterwards() -> None:
    command = "from mappings.sparing import sparing\nwith sparing('colorsys'):\n    pass\nimport colorsys"

    done = subprocess.run([sys.executable, "-c", command], timeout=60)  # noqa: S603

    assert done.returncode == 0


def test_a_library_that_is_spared_is_not_loaded_meanwhile() -> None:
    command = "from mappings.sparing import sparing\nwith sparing('colorsys'):\n    import colorsys"

    done = subprocess.run([sys.executable, "-c", command], capture_output=True, timeout=60)  # noqa: S603

    assert b"ModuleNotFoundError" in done.stderr


def test_what_a_request_waits_for_while_a_worker_warms_up_is_not_taken_from_its_time() -> None:
    settings = load_settings({"HOOFBEATS_DEADLINE_MS": "450"})
    warm = threading.Event()
    warming = threading.Thread(target=warm.wait, name="warming up")
    warming.start()

    meanwhile = seconds_allowed(settings)
    warm.set()
    warming.join()

    assert meanwhile > 2
    assert seconds_allowed(settings) <= 0.45
