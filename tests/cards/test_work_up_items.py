"""The work-up card lists each missing item once, by weight, with the most specific rule that asks for it."""

from typing import Any

import pytest
from stated import KNOWLEDGE, advice, decisions, findings, rule, shipped_advice

from cards.recommend import MissingItem, Recommendation, recommend
from cards.rules import Rule
from mappings.findings import Findings, given, unknown


def work_up(id: str, *items: str, **changes: Any) -> Rule:
    return rule(id, card="work-up", items=items, **changes)


def items_of(recommendations: tuple[Recommendation, ...]) -> tuple[MissingItem, ...]:
    [recommendation] = recommendations
    return recommendation.items


def test_items_are_ordered_by_weight() -> None:
    asks = work_up("a", "chromogranin_a_test", "histopathology", "sstr_imaging")

    items = items_of(advice(asks, chromogranin_a_test="absent", histopathology="absent", sstr_imaging="absent"))

    assert [missing.item.key for missing in items] == ["histopathology", "sstr_imaging", "chromogranin_a_test"]


def test_item_that_several_rules_ask_for_is_listed_once() -> None:
    items = items_of(advice(work_up("a", "sstr_imaging"), work_up("b", "sstr_imaging"), sstr_imaging="absent"))

    assert [missing.item.key for missing in items] == ["sstr_imaging"]


def test_most_specific_source_speaks_for_an_item() -> None:
    general = work_up("general", "sstr_imaging", statements=("GEN-WU-11",))
    duodenal = work_up("duodenal", "sstr_imaging", statements=("DUO-WU-09",))

    [missing] = items_of(advice(general, duodenal, sstr_imaging="absent"))

    assert missing.decision.rule.id == "duodenal"


def test_rule_that_asks_for_fewer_items_speaks_for_an_item_of_the_same_source() -> None:
    broad = work_up("broad", "sstr_imaging", "abdominal_imaging")
    narrow = work_up("narrow", "sstr_imaging")

    [missing] = items_of(advice(broad, narrow, sstr_imaging="absent"))

    assert missing.decision.rule.id == "narrow"


def test_part_that_another_item_of_the_card_asks_for_is_left_to_it() -> None:
    facts = {
        "differentiation": "well",
        "grade": "not recorded",
        "tumour_function": "not recorded",
        "sstr_status": "positive",
    }

    items = items_of(advice(work_up("a", "determinants", "ki67_assessment"), ki67_assessment="absent", **facts))

    assert {missing.item.key: missing.parts for missing in items} == {
        "ki67_assessment": (),
        "determinants": ("Function",),
    }


def test_item_whose_parts_are_all_left_to_others_is_not_listed() -> None:
    facts = {"differentiation": "well", "grade": "G1", "tumour_function": "functioning", "sstr_status": "not recorded"}

    items = items_of(advice(work_up("a", "determinants", "sstr_imaging"), sstr_imaging="absent", **facts))

    assert [missing.item.key for missing in items] == ["sstr_imaging"]


@pytest.mark.parametrize("state", ["done", "ordered", "unknown", "not applicable"])
def test_step_is_no_missing_item_unless_it_is_absent(state: str) -> None:
    asks = work_up("a", "sstr_imaging", "abdominal_imaging")

    items = items_of(advice(asks, sstr_imaging=state, abdominal_imaging="absent"))

    assert [missing.item.key for missing in items] == ["abdominal_imaging"]


@pytest.mark.parametrize("state", ["well", "unknown", "not applicable"])
def test_fact_is_no_missing_item_unless_the_record_lacks_it(state: str) -> None:
    asks = work_up("a", "differentiation", "abdominal_imaging")

    items = items_of(advice(asks, differentiation=state, abdominal_imaging="absent"))

    assert [missing.item.key for missing in items] == ["abdominal_imaging"]


def test_fact_that_the_record_contradicts_is_missing_and_said_to_be_contradictory() -> None:
    asks = work_up("a", "differentiation")

    [recommendation] = recommend(decisions(asks), _with_contradicting("differentiation"), KNOWLEDGE)

    assert [missing.parts for missing in recommendation.items] == [("contradictory or unreadable",)]


def test_part_that_the_record_contradicts_is_missing_and_said_to_be_contradictory() -> None:
    asks = work_up("a", "tnm_elements")

    [recommendation] = recommend(decisions(asks), _with_contradicting("nodal_status"), KNOWLEDGE)

    assert [missing.parts for missing in recommendation.items] == [("Nodes: contradictory or unreadable",)]


def _with_contradicting(name: str) -> Findings:
    held = findings(diagnosis_status="active")
    return given({**held, name: unknown(name, "the record contradicts itself", conflicts=("Observation/1: x",))})


