"""Debian's Chromium, headless and silent on the network; a page that may talk to one host only."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Route, ViewportSize, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PROJECTOR = ViewportSize(width=1280, height=720)
PHONE = ViewportSize(width=390, height=844)
# Milliseconds; long, since a busy machine is slow and a test that waits for less finds nothing wrong with the clinic.
_PATIENCE = 30_000
_SWITCHES = (
    "--headless",
    "--lang=en-GB",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str | None:
    """Where the browser of this machine is; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def a_browser(path: str) -> Iterator[Browser]:
    """A browser with a new profile, gone at the end."""
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_SWITCHES))
        yield browser
        browser.close()


@contextmanager
def a_page(browser: Browser, address: str, viewport: ViewportSize, scale: float = 1) -> Iterator[Page]:
    """A page in a context of its own; AssertionError where it asked another host for anything, or said an error."""
    context = browser.new_context(viewport=viewport, device_scale_factor=scale, reduced_motion="reduce", locale="en-GB")
    host, foreign, errors = urlsplit(address).netloc, [], []

    def route(asked: Route) -> None:
        if urlsplit(asked.request.url).netloc == host:
            asked.continue_()
        else:
            foreign.append(asked.request.url)
            asked.abort()

    context.route("**/*", route)
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if _is_fault(said) else None)
    try:
        yield page
    finally:
        context.close()
    assert foreign == [], "requests to other hosts"
    assert errors == [], "errors in the page"


def _is_fault(said: ConsoleMessage) -> bool:
    """Whether the page is wrong; a hook that answers 4xx is what a test asked for."""
    return said.type == "error" and "/cds-services/" not in said.location["url"]
