"""What would be dangerous in the source documents does not happen: a test for each danger of dangers.toml."""

import re
from pathlib import Path

import pytest
from stated import KNOWLEDGE, RULES, shipped_advice, speaking, stated_by

from cards.dangers import load_dangers
from cards.rules import Rule

DANGERS = {danger.id: danger for danger in load_dangers()}
# The danger that these tests cannot show, since it lies in reading the record.
_OF_READING = Path(__file__).parents[1] / "mappings" / "test_naive_reading.py"

_ANALOGUE_STATEMENTS = {"GI-TX-10", "GEN-TX-13", "PNET-TX-17", "PNET-TX-11", "UNK-TX-02", "DUO-TX-14"}
_ANALOGUE_RULES = [rule for rule in RULES.values() if rule.card == "management" and rule.topic == "ssa"]
_PLATINUM = {"GEN-TX-20", "GI-TX-15", "DUO-TX-17", "UNK-TX-03", "PNET-TX-21"}


def citing(*statements: str) -> set[str]:
    """The ids of the rules that rest on one of the statements."""
    return {rule.id for rule in RULES.values() if {s.id for s in rule.statements} & set(statements)}


def advising(*statements: str) -> list[Rule]:
    """The management rules that rest on one of the statements."""
    return [RULES[id] for id in sorted(citing(*statements)) if RULES[id].card == "management"]


def by_id(rule: Rule) -> str:
    return rule.id


def test_every_danger_is_shown_here_or_elsewhere() -> None:
    here = {name[5:8].upper() for name in globals() if name.startswith("test_d")}
    there = {name.upper() for name in re.findall(r"def test_(d\d\d)_", _OF_READING.read_text())}

    assert here | there == set(DANGERS)


def test_every_danger_names_statements_of_ours() -> None:
    named = {statement for danger in DANGERS.values() for statement in danger.statements}

    assert named <= set(KNOWLEDGE.statements)


def test_d01_covers_every_rule_that_suggests_an_analogue() -> None:
    assert {rule.id for rule in _ANALOGUE_RULES} == {rule.id for rule in advising(*_ANALOGUE_STATEMENTS)}


@pytest.mark.parametrize("insulinoma", ["yes", "suspected", "unknown", "not recorded"])
@pytest.mark.parametrize("rule", _ANALOGUE_RULES, ids=by_id)
def test_d01_no_analogue_is_suggested_unless_insulinoma_is_excluded(rule: Rule, insulinoma: str) -> None:
    spoken = speaking(**stated_by(rule, insulinoma=insulinoma))

    assert spoken.isdisjoint(one.id for one in _ANALOGUE_RULES)


@pytest.mark.parametrize("sstr_status", ["positive", "negative", "unknown"])
def test_d01_analogue_in_use_in_suspected_insulinoma_is_warned_of_whatever_the_scan_shows(sstr_status: str) -> None:
    held = shipped_advice(
        diagnosis_status="suspected",
        suspected_syndromes=["insulinoma"],
        active_medications=["somatostatin-analogue"],
        sstr_status=sstr_status,
    )

    assert held["safety"].indicator in ("warning", "critical")


@pytest.mark.parametrize("sstr_status", ["positive", "negative", "unknown", "not recorded"])
def test_d01_order_of_an_analogue_in_suspected_insulinoma_is_questioned(sstr_status: str) -> None:
    held = shipped_advice(
        diagnosis_status="active",
        selected_orders=["somatostatin-analogue"],
        suspected_syndromes=["insulinoma"],
        sstr_status=sstr_status,
    )

    assert held["order-guard"].indicator in ("warning", "critical")


@pytest.mark.parametrize("insulinoma", ["yes", "suspected", "unknown", "not recorded"])
def test_d02_octreotide_before_surgery_is_not_mentioned_unless_insulinoma_is_excluded(insulinoma: str) -> None:
    spoken = speaking(
        diagnosis_status="active",
        selected_orders=["surgery"],
        tumour_function="functioning",
        insulinoma=insulinoma,
        active_medications=[],
    )

    assert spoken.isdisjoint(citing("GEN-TX-04"))


