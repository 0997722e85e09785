"""What the browser tests share: one browser, one running service, a page that stays on its host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import PHONE, PROJECTOR, a_browser, a_page, chromium_path
from clinic_page import Clinic
from playwright.sync_api import Browser, Page
from running import Running, running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: install the package chromium")
    with a_browser(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def service(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service as `make serve` starts it; only where there is a browser to look at it."""
    folder = tmp_path_factory.mktemp("clinic")
    with running(folder, database_url=f"sqlite:///{folder}/hoofbeats.db", today="") as started:
        yield started


@pytest.fixture
def page(browser: Browser, service: Running) -> Iterator[Page]:
    with a_page(browser, service.url, PROJECTOR) as page:
        yield page


@pytest.fixture
def clinic(page: Page, service: Running) -> Clinic:
    return Clinic(page, service.url)


@pytest.fixture
def phone(browser: Browser, service: Running) -> Iterator[Clinic]:
    with a_page(browser, service.url, PHONE) as page:
        yield Clinic(page, service.url)
