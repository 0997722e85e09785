"""A walk through the clinic: choose, read, order, sign, ask why, let time pass, edit."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest
from clinic_page import Clinic
from playwright.sync_api import FloatRect, expect

BIOPSIED = "duodenal_net_biopsied_and_nothing_else"
INSULINOMA = "insulinoma_on_lanreotide_receptor_negative"


def test_a_patient_is_found_by_a_word_and_opened(clinic: Clinic) -> None:
    clinic.open_list()

    clinic.page.get_by_label("Filter").fill("biopsied nothing else")
    clinic.page.get_by_role("link", name="Duodenal NET biopsied").click()
    clinic.settle()

    expect(clinic.page.get_by_role("heading", level=1)).to_contain_text("Bruno Testperson")
    assert clinic.cards()[0].startswith("NET work-up: 15 items not found")


def test_where_to_begin_leads_to_a_chart_and_is_out_of_the_way_of_a_search(clinic: Clinic) -> None:
    clinic.open_list()
    begin = clinic.page.get_by_role("region", name="Start here")
    expect(begin.get_by_role("link")).to_have_count(4)

    clinic.page.get_by_label("Filter").fill("rectal")
    expect(begin).to_be_hidden()
    expect(clinic.page.get_by_role("heading", name="Duodenum")).to_be_hidden()
    clinic.page.get_by_label("Filter").fill("")
    begin.get_by_role("link", name="Why this card").click()
    clinic.settle()

    expect(clinic.page.get_by_role("heading", level=1)).to_contain_text("Quirin Testperson")


@pytest.mark.parametrize(
    "patient", ["duodenal_net_g2_progressive_liver_metastases", "ileal_net_on_octreotide_epic_like"]
)
def test_words_on_the_time_line_never_lie_on_each_other(clinic: Clinic, patient: str) -> None:
    clinic.open(patient)

    boxes = [text.bounding_box() for text in clinic.page.locator(".timeline .mark text").all()]

    assert len(boxes) >= 5
    assert [pair for pair in combinations(boxes, 2) if overlap(*pair)] == []


def test_the_chart_shows_what_is_known_with_dates(clinic: Clinic) -> None:
    clinic.open("pancreatic_net_growing_past_20_mm")

    expect(clinic.page.get_by_role("row", name="Tumour size 22 mm")).to_be_visible()
    expect(clinic.page.get_by_role("img", name="Tumour size: 13 mm on")).to_be_visible()
    expect(clinic.page.get_by_role("img", name="Time line from")).to_be_visible()
    expect(clinic.page.get_by_role("img", name="Chromogranin A: 58 ug/L on 2024-11-20, 61 ug/L on")).to_be_visible()
    expect(clinic.page.get_by_role("figure").filter(has_text="Chromogranin A")).to_contain_text("reference up to 102")
    expect(clinic.page.get_by_role("region", name="Measurements")).to_contain_text("Not found: Gastrin.")


def test_an_accepted_suggestion_is_ordered_and_its_item_goes_away(clinic: Clinic) -> None:
    clinic.open(BIOPSIED)

    clinic.accept("Request Ki-67 index")

    assert clinic.drafts() == ["Ki-67 index"]
    assert clinic.cards()[0].startswith("NET work-up: 14 items not found")
    assert "Ki-67" not in clinic.cards()[0]


def test_an_order_brings_a_card_and_its_removal_takes_the_card_away(clinic: Clinic) -> None:
    clinic.open("insulinoma_24_mm_on_diazoxide")

    clinic.order("Lanreotide")
    warned = clinic.cards()
    clinic.accept("Remove this order: Lanreotide")
    expect(clinic.page.get_by_role("heading", name="Decision support")).to_be_focused()
    expect(clinic.page.get_by_role("status").last).to_have_text(
        re.compile(r"Done: Remove this order: Lanreotide\. \d card")
    )

    assert any("risk of hypoglycaemia" in summary for summary in warned)
    assert clinic.drafts() == []
    assert not any("risk of hypoglycaemia" in summary for summary in clinic.cards())


def test_a_replacement_changes_the_draft(clinic: Clinic) -> None:
    clinic.open(BIOPSIED)

    clinic.order("Somatostatin-receptor scintigraphy (In-111)")
    clinic.page.get_by_role("button", name="Order this instead").click()
    clinic.settle()

    assert "dotatate" in clinic.drafts()[0].lower()


def test_signing_shows_the_cards_first(clinic: Clinic) -> None:
    clinic.open(INSULINOMA)

    clinic.order("Octreotide")
    clinic.page.get_by_role("button", name="Sign orders").click()
    expect(clinic.page.get_by_role("article").filter(has_text="Before signing")).to_be_visible()
    clinic.page.get_by_role("button", name="Sign anyway").click()
    clinic.settle()

    assert clinic.drafts() == []
    expect(clinic.page.get_by_role("region", name="Medication")).to_contain_text("Octreotide")


def test_overriding_the_card_of_one_order_leaves_that_of_the_other(clinic: Clinic) -> None:
    clinic.open("insulinoma_suspected")
    for name in ("Octreotide", "Lanreotide"):
        clinic.order(name)
    clinic.page.get_by_role("region", name="Orders").get_by_label("Octreotide", exact=True).check()
    clinic.settle()
    card = clinic.page.get_by_role("article").filter(has_text="Octreotide –")
    card.get_by_role("button", name="Override").click()
    card.get_by_label("Reason").select_option(index=1)
    card.get_by_role("button", name="Override", exact=True).click()
    expect(clinic.page.get_by_text("Overridden:", exact=True)).to_be_visible()

    told = [summary for summary in clinic.cards() if "–" in summary and "reotide" in summary]

    assert [summary.split(" –")[0] for summary in told] == ["Lanreotide"]


def test_an_order_without_cards_is_signed_at_once(clinic: Clinic) -> None:
    clinic.open("duodenal_net_9_mm_complete_work_up")

    clinic.order("Chromogranin A")
    clinic.page.get_by_role("button", name="Sign orders").click()

    expect(clinic.page.get_by_role("region", name="Orders").get_by_text("On order")).to_be_visible()


def test_the_critical_card_stands_first(clinic: Clinic) -> None:
    clinic.open(INSULINOMA)

    expect(clinic.page.get_by_role("article").first).to_contain_text("Critical")


def test_why_leads_from_the_resource_to_the_statement(clinic: Clinic) -> None:
    clinic.open("pancreatic_net_growing_past_20_mm")

    clinic.page.get_by_role("button", name="Why?").first.click()
    graph = clinic.page.get_by_role("group", name="Evidence graph")
    expect(graph).to_contain_text("Observation/quirin-size-1")
    href = graph.get_by_role("link", name="GEN-TX-07").get_attribute("href")
    clinic.page.get_by_text("It would be otherwise if").click()
    expect(clinic.page.get_by_text("tumour growth rate were").first).to_be_visible()
    clinic.page.keyboard.press("Escape")

    assert href == "statements/GEN-TX-07"
    assert clinic.page.request.get(f"{clinic.url}/{href}").ok
    expect(graph).to_have_count(0)


def test_time_passes_and_surveillance_falls_due(clinic: Clinic) -> None:
    clinic.open("duodenal_net_resected_and_followed_up")
    before = clinic.cards()

    clinic.page.get_by_role("button", name="+ 1 year").click()
    clinic.settle()

    assert before == []
    assert "overdue" in clinic.cards()[0]


def test_an_edited_request_is_answered_beside_it(clinic: Clinic) -> None:
    clinic.open(BIOPSIED)
    clinic.page.get_by_text("Request and response").click()
    area = clinic.page.get_by_label("Request", exact=True)
    request = json.loads(area.input_value())

    area.fill(json.dumps({**request, "context": {"userId": "Practitioner/1"}}))
    clinic.page.get_by_role("button", name="Send").click()

    expect(clinic.page.get_by_role("region", name="Response", exact=True)).to_contain_text(
        "context.patientId is missing"
    )


def test_a_chart_in_the_dark_says_what_was_not_checked(clinic: Clinic) -> None:
    clinic.open("duodenal_net_observations_search_failed")

    clinic.page.get_by_text("Details").first.click()

    expect(clinic.page.get_by_role("article").first).to_contain_text("the search failed")


def overlap(one: FloatRect, other: FloatRect) -> bool:
    """Whether two boxes share more than their edge."""
    across = one["x"] < other["x"] + other["width"] - 1 and other["x"] < one["x"] + one["width"] - 1
    return across and one["y"] < other["y"] + other["height"] - 1 and other["y"] < one["y"] + one["height"] - 1