@pytest.mark.parametrize("site", ["duodenum", "pancreas", "stomach", "unknown-primary"])
@pytest.mark.parametrize("metastasis", ["M0", "M1"])
def test_d03_high_ki67_without_differentiation_is_not_treated_as_carcinoma(site: str, metastasis: str) -> None:
    spoken = speaking(
        diagnosis_status="active",
        primary_site=site,
        grade="G3-unspecified",
        differentiation="not recorded",
        ki67_index="45 %",
        distant_metastasis=metastasis,
        advanced_disease="yes",
        primary_in_situ="yes",
    )

    assert spoken.isdisjoint(citing("DUO-TX-09", *_PLATINUM))


def test_d03_high_ki67_without_differentiation_asks_for_it() -> None:
    spoken = speaking(diagnosis_status="active", primary_site="pancreas", grade="G3-unspecified")

    assert "net-g3-or-carcinoma" in spoken


@pytest.mark.parametrize("rule", advising("GEN-TX-20", "GI-TX-15", "DUO-TX-17", "UNK-TX-03"), ids=by_id)
def test_d03_platinum_is_not_suggested_for_net_g3(rule: Rule) -> None:
    spoken = speaking(**stated_by(rule, grade="G3-NET", differentiation="well"))

    assert rule.id not in spoken


@pytest.mark.parametrize("ki67", ["2.1 %", "2.5 %", "2.9 %"])
def test_d04_ki67_between_2_and_3_asks_for_a_check_of_the_grade(ki67: str) -> None:
    spoken = speaking(diagnosis_status="active", primary_site="pancreas", grade="G1", ki67_index=ki67)

    assert "grade-near-a-cut-off" in spoken


def test_d04_no_rule_that_treats_grades_by_the_index_itself() -> None:
    comparing = {rule.id for rule in RULES.values() for c in rule.criteria() if c.finding.name == "ki67_index"}

    assert comparing == {"grade-near-a-cut-off"}


def test_d04_every_rule_for_g2_takes_ki67_of_exactly_20() -> None:
    """The grade of a Ki-67 of 20 % is G2, which tests/mappings shows; here it reaches the rules for G2."""
    spoken = speaking(
        diagnosis_status="active",
        primary_site="pancreas",
        grade="G2",
        ki67_index="20 %",
        advanced_disease="yes",
        sstr_status="positive",
        insulinoma="no",
    )

    assert spoken & citing("PNET-TX-17")


@pytest.mark.parametrize("rule", advising("DUO-TX-03", "DUO-TX-08", "DUO-TX-11"), ids=by_id)
@pytest.mark.parametrize("words", ["MDT", "if the patient is fit"])
def test_d05_surgery_for_duodenal_net_is_left_to_the_tumour_board(rule: Rule, words: str) -> None:
    assert words in rule.recommend or "individual" in rule.recommend


@pytest.mark.parametrize("rule", advising("DUO-TX-03", "DUO-TX-08", "DUO-TX-11"), ids=by_id)
def test_d05_surgery_for_duodenal_net_is_never_urgent(rule: Rule) -> None:
    assert rule.indicator == "info"


def test_d05_size_alone_suggests_no_pancreatoduodenectomy() -> None:
    held = shipped_advice(diagnosis_status="active", primary_site="duodenum", tumour_size="25 mm")

    assert "management" not in held


def test_d05_definitive_order_for_10_to_20_mm_without_tumour_board_is_questioned() -> None:
    spoken = speaking(
        diagnosis_status="active",
        primary_site="duodenum",
        tumour_size="15 mm",
        tumour_board="absent",
        selected_orders=["duodenal-surgery", "surgery", "definitive-treatment"],
    )

    assert spoken & citing("DUO-CI-04")


@pytest.mark.parametrize("rule", advising("DUO-TX-06", "PNET-TX-06"), ids=by_id)
def test_d06_no_resection_is_suggested_in_men1(rule: Rule) -> None:
    spoken = speaking(**stated_by(rule, men1="confirmed"))

    assert spoken.isdisjoint(citing("DUO-TX-06", "PNET-TX-06"))


@pytest.mark.parametrize("rule", advising("DUO-TX-06", "PNET-TX-06"), ids=by_id)
def test_d06_resection_carries_the_reservation_that_men1_is_not_known(rule: Rule) -> None:
    held = shipped_advice(**stated_by(rule, men1="not recorded"))

    reservations = {str(c) for d in held["management"].decisions if d.rule is rule for c in d.reservations()}

    assert "MEN1: confirmed" in reservations


