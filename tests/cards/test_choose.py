"""Each selected order has a card of each topic; where there is no room for all, none of them goes unnamed."""

from dataclasses import replace
from typing import Any

import pytest
from stated import CONTEXT, KNOWLEDGE, advice, decisions, findings, rule

from cards.choose import choose
from cards.recommend import Recommendation, recommend
from cards.render import render
from cards.rules import Rule
from mappings.drafts import Draft
from mappings.entries import Concept, Order

_MOST = 3


def draft(name: str, *classes: str) -> Draft:
    """A selected order of some classes."""
    reference = f"ServiceRequest/{name}"
    resource = {"resourceType": "ServiceRequest", "id": name}
    return Draft(reference, frozenset(classes), name, True, Order(reference, "draft", Concept(), None), resource)


def guard(group: str, *classes: str, indicator: str = "warning", **changes: Any) -> Rule:
    """A guard of some classes of orders, alone on the cards of its group unless told otherwise."""
    when = {"all": [{"finding": "selected_orders", "includes": list(classes)}]}
    changes = {"topic": group, "id": f"{group}-{indicator}-{'-'.join(classes)}", **changes}
    return rule(changes.pop("id"), card="order-guard", group=group, when=when, indicator=indicator, **changes)


def chosen(guards: list[Rule], *drafts: Draft, most: int = _MOST) -> list[Recommendation]:
    """What is shown of what some guards say about some orders."""
    selected = sorted({name for one in drafts for name in one.classes})
    held = findings(diagnosis_status="active", selected_orders=selected)
    judged = decisions(*guards, selected_orders=selected)
    return list(choose(recommend(judged, held, KNOWLEDGE, drafts), most))


def told(recommendations: list[Recommendation]) -> list[tuple[str, str, str]]:
    """Topic, severity and orders of each card."""
    return [(r.group, r.indicator, " ".join(order.words for order in r.orders)) for r in recommendations]


_ANALOGUE = guard("order-analogue-insulinoma", "somatostatin-analogue")
_RADIONUCLIDE = guard("order-radionuclide", "prrt")
_SYSTEMIC = guard("order-systemic", "cytotoxic")
_SURGERY = guard("order-before-surgery", "surgery")
_IMAGING = guard("order-imaging", "ct-abdomen", indicator="info")


def test_each_order_has_a_card_of_its_own() -> None:
    shown = chosen([_SYSTEMIC], draft("first", "cytotoxic"), draft("second", "cytotoxic"))

    assert told(shown) == [("order-systemic", "warning", "first"), ("order-systemic", "warning", "second")]


def test_order_that_no_guard_is_about_has_no_card() -> None:
    shown = chosen([_SYSTEMIC], draft("first", "cytotoxic"), draft("second", "biopsy"))

    assert told(shown) == [("order-systemic", "warning", "first")]


def test_card_of_an_order_has_only_what_is_said_of_its_class() -> None:
    platinum = guard("order-systemic", "platinum")
    shown = chosen([_SYSTEMIC, platinum], draft("capecitabine", "cytotoxic"), draft("both", "cytotoxic", "platinum"))

    assert [[d.rule.id for d in r.speaking()] for r in shown] == [[_SYSTEMIC.id], [_SYSTEMIC.id, platinum.id]]


def test_card_of_an_order_is_as_severe_as_what_is_said_of_it() -> None:
    info = guard("order-systemic", "cytotoxic", indicator="info")
    warning = guard("order-systemic", "platinum")

    shown = chosen([info, warning], draft("mild", "cytotoxic"), draft("severe", "platinum"))

    assert told(shown) == [("order-systemic", "warning", "severe"), ("order-systemic", "info", "mild")]


def test_every_topic_has_a_card_before_another_has_its_second() -> None:
    guards = [_SYSTEMIC, _SURGERY, _IMAGING]
    orders = [draft("a", "cytotoxic"), draft("b", "cytotoxic"), draft("c", "surgery"), draft("d", "ct-abdomen")]

    assert told(chosen(guards, *orders)) == [
        ("order-systemic", "warning", "a b"),
        ("order-before-surgery", "warning", "c"),
        ("order-imaging", "info", "d"),
    ]


