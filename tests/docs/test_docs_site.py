"""The docs site builds without a warning and asks no other host for anything; its commands and tables are true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.cli import main
from service.services import PREFETCH_KEYS, SERVICES
from service.settings import load_settings

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
CURL = re.compile(
    r"^curl -s http://127\.0\.0\.1:8000(\S+)(?: -H 'Content-Type: application/json' -d @(\S+))?$", re.MULTILINE
)
LINES = [(page.name, path, file) for page in PAGES for path, file in CURL.findall(page.read_text())]


class Fetched(HTMLParser):
    """The addresses that a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "link" and held.get("rel") not in ("canonical", "prev", "next"):
            self.addresses.append(held.get("href") or "")
        elif tag in ("script", "img", "iframe", "source"):
            self.addresses.append(held.get("src") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_the_site_fetches_nothing_from_another_host(site: Path) -> None:
    foreign = []
    for page in site.rglob("*.html"):
        fetched = Fetched()
        fetched.feed(page.read_text())
        foreign += [(page.name, address) for address in fetched.addresses if re.match(r"(https?:)?//", address)]

    assert foreign == []


def test_every_page_of_the_folder_is_on_the_site(site: Path) -> None:
    assert [page.name for page in PAGES if not (site / page.with_suffix(".html").name).is_file()] == []


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"})).test_client()


@pytest.mark.parametrize(("page", "path", "file"), LINES)
def test_a_curl_line_is_answered(page: str, path: str, file: str, client: FlaskClient) -> None:
    answer = (
        client.post(path, data=(ROOT / file).read_bytes(), content_type="application/json")
        if file
        else client.get(path)
    )

    assert answer.status_code == 200


def test_every_curl_line_is_of_the_form_that_is_tested() -> None:
    written = [line for page in PAGES for line in page.read_text().splitlines() if line.startswith("curl ")]

    assert len(written) == len(LINES) > 3


def test_the_table_of_prefetch_keys_is_that_of_discovery(client: FlaskClient) -> None:
    services = client.get("/cds-services").json["services"]
    offered = {(key, query) for service in services for key, query in service["prefetch"].items()}
    readers = {key: [s["id"] for s in services if key in s["prefetch"]] for key in PREFETCH_KEYS.values()}

    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \| (.+?) \|$", (ROOT / "docs/prefetch.md").read_text(), re.MULTILINE)

    assert {(key, query) for key, query, _ in rows} == offered
    for key, _, said in rows:
        assert readers[key] == (list(SERVICES) if said == "all services" else re.findall(r"`([^`]+)`", said))


def test_every_setting_and_command_that_is_named_exists() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    settings = load_settings({})

    unknown = {name for name in re.findall(r"(?<!_)HOOFBEATS_([A-Z_]+)", text) if name.lower() not in settings.sources}
    unheard = {
        name
        for name in re.findall(r"`hoofbeats ([a-z-]+)", text)
        if name not in main.list_commands(click.Context(main))
    }

    assert unknown == set()
    assert unheard == set()
