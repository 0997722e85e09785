"""The detail of a card lets a clinician check it by itself."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from markdown_reading import words
from stated import KNOWLEDGE, cards_of, findings, pancreatic_net, rule

from cards.governance import Governance, Signature
from cards.knowledge import Knowledge
from cards.rules import Rule
from mappings.findings import given


def test_detail_shows_each_fact_with_date_and_resource(cards: dict[str, dict[str, Any]]) -> None:
    assert "| Tumour size | 15 mm | 2026-03-04 | Observation/size |" in cards["management"]["detail"]


def test_detail_names_what_keeps_other_rules_undecided(cards: dict[str, dict[str, Any]]) -> None:
    [told] = [line for line in cards["management"]["detail"].splitlines() if line.endswith(": not stated")]

    assert "placement" in told


def test_detail_shows_both_sides_of_a_contradiction(cards: dict[str, dict[str, Any]]) -> None:
    assert "Nodes: Observation/n1: N0; Observation/n2: N1" in words(cards["management"]["detail"])


def test_detail_names_resources_that_could_not_be_used(cards: dict[str, dict[str, Any]]) -> None:
    assert "Observation/broken: value is not as FHIR R4 has it" in words(cards["work-up"]["detail"])


def test_detail_names_the_reservations_of_a_recommendation(cards: dict[str, dict[str, Any]]) -> None:
    assert "- Unless nodes N+ (not known)." in cards["management"]["detail"]


def test_exception_that_nobody_can_rule_out_for_any_point_is_said_once_for_all() -> None:
    nodes = {"finding": "nodal_status", "is": "N+"}
    grade = {"finding": "grade", "is": "NEC"}
    both = rule("both", topic="one", unless={"any": [nodes, grade]})

    [card] = cards_of(findings(diagnosis_status="active"), both, rule("nodes", topic="two", unless={"any": [nodes]}))

    assert [line.strip() for line in card["detail"].splitlines() if "nless" in line] == [
        "- Unless grade NEC (not known).",
        "- All of this unless nodes N+ (not known).",
    ]


@pytest.mark.parametrize("part", ["PNET-TX-03", "Management of pancreatic neuroendocrine tumours", "line 50"])
def test_detail_cites_statement_source_and_place(cards: dict[str, dict[str, Any]], part: str) -> None:
    assert part in cards["management"]["detail"]


@pytest.mark.parametrize("part", ["strength: none given", "current guidance agrees", "current sources differ"])
def test_detail_cites_strength_and_how_current_guidance_sees_it(cards: dict[str, dict[str, Any]], part: str) -> None:
    assert part in cards["management"]["detail"]


def test_detail_says_where_sources_differ(cards: dict[str, dict[str, Any]]) -> None:
    assert f"- {KNOWLEDGE.conflicts['C04'].note}" in cards["management"]["detail"]


def test_detail_marks_each_recommendation_that_sources_dispute() -> None:
    [card] = cards_of(pancreatic_net(), rule(statements=("PNET-TX-03",)))

    assert "  - Sources differ, see below." in card["detail"]


def test_detail_is_silent_on_a_conflict_that_does_not_concern_the_patient() -> None:
    held = given({**pancreatic_net(), **findings(tumour_size="20.1 mm")})

    [card] = cards_of(held, rule(statements=("PNET-TX-03",)))

    assert "Where sources differ" not in card["detail"]
    assert card["summary"] == "Pancreatic NET G1 20.1 mm: options to discuss."


def test_detail_of_undisputed_statements_has_no_section_on_conflicts() -> None:
    [card] = cards_of(pancreatic_net(), rule(statements=("GEN-WU-03",)))

    assert "Where sources differ" not in card["detail"]


def signed(*rules: Rule) -> Knowledge:
    """The knowledge with these rules approved."""
    signatures = {one.id: Signature(one.id, "Dr *Ada*", date(2026, 10, 1), one.hash) for one in rules}
    return replace(KNOWLEDGE, governance=Governance({}, {}, {}, signatures))


def test_detail_of_a_rule_that_nobody_signed_says_so() -> None:
    [card] = cards_of(pancreatic_net(), rule("a"), rule("b"), knowledge=signed(rule("a")))

    assert card["detail"].endswith("*Draft rules, not reviewed by a clinician. The clinician decides.*")


def test_detail_of_signed_rules_says_who_approved_them() -> None:
    [card] = cards_of(pancreatic_net(), rule("a"), knowledge=signed(rule("a")))

    assert words(card["detail"]).endswith("Rules approved by Dr *Ada* on 2026-10-01. The clinician decides.")


def test_detail_of_work_up_names_what_is_missing_of_an_item() -> None:
    held = {**pancreatic_net(), **findings(tumour_size="8 mm", invasion_depth="not recorded")}

    [card] = cards_of(given(held), rule(card="work-up", items=("tnm_elements",)))

    assert (
        "1. **Staging facts** (depth of invasion, nodes: contradictory or unreadable) – Advice of rule."
        in card["detail"]
    )


def test_work_up_gives_the_reason_of_two_items_once() -> None:
    two = rule(card="work-up", items=("histopathology", "sstr_imaging"))

    [card] = cards_of(pancreatic_net(), two)

    assert "1. **Histopathology** – Advice of rule.\n2. **Somatostatin-receptor imaging** – see 1." in card["detail"]


def test_work_up_says_how_long_ago_an_item_was_done() -> None:
    held = findings(
        diagnosis_status="active",
        primary_site="jejunum-ileum",
        functional_syndromes=["carcinoid-syndrome"],
        echocardiography="done",
        months_since_echocardiography="14 mo",
        open_orders=[],
    )

    [card] = cards_of(held)

    assert card["summary"] == "NET work-up: 1 item not found or too old – echocardiography."
    assert "Not found in the record, or too old, and not on order:" in card["detail"]
    assert "1. **Echocardiography** (last 14 mo ago) – " in card["detail"]


def test_statement_that_was_merged_away_is_not_cited_in_the_detail() -> None:
    [card] = cards_of(
        pancreatic_net(), rule("gi", statements=("GI-TX-09",)), rule("general", statements=("GEN-TX-04",))
    )

    assert "GI-TX-09" not in card["detail"]


def unclear(detail: str) -> str:
    return detail.partition("Not recorded or unclear")[2].partition("**Statements**")[0]


def test_detail_names_the_fact_that_keeps_a_further_rule_undecided() -> None:
    further = rule("further", when={"all": [{"finding": "nodal_status", "is": "N0"}]})

    [card] = cards_of(given({**pancreatic_net(), **findings(nodal_status="not recorded")}), rule(), further)

    assert "Nodes" in unclear(card["detail"])


def test_detail_does_not_name_a_fact_that_is_not_recorded_where_nothing_hangs_on_it() -> None:
    settled = {"finding": "primary_site", "is": "pancreas"}, {"finding": "nodal_status", "is": "N0"}

    [card] = cards_of(
        given({**pancreatic_net(), **findings(nodal_status="not recorded")}), rule(when={"any": list(settled)})
    )

    assert "Nodes" not in card["detail"]