@pytest.mark.parametrize(("orders", "said"), [(3, ["1", "2", "3"]), (4, ["1", "2", "3 4"]), (5, ["1", "2", "3 4 5"])])
def test_orders_beyond_the_last_card_share_it(orders: int, said: list[str]) -> None:
    shown = chosen([_SYSTEMIC], *(draft(str(number), "cytotoxic") for number in range(1, orders + 1)))

    assert [words for _, _, words in told(shown)] == said


def test_room_that_is_left_goes_to_the_more_severe_topic() -> None:
    critical = guard("order-radionuclide", "prrt", indicator="critical")
    orders = [draft("a", "cytotoxic"), draft("b", "cytotoxic"), draft("c", "prrt"), draft("d", "prrt")]

    assert told(chosen([_SYSTEMIC, critical], *orders)) == [
        ("order-radionuclide", "critical", "c"),
        ("order-radionuclide", "critical", "d"),
        ("order-systemic", "warning", "a b"),
    ]


def test_critical_card_is_first_however_many_topics_there_are() -> None:
    critical = guard("order-laboratory", "gastrin", indicator="critical")
    guards = [_ANALOGUE, _RADIONUCLIDE, _SYSTEMIC, _SURGERY, critical]
    classes = ("somatostatin-analogue", "prrt", "cytotoxic", "surgery", "gastrin")

    shown = chosen(guards, *(draft(name, name) for name in classes))

    assert told(shown)[0] == ("order-laboratory", "critical", "gastrin")
    assert len(shown) == _MOST


def test_of_too_many_topics_one_that_names_another_order_goes_first() -> None:
    guards = [_ANALOGUE, _RADIONUCLIDE, _SYSTEMIC, _SURGERY]
    orders = [draft("many", "somatostatin-analogue", "prrt", "cytotoxic"), draft("other", "surgery")]

    assert told(chosen(guards, *orders)) == [
        ("order-analogue-insulinoma", "warning", "many"),
        ("order-radionuclide", "warning", "many"),
        ("order-before-surgery", "warning", "other"),
    ]


def test_more_severe_topic_is_not_left_out_for_an_order_without_a_card() -> None:
    guards = [_ANALOGUE, _RADIONUCLIDE, _SYSTEMIC, _IMAGING]
    orders = [draft("many", "somatostatin-analogue", "prrt", "cytotoxic"), draft("other", "ct-abdomen")]

    assert [words for _, _, words in told(chosen(guards, *orders))] == ["many", "many", "many"]


def test_shared_card_says_all_that_is_said_of_either_order() -> None:
    general = guard("order-systemic", "cytotoxic", topic="mdt", statements=("GEN-GOV-02",), indicator="info")
    duodenal = guard("order-systemic", "platinum", topic="mdt", statements=("DUO-TX-14",))

    [shared] = chosen([general, duodenal], draft("a", "cytotoxic"), draft("b", "cytotoxic", "platinum"), most=1)

    assert told([shared]) == [("order-systemic", "warning", "b a")]
    assert [d.rule.id for d in shared.speaking()] == [duodenal.id, general.id]


def test_drafts_of_one_reference_share_a_card() -> None:
    shown = chosen([_SYSTEMIC], draft("", "cytotoxic"), draft("", "cytotoxic"))

    assert len(shown) == 1
    assert len(shown[0].orders) == 2


def rendered(guards: list[Rule], *drafts: Draft, most: int = _MOST) -> list[dict[str, Any]]:
    """The cards of what some guards say about some orders, in a chart where no tumour board was found."""
    held = findings(diagnosis_status="active", tumour_board="absent", selected_orders=["cytotoxic", "surgery"])
    judged = decisions(*guards, selected_orders=["cytotoxic", "surgery", "platinum"], tumour_board="absent")
    return render(choose(recommend(judged, held, KNOWLEDGE, drafts), most), held, KNOWLEDGE, CONTEXT)


def test_cards_of_one_topic_name_their_order_in_summary_detail_and_data() -> None:
    first, second = rendered([_SYSTEMIC], draft("capecitabine", "cytotoxic"), draft("temozolomide", "cytotoxic"))

    assert first["summary"] == f"capecitabine – {_SYSTEMIC.title}."
    assert "Order: temozolomide" in second["detail"]
    assert "capecitabine" not in str(second)
    assert second["extension"]["org.hoofbeats.card"]["orders"] == [
        {"resource": "ServiceRequest/temozolomide", "text": "temozolomide"}
    ]