@pytest.mark.parametrize("size", ["10.1 mm", "15 mm", "20 mm"])
def test_d07_resection_of_a_small_pancreatic_net_is_never_shown_without_surveillance(size: str) -> None:
    held = shipped_advice(
        diagnosis_status="active",
        primary_site="pancreas",
        tumour_size=size,
        tumour_function="nonfunctioning",
        distant_metastasis="M0",
        primary_in_situ="yes",
        fit_for_surgery="yes",
    )

    advice = [d.rule.recommend for p in held["management"].points for d in p.speaking if "esection" in d.rule.recommend]

    assert all("surveillance" in text for text in advice)
    assert advice != []


def test_d07_surgery_for_any_localised_disease_spares_pancreatic_net_up_to_20_mm() -> None:
    spoken = speaking(
        diagnosis_status="active",
        primary_site="pancreas",
        tumour_size="20 mm",
        distant_metastasis="M0",
        primary_in_situ="yes",
        fit_for_surgery="yes",
        grade="G1",
    )

    assert spoken.isdisjoint(citing("GEN-TX-01"))


@pytest.mark.parametrize("rule", advising("GI-TX-05", "GI-TX-06"), ids=by_id)
@pytest.mark.parametrize("size", ["10.1 mm", "15 mm", "25 mm", "unknown", "not recorded"])
def test_d08_local_excision_is_suggested_up_to_10_mm_only(rule: Rule, size: str) -> None:
    spoken = speaking(**stated_by(rule, tumour_size=size))

    assert spoken.isdisjoint(citing("GI-TX-05", "GI-TX-06"))


@pytest.mark.parametrize("words", ["Acid suppression", "atrophic gastritis", "should not be stopped for the test"])
def test_d09_request_for_gastrin_says_what_else_raises_it(words: str) -> None:
    [rule] = [RULES[id] for id in citing("DUO-WU-07")]

    assert words in rule.recommend


def test_d09_gastrin_drawn_on_acid_suppression_is_called_unreliable() -> None:
    held = shipped_advice(diagnosis_status="active", primary_site="duodenum", gastrin_on_acid_suppression="yes")

    assert [d.rule.id for d in held["grade-check"].decisions] == ["marker-drawn-on-acid-suppression"]


def test_d10_pausing_an_analogue_before_prrt_is_not_questioned() -> None:
    spoken = speaking(
        diagnosis_status="active",
        selected_orders=["analogue-stop"],
        tumour_function="functioning",
        prrt_planned="yes",
    )

    assert spoken.isdisjoint(citing("GEN-CI-06"))


def test_d10_guard_on_stopping_an_analogue_names_the_pause_before_prrt() -> None:
    [rule] = [RULES[id] for id in citing("GEN-CI-06")]

    assert "Before PRRT long-acting analogues are paused for at least 4 weeks" in rule.recommend


@pytest.mark.parametrize("rule", advising("GEN-TX-16", "DUO-TX-16"), ids=by_id)
@pytest.mark.parametrize("check", ["scan alone is not enough", "above liver", "kidney", "bone-marrow", "pregnancy"])
def test_d11_radionuclide_therapy_is_said_to_need_more_than_a_positive_scan(rule: Rule, check: str) -> None:
    assert check in rule.recommend


@pytest.mark.parametrize("sstr_status", ["negative", "unknown", "not recorded"])
@pytest.mark.parametrize("rule", advising("GEN-TX-16", "DUO-TX-16"), ids=by_id)
def test_d11_radionuclide_therapy_is_not_suggested_without_a_positive_scan(rule: Rule, sstr_status: str) -> None:
    spoken = speaking(**stated_by(rule, sstr_status=sstr_status))

    assert spoken.isdisjoint(citing("GEN-TX-16", "DUO-TX-16"))


def test_d11_order_of_radionuclide_therapy_with_a_positive_scan_lists_the_other_checks() -> None:
    spoken = speaking(diagnosis_status="active", selected_orders=["prrt"], sstr_status="positive")

    assert "readiness-for-prrt" in spoken