_CARCINOID_SYNDROME = {
    "diagnosis_status": "active",
    "primary_site": "jejunum-ileum",
    "functional_syndromes": ["carcinoid-syndrome"],
    "open_orders": [],
}


def test_step_that_was_done_too_long_ago_is_missing_with_its_age() -> None:
    held = shipped_advice(**_CARCINOID_SYNDROME, echocardiography="done", months_since_echocardiography="14 mo")

    assert [(missing.item.key, missing.age) for missing in held["work-up"].items] == [("echocardiography", "14 mo")]


def test_step_that_was_done_lately_is_not_missing() -> None:
    held = shipped_advice(**_CARCINOID_SYNDROME, echocardiography="done", months_since_echocardiography="12 mo")

    assert "work-up" not in held


def test_item_made_of_parts_names_the_parts_that_the_record_lacks() -> None:
    asks = work_up("a", "tnm_elements")

    [missing] = items_of(
        advice(
            asks,
            tumour_size="8 mm",
            invasion_depth="not recorded",
            nodal_status="not recorded",
            distant_metastasis="unknown",
        )
    )

    assert missing.parts == ("Depth of invasion", "Nodes")


def test_item_whose_parts_are_all_recorded_is_not_missing() -> None:
    asks = work_up("a", "tnm_elements", "abdominal_imaging")

    items = items_of(
        advice(
            asks,
            tumour_size="8 mm",
            invasion_depth="mucosa",
            nodal_status="N0",
            distant_metastasis="M0",
            abdominal_imaging="absent",
        )
    )

    assert [missing.item.key for missing in items] == ["abdominal_imaging"]


def test_work_up_without_a_missing_item_is_not_recommended() -> None:
    assert advice(work_up("a", "sstr_imaging"), sstr_imaging="done") == ()


def test_work_up_warns_if_a_blocking_item_is_missing() -> None:
    [recommendation] = advice(work_up("a", "histopathology", indicator="info"), histopathology="absent")

    assert recommendation.indicator == "warning"


def test_work_up_informs_if_no_blocking_item_is_missing() -> None:
    [recommendation] = advice(
        work_up("a", "histopathology", "chromogranin_a_test", indicator="warning"),
        histopathology="done",
        chromogranin_a_test="absent",
    )

    assert recommendation.indicator == "info"


def test_item_is_ordered_in_the_code_of_its_own() -> None:
    [missing] = items_of(advice(work_up("a", "sstr_imaging"), sstr_imaging="absent"))

    assert missing.order == KNOWLEDGE.terminology.preferred("sstr_pet")


@pytest.mark.parametrize(
    ("available", "value_set", "said"),
    [("yes", "sstr_pet", False), ("unknown", "sstr_pet", False), ("no", "sstr_scintigraphy", True)],
)
def test_receptor_imaging_falls_back_on_scintigraphy_where_pet_is_unavailable(
    available: str, value_set: str, said: bool
) -> None:
    [missing] = items_of(advice(work_up("a", "sstr_imaging"), sstr_imaging="absent", sstr_pet_available=available))

    assert missing.order == KNOWLEDGE.terminology.preferred(value_set)
    assert ("scintigraphy with CT is the fallback" in missing.remark) is said


def test_item_that_no_order_stands_for_cannot_be_ordered() -> None:
    [missing] = items_of(advice(work_up("a", "family_history"), family_history="absent"))

    assert missing.order is None


@pytest.mark.parametrize(("available", "value_set"), [("yes", "sstr_pet"), ("no", "sstr_scintigraphy")])
def test_scintigraphy_is_ordered_for_a_duodenal_net_only_where_pet_is_unavailable(
    available: str, value_set: str
) -> None:
    held = shipped_advice(
        diagnosis_status="active", primary_site="duodenum", sstr_imaging="absent", sstr_pet_available=available
    )

    [order] = [missing.order for missing in held["work-up"].items if missing.item.key == "sstr_imaging"]

    assert order == KNOWLEDGE.terminology.preferred(value_set)


@pytest.mark.parametrize("site", ["pancreas", "unknown-primary"])
def test_only_the_hormone_of_the_suspected_syndrome_is_asked_for(site: str) -> None:
    hormones = {"insulin_test", "gastrin_test", "glucagon_test", "vip_test", "acth_test", "c_peptide_test"}
    held: dict[str, object] = dict.fromkeys(hormones, "absent")

    advised = shipped_advice(diagnosis_status="active", primary_site=site, suspected_syndromes=["gastrinoma"], **held)

    assert {missing.item.key for missing in advised["work-up"].items} & hormones == {"gastrin_test"}
