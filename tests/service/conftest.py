"""What tests of the service share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from client_stub import production, trust_file
from fetched_charts import give_chart
from fhir_stub import FhirStub, serving
from flask.testing import FlaskClient
from hook_requests import TODAY, shared_client

from mappings import units
from mappings.fhir import models


@pytest.fixture(scope="session", autouse=True)
def warm() -> None:
    """As in a worker that has been up for a moment: no deadline of a test passes while something is built."""
    units.warm_up()
    models.warm_up()


@pytest.fixture(scope="session")
def client() -> FlaskClient:
    """A client of the service in its default profile, on the day of the tests."""
    return shared_client()


@pytest.fixture
def settings_of_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A command's settings and folder are those of the tests, whatever the machine has."""
    for variable in [name for name in os.environ if name.startswith("HOOFBEATS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOOFBEATS_TODAY", TODAY)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[FhirStub]:
    """A FHIR server with the chart of a patient who has a duodenal NET."""
    with serving() as stub:
        give_chart(stub)
        yield stub


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the service in production, which lets in who has a good token."""
    folder = tmp_path_factory.mktemp("production")
    trust_file(folder)
    return production(folder)
