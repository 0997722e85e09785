"""Pages are built so that everybody can use them, ask nothing of other hosts, and lead nowhere wrong."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hook_requests import app_with, shared_client
from page_reading import Element, every_page, inner_links, page

from service import pages

STYLE = (Path(pages.__file__).parent / "static" / "style.css").read_text()
KINDS_OF_PAGE = (
    "/rules",
    "/rules/surgery-order-in-men1",
    "/rules/endoscopic-resection-of-small-duodenal-net",
    "/statements",
    "/statements/DUO-TX-06",
    "/statements/GI-PX-03",
    "/findings",
    "/value-sets",
    "/value-sets/neuroendocrine_neoplasm",
    "/sources",
    "/conflicts",
    "/api",
    "/build-sheet",
)
every_kind = pytest.mark.parametrize("address", KINDS_OF_PAGE)


@cache
def held(address: str) -> Element:
    """A page, read once."""
    return page(shared_client(), address)


@every_kind
def test_page_names_its_language_and_itself(address: str) -> None:
    assert held(address).all("html")[0].attributes["lang"] == "en"
    assert held(address).all("title")[0].text.endswith("– Hoofbeats")


@every_kind
def test_page_has_its_landmarks_and_a_way_past_the_navigation(address: str) -> None:
    found = held(address)

    assert [len(found.all(name)) for name in ("main", "header", "footer", "h1")] == [1, 1, 1, 1]
    skip = found.all("body")[0].all("a")[0]
    assert skip.attributes["href"] == f"#{found.all('main')[0].attributes['id']}"


@every_kind
def test_headings_skip_no_level(address: str) -> None:
    levels = [int(heading.name[1]) for heading in held(address).all("h1", "h2", "h3", "h4")]

    assert all(after - before <= 1 for before, after in pairwise(levels))


@every_kind
def test_tables_have_captions_and_scopes(address: str) -> None:
    for table in held(address).all("table"):
        assert table.all("caption")[0].text
        assert all(cell.attributes.get("scope") in ("col", "row") for cell in table.all("th"))


@every_kind
def test_ids_stand_once(address: str) -> None:
    ids = [element.attributes["id"] for element in held(address).every() if "id" in element.attributes]

    assert len(ids) == len(set(ids))


@every_kind
def test_fields_have_labels(address: str) -> None:
    labelled = {label.attributes["for"] for label in held(address).all("label")}

    assert {field.attributes["id"] for field in held(address).all("input", "select")} <= labelled


@every_kind
def test_page_runs_no_script_and_has_no_style_of_its_own(address: str) -> None:
    found = held(address).every()

    assert not [e for e in found if e.name in ("script", "style") or "style" in e.attributes]
    assert not [name for e in found for name in e.attributes if name.startswith("on")]


@every_kind
def test_page_loads_nothing_from_another_host(address: str) -> None:
    loaded = [e.attributes.get("href") or e.attributes.get("src", "") for e in held(address).all("link", "img")]

    assert loaded
    assert all(target.startswith("/pages/") for target in loaded)


def test_every_link_on_a_page_leads_to_another_or_a_part_of_one() -> None:
    pages = every_page()

    links = {link for address, found in pages.items() for link in inner_links(address, found)}

    ids = {(address, e.attributes.get("id", "")) for address, found in pages.items() for e in found.every()}
    assert {(path, fragment) for path, fragment in links if fragment} <= ids
    assert set(KINDS_OF_PAGE) <= set(pages)


def test_colours_stand_out_from_their_grounds() -> None:
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", STYLE))
    pairs = [
        ("ink", "paper"),
        ("ink", "shade"),
        ("ink", "accent-shade"),
        ("quiet", "paper"),
        ("quiet", "shade"),
        ("accent", "paper"),
        ("accent", "shade"),
        ("accent", "accent-shade"),
        ("amber", "amber-shade"),
        ("red", "red-shade"),
        ("green", "green-shade"),
    ]

    weak = [(one, other) for one, other in pairs if contrast(colours[one], colours[other]) < 4.5]
    assert weak == []


def test_style_shows_focus_and_prints() -> None:
    assert ":focus-visible { outline: 3px solid" in STYLE
    assert "@media print" in STYLE
    assert "http" not in STYLE.replace('[href^="http"]', "")


@pytest.mark.parametrize("address", [*KINDS_OF_PAGE, "/rules/none-such", "/pages/style.css"])
def test_pages_allow_only_what_is_their_own(client: FlaskClient, address: str) -> None:
    with client.get(address) as answer:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")


@pytest.mark.parametrize("address", ["/rules/none-such", "/statements/DUO-TX-99", "/value-sets/none", "/rules/a/b"])
def test_unknown_page_is_told_in_html_to_a_browser(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Not found" in answer.get_data(as_text=True)


@pytest.mark.parametrize("accepted", ["*/*", "application/json", "application/fhir+json", ""])
def test_unknown_page_is_an_operation_outcome_to_a_program(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/rules/none-such", headers={"Accept": accepted})

    assert answer.status_code == 404
    assert answer.get_json()["resourceType"] == "OperationOutcome"


@pytest.fixture(scope="module")
def in_production(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client without a token, of a service as a hospital runs it."""
    replay_file = str(tmp_path_factory.mktemp("replay") / "replay.db")
    environment = {"PROFILE": "production", "BASE_URL": "https://cds.example.org", "REPLAY_FILE": replay_file}
    return app_with(**environment).test_client()


@every_kind
def test_pages_are_there_in_production_too(address: str, in_production: FlaskClient) -> None:
    assert in_production.get(address).status_code == 200


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour by WCAG."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