@pytest.mark.parametrize("site", ["rectum", "appendix"])
def test_d12_small_rectal_and_appendiceal_net_is_not_imaged_again(site: str) -> None:
    held = shipped_advice(
        diagnosis_status="remission",
        primary_site=site,
        tumour_size="8 mm",
        grade="G1",
        primary_in_situ="no",
        treated="yes",
        months_since_abdominal_imaging="36 mo",
        months_since_staging_imaging="36 mo",
        months_since_sstr_imaging="36 mo",
        months_since_tumour_marker="36 mo",
        open_orders=[],
    )

    assert held == {}


@pytest.mark.parametrize("id", sorted(citing("DUO-FU-03", "GEN-FU-04", "PNET-FU-02")))
def test_d12_overdue_imaging_of_a_low_grade_tumour_is_for_information_and_says_that_practice_varies(id: str) -> None:
    assert (RULES[id].indicator, "practice varies" in RULES[id].recommend) == ("info", True)


def test_d13_claims_that_resection_improves_survival_are_behind_no_rule() -> None:
    assert citing("GEN-PX-04", "DUO-PX-11", "UNK-TX-04", "UNK-PX-08") == set()


@pytest.mark.parametrize("rule", RULES.values(), ids=by_id)
def test_d13_no_rule_speaks_of_survival(rule: Rule) -> None:
    assert "surviv" not in f"{rule.title} {rule.recommend}".lower()


def test_d14_chromogranin_a_alone_makes_no_card_urgent() -> None:
    held = shipped_advice(
        diagnosis_status="active",
        primary_site="duodenum",
        chromogranin_a_test="absent",
        chromogranin_a_elevated="yes",
    )

    assert {recommendation.indicator for recommendation in held.values()} == {"info"}


def test_d14_no_rule_takes_the_height_of_chromogranin_a_for_progression() -> None:
    treating = [rule for rule in RULES.values() if rule.card in ("management", "surveillance", "order-guard")]

    compared = {criterion.finding.name for rule in treating for criterion in rule.criteria()}

    assert "chromogranin_a_elevated" not in compared


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.topic in ("cga", "fu.cga")], ids=by_id)
def test_d14_chromogranin_a_is_called_optional(rule: Rule) -> None:
    assert rule.recommend.startswith("Optional: ")


def test_d15_stage_of_a_superseded_edition_asks_for_a_current_one() -> None:
    spoken = speaking(diagnosis_status="active", primary_site="duodenum", tnm_stage="done", tnm_edition="outdated")

    assert spoken & citing("DUO-ST-01")


def test_d15_stage_of_a_superseded_edition_is_asked_for_where_nothing_else_is_missing() -> None:
    advised = shipped_advice(
        diagnosis_status="active", primary_site="duodenum", tnm_stage="done", tnm_edition="outdated"
    )

    assert [missing.item.key for missing in advised["work-up"].items] == ["current_tnm_stage"]


def test_d15_seventh_edition_is_named_only_as_superseded() -> None:
    naming = [rule.recommend for rule in RULES.values() if "7th" in rule.recommend]

    assert all("superseded" in text for text in naming)


def test_d16_response_rates_are_behind_no_rule() -> None:
    assert citing("GEN-PX-10", "GEN-PX-11", "GI-PX-03") == set()


@pytest.mark.parametrize("word", ["incurable", "response rate"])
def test_d16_no_rule_speaks_of_rates_of_response_or_of_incurable_disease(word: str) -> None:
    speaking_so = [rule.id for rule in RULES.values() if word in f"{rule.title} {rule.recommend}".lower()]

    assert speaking_so == []


def test_critical_is_an_analogue_in_scan_negative_insulinoma_and_prrt_after_a_negative_scan_and_nothing_else() -> None:
    critical = {rule.id: rule for rule in RULES.values() if rule.indicator == "critical"}

    needed = [
        ("sstr_status", ("negative",)) in [(c.finding.name, c.values) for c in rule.when.criteria()]
        for rule in critical.values()
    ]

    assert set(critical) == {
        "insulinoma-on-analogue-with-negative-scan",
        "somatostatin-analogue-in-scan-negative-insulinoma",
        "prrt-with-negative-receptor-scan",
    }
    assert needed == [True] * 3
