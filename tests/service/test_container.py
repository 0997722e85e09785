"""The container runs without rights and writes nowhere but where it is told; the compose file fits the settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import load_settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return found


def last_stage() -> str:
    return DOCKERFILE.rpartition("\nFROM ")[2]


def test_the_image_runs_as_a_user_without_rights() -> None:
    user = re.findall(r"^USER (\S+)$", last_stage(), re.MULTILINE)

    assert user == ["10001"]


def test_the_image_installs_only_what_is_pinned_with_its_hash() -> None:
    installs = re.findall(r"^RUN .*pip install(.*)$", DOCKERFILE, re.MULTILINE)

    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_the_image_copies_only_what_the_service_is_made_of() -> None:
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }

    assert all((ROOT / name).exists() for name in copied)
    assert copied.isdisjoint({".", "tests", "fixtures"})


def test_the_image_is_stopped_as_the_service_expects_and_asked_whether_it_is_ready() -> None:
    assert "STOPSIGNAL SIGTERM" in last_stage()
    assert "/readyz" in last_stage()


def test_settings_of_the_image_and_of_the_compose_file_are_settings_that_exist(services: dict[str, Any]) -> None:
    of_image = dict(re.findall(r"(HOOFBEATS_\w+)=(\S+)", DOCKERFILE))

    settings = load_settings({**of_image, **services["hoofbeats"]["environment"]})

    assert settings.database_url.startswith("postgresql://")
    assert settings.replay_file is None


def test_the_image_has_what_its_compose_file_needs_of_the_database(services: dict[str, Any]) -> None:
    pinned = (ROOT / "requirements.txt").read_text()

    assert services["hoofbeats"]["environment"]["HOOFBEATS_DATABASE_URL"].startswith("postgresql")
    assert re.search(r"^psycopg-binary==", pinned, re.MULTILINE)


def test_the_composed_service_has_a_read_only_file_system_and_no_rights(services: dict[str, Any]) -> None:
    service = services["hoofbeats"]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_nothing_of_the_composed_demonstration_listens_outside_this_machine(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]

    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_image_names_its_version(services: dict[str, Any]) -> None:
    images = [service["image"] for service in services.values() if "image" in service]

    assert all(re.search(r":[v\d]", image) for image in images)
