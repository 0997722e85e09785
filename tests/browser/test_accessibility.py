"""Accessibility: axe finds nothing serious, the keyboard does it all, a phone needs no sideways scrolling."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from clinic_page import Clinic
from playwright.sync_api import Page, expect

WCAG = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# One page of each kind, of a length that axe reads quickly.
PAGES = (
    "/rules?q=ki-67",
    "/rules/growth-of-pancreatic-net",
    "/statements/DUO-WU-07",
    "/findings?q=grade",
    "/value-sets?q=gastrin",
)
PATIENT = "duodenal_net_biopsied_and_nothing_else"


def violations(page: Page) -> list[str]:
    """What axe holds against the page, with the first element that it names."""
    found = Axe().run(page, options=WCAG).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical", "moderate")]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in serious]


def test_the_list_of_patients_breaks_no_rule_of_accessibility(clinic: Clinic) -> None:
    clinic.open_list()

    assert violations(clinic.page) == []


def test_a_chart_with_everything_open_breaks_no_rule_of_accessibility(clinic: Clinic) -> None:
    clinic.open(PATIENT)

    clinic.order("Octreotide")
    for summary in clinic.page.locator("summary").all():
        summary.click()
    clinic.page.get_by_role("button", name="Override").first.click()

    assert violations(clinic.page) == []


@pytest.mark.parametrize("patient", ["insulinoma_on_lanreotide_receptor_negative", "no_net_cancer_of_caecum"])
def test_a_chart_with_a_critical_card_or_with_none_breaks_no_rule_of_accessibility(
    clinic: Clinic, patient: str
) -> None:
    clinic.open(patient)

    assert violations(clinic.page) == []


def test_the_evidence_graph_breaks_no_rule_of_accessibility(clinic: Clinic) -> None:
    clinic.open(PATIENT)

    clinic.page.get_by_role("button", name="Why?").first.click()
    expect(clinic.page.get_by_role("group", name="Evidence graph")).to_be_visible()

    assert violations(clinic.page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_about_the_knowledge_breaks_no_rule_of_accessibility(clinic: Clinic, path: str) -> None:
    clinic.page.goto(clinic.url + path)

    assert violations(clinic.page) == []


def test_a_chart_and_a_page_in_the_dark_break_no_rule_of_accessibility(clinic: Clinic) -> None:
    clinic.page.emulate_media(color_scheme="dark")
    clinic.open("pancreatic_net_unresectable_progressive")
    clinic.order("Lutetium (177Lu) dotatate")

    on_chart = violations(clinic.page)
    clinic.page.goto(clinic.url + "/rules/growth-of-pancreatic-net")

    assert on_chart == []
    assert violations(clinic.page) == []


def test_a_phone_shows_the_cards_first_and_nothing_sideways(phone: Clinic) -> None:
    phone.open(PATIENT)

    width = phone.page.evaluate("document.documentElement.scrollWidth")

    assert width == 390
    assert violations(phone.page) == []
    expect(phone.page.get_by_role("article").first).to_be_in_viewport()


def test_a_card_is_overridden_from_the_keyboard_alone(clinic: Clinic) -> None:
    clinic.open("pancreatic_net_17_mm")
    keys = clinic.page.keyboard

    clinic.page.get_by_role("button", name="Override").first.focus()
    keys.press("Enter")
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")

    expect(clinic.page.get_by_text("Overridden:", exact=True)).to_be_visible()
    expect(clinic.page.get_by_role("heading", name="Decision support")).to_be_focused()


def test_arriving_cards_are_announced(clinic: Clinic) -> None:
    clinic.open("insulinoma_on_lanreotide_receptor_negative")

    expect(clinic.page.get_by_role("status").last).to_have_text("2 cards, 1 critical.")