def test_summary_of_a_shared_card_names_all_its_orders_that_have_words() -> None:
    named = [replace(draft(str(n), "cytotoxic"), words=words) for n, words in enumerate(["a", "", "c", "d"])]

    _, second, third = rendered([_SYSTEMIC], *named)

    assert second["summary"] == f"{_SYSTEMIC.title}."
    assert third["summary"] == f"c and d – {_SYSTEMIC.title}."


def test_only_card_of_a_topic_leaves_its_order_to_the_detail() -> None:
    [card] = rendered([_SYSTEMIC], draft("capecitabine", "cytotoxic"))

    assert card["summary"] == f"{_SYSTEMIC.title}."
    assert "Order: capecitabine" in card["detail"]


@pytest.mark.cds("C2")
def test_long_words_of_an_order_leave_room_for_the_title() -> None:
    first, _ = rendered([_SYSTEMIC], draft("x" * 500, "cytotoxic"), draft("second", "cytotoxic"))

    assert _SYSTEMIC.title in first["summary"]
    assert len(first["summary"]) < 140


def test_cards_of_one_topic_have_uuids_of_their_own() -> None:
    first, second = rendered([_SYSTEMIC], draft("first", "cytotoxic"), draft("second", "cytotoxic"))

    assert first["uuid"] != second["uuid"]
    assert first["source"]["topic"] == second["source"]["topic"]


def test_facts_of_a_card_name_no_other_order() -> None:
    first, second = rendered([_SYSTEMIC], draft("first", "cytotoxic"), draft("second", "cytotoxic", "platinum"))

    def facts(card: dict[str, Any]) -> list[object]:
        [selected] = card["extension"]["org.hoofbeats.card"]["findings"]
        return [selected["value"], [evidence["resource"] for evidence in selected["evidence"]]]

    assert facts(first) == [["cytotoxic"], ["ServiceRequest/first"]]
    assert facts(second) == [["cytotoxic", "platinum"], ["ServiceRequest/second"]]


def test_shared_card_says_which_order_a_rule_is_about_unless_it_is_about_all() -> None:
    surgery = guard("order-systemic", "surgery", topic="surgery")
    cytotoxic = guard("order-systemic", "cytotoxic", "surgery", topic="both")

    [card] = rendered([surgery, cytotoxic], draft("drug", "cytotoxic"), draft("operation", "surgery"), most=1)

    assert card["detail"].count("Concerns: ") == 1
    assert f"- **{surgery.title}** – {surgery.recommend}\n  - Concerns: operation." in card["detail"]


_ASKS = {"items": ("tumour_board",)}


def labels(card: dict[str, Any]) -> list[str]:
    return [suggestion["label"] for suggestion in card.get("suggestions", ())]


@pytest.mark.parametrize(
    "guards",
    [
        [guard("order-systemic", "cytotoxic", "surgery", **_ASKS)],
        [guard("order-systemic", "cytotoxic", **_ASKS), guard("order-before-surgery", "surgery", **_ASKS)],
    ],
    ids=["of one topic", "of two topics"],
)
def test_step_that_two_cards_find_missing_is_offered_on_the_first_only(guards: list[Rule]) -> None:
    name = KNOWLEDGE.items["tumour_board"].name
    first, second = rendered(guards, draft("drug", "cytotoxic"), draft("operation", "surgery"))

    assert labels(first) == [f"Request {name}"]
    assert {"suggestions", "selectionBehavior"}.isdisjoint(second)
    assert f"Offered once, on the first card that asks for it: {name}." in second["detail"]
    assert "Offered once" not in first["detail"]
    assert second["extension"]["org.hoofbeats.card"]["missing"] == ["tumour_board"]


def test_step_that_nobody_can_order_is_not_said_to_be_offered() -> None:
    unorderable = next(key for key, item in KNOWLEDGE.items.items() if item.order is None and not item.parts)
    asks = guard("order-systemic", "cytotoxic", items=(unorderable,))

    cards = rendered([asks], draft("first", "cytotoxic"), draft("second", "cytotoxic"))

    assert "Offered once" not in str(cards)


@pytest.mark.parametrize(("most", "shown"), [(2, ["safety", "management"]), (1, ["safety"])])
def test_cards_about_no_order_are_shown_as_far_as_there_is_room(most: int, shown: list[str]) -> None:
    advised = advice(rule("a"), rule("b", card="safety", indicator="warning"))

    assert [recommendation.kind for recommendation in choose(advised, most)] == shown
