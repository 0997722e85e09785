"""A card is CDS Hooks JSON that carries its own proof, in words and as data."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from json_reading import empties, utf16_units
from markdown_reading import words
from msgspec import structs
from stated import CONTEXT, KNOWLEDGE, cards_of, findings, longest, rule

from cards.governance import Governance, Signature
from cards.knowledge import CardKind, Knowledge
from cards.rules import Rule
from mappings.dates import read_date
from mappings.findings import Evidence, Findings, stated, unknown

_ALWAYS = {"all": [{"finding": "diagnosis_status", "in": ["active"]}]}
_KINDS = ("safety", "grade-check", "work-up", "management", "surveillance")


def pancreatic_net() -> Findings:
    """A pancreatic NET of 15 mm, as far as the record goes."""
    held = findings(
        diagnosis_status="active",
        primary_site="pancreas",
        tumour_size="15 mm",
        grade="G1",
        differentiation="well",
        tumour_function="nonfunctioning",
        distant_metastasis="M0",
        primary_in_situ="yes",
        symptoms_or_malignant_features="no",
        sstr_imaging="absent",
        histopathology="absent",
        family_history="absent",
        chromogranin_a_test="absent",
    )
    size = structs.replace(
        held["tumour_size"],
        date=read_date("2026-03-04"),
        evidence=(Evidence("Observation/size", "valueQuantity", read_date("2026-03-04"), "15 mm"),),
    )
    diagnosis = structs.replace(
        held["diagnosis_status"], evidence=(Evidence("Condition/net", "code", read_date("2026-01")),)
    )
    nodes = unknown(
        "nodal_status", "the record contradicts itself", conflicts=("Observation/n1: N0", "Observation/n2: N1")
    )
    return stated({**held, "tumour_size": size, "diagnosis_status": diagnosis, "nodal_status": nodes})


@pytest.fixture(scope="module")
def cards() -> dict[str, dict[str, Any]]:
    context = replace(CONTEXT, problems=("Observation/broken: value is not as FHIR R4 has it",))
    return {
        card["extension"]["org.hoofbeats.card"]["kind"]: card for card in cards_of(pancreatic_net(), context=context)
    }


def only(rule_of_a_kind: Rule, held: Findings) -> dict[str, Any]:
    """The card of one rule that speaks of anything active."""
    [card] = cards_of(held, replace(rule_of_a_kind, when=rule(when=_ALWAYS).when, unless=None))
    return card


@pytest.mark.parametrize("kind", _KINDS)
def test_summary_of_many_rules_is_short_and_whole(kind: str) -> None:
    rules = [
        rule(f"r{number}", card=kind, title="A title of as many as ninety characters " + "x" * 50, topic=f"t{number}")
        for number in range(9)
    ]
    all_items = replace(rules[0], items=tuple(KNOWLEDGE.items) if kind == "work-up" else ())

    [card] = cards_of(longest(), all_items, *rules[1:])

    assert utf16_units(card["summary"]) < 140
    assert not card["summary"].endswith("…")


def test_summary_of_work_up_names_the_three_weightiest_items() -> None:
    asks = rule(card="work-up", items=("chromogranin_a_test", "sstr_imaging", "histopathology", "family_history"))

    [card] = cards_of(pancreatic_net(), asks)

    assert card["summary"] == (
        "NET work-up: 4 items not found – histopathology, somatostatin-receptor imaging, family history and more."
    )


def test_summary_of_work_up_of_one_item_is_singular() -> None:
    [card] = cards_of(pancreatic_net(), rule(card="work-up", items=("family_history",)))

    assert card["summary"] == "NET work-up: 1 item not found – family history."


def test_summary_of_management_names_the_tumour(cards: dict[str, dict[str, Any]]) -> None:
    assert cards["management"]["summary"] == (
        "Pancreatic NET G1 15 mm: options to discuss; sources differ where marked."
    )


def test_summary_of_other_kinds_are_the_titles_of_their_rules() -> None:
    rules = [rule(id, card="safety", topic=id, title=f"Title {id}") for id in ("one", "two")]

    [card] = cards_of(pancreatic_net(), *rules)

    assert card["summary"] == "Title one; Title two."


def test_summary_says_how_many_titles_it_has_no_room_for() -> None:
    rules = [rule(id, card="safety", topic=id, title=f"{id} {'x' * 50}") for id in ("one", "two", "three")]

    [card] = cards_of(pancreatic_net(), *rules)

    assert card["summary"] == f"one {'x' * 50}; two {'x' * 50}; 1 more."


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
    held = stated({**pancreatic_net(), **findings(tumour_size="20.1 mm")})

    [card] = cards_of(held, rule(statements=("PNET-TX-03",)))

    assert "Where sources differ" not in card["detail"]
    assert card["summary"] == "Pancreatic NET G1 20.1 mm: options to discuss."


def test_summary_says_that_sources_differ_where_they_do(cards: dict[str, dict[str, Any]]) -> None:
    assert cards["management"]["summary"].endswith(": options to discuss; sources differ where marked.")


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

    [card] = cards_of(stated(held), rule(card="work-up", items=("tnm_elements",)))

    assert (
        "1. **Staging facts** (depth of invasion, nodes: contradictory or unreadable) – Advice of rule."
        in card["detail"]
    )


def test_work_up_gives_the_reason_of_two_items_once() -> None:
    two = rule(card="work-up", items=("histopathology", "sstr_imaging"))

    [card] = cards_of(pancreatic_net(), two)

    assert "1. **Histopathology** – Advice of rule.\n2. **Somatostatin-receptor imaging** – see 1." in card["detail"]


def test_summary_of_one_item_of_several_parts_names_what_is_missing_of_it() -> None:
    held = stated({**pancreatic_net(), **findings(nodal_status="N0", invasion_depth="not recorded")})

    [card] = cards_of(held, rule(card="work-up", items=("tnm_elements",)))

    assert card["summary"] == "NET work-up: 1 item not found – depth of invasion."


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


def test_source_is_the_most_specific_document_of_the_first_statement(cards: dict[str, dict[str, Any]]) -> None:
    assert cards["management"]["source"]["label"].startswith("Management of pancreatic neuroendocrine tumours (")


@pytest.mark.parametrize("kind", _KINDS)
def test_topic_and_reasons_are_those_of_the_kind(kind: str) -> None:
    card = only(rule(card=kind, items=("family_history",) if kind == "work-up" else ()), longest())

    assert card["source"]["topic"]["code"] == KNOWLEDGE.kinds[kind].topic.code
    assert [r["code"] for r in card["overrideReasons"]] == [r.code for r in KNOWLEDGE.kinds[kind].reasons]


@pytest.mark.parametrize("kind", [kind for kind in KNOWLEDGE.kinds.values() if kind.critical], ids=lambda k: k.name)
def test_critical_card_has_a_topic_that_no_override_of_a_warning_holds_back(kind: CardKind) -> None:
    warning, critical = (
        only(rule(card=kind.kind, group=kind.name, indicator=indicator), longest())["source"]["topic"]["code"]
        for indicator in ("warning", "critical")
    )

    assert (warning, critical) == (kind.topic.code, f"{kind.topic.code}CRITICAL")


def test_topics_are_told_apart_and_are_as_an_ehr_wants_them() -> None:
    codes = [topic.code for kind in KNOWLEDGE.kinds.values() for topic in kind.topics()]

    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and code.isalnum() and len(code) <= 100 for code in codes)


def test_reasons_have_code_system_and_display(cards: dict[str, dict[str, Any]]) -> None:
    [first, *_] = cards["work-up"]["overrideReasons"]

    assert set(first) == {"code", "system", "display"}


def test_extension_has_the_keys_of_the_contract(cards: dict[str, dict[str, Any]]) -> None:
    extension = cards["work-up"]["extension"]

    assert list(extension) == ["org.hoofbeats.card"]
    assert set(extension["org.hoofbeats.card"]) == {"kind", "statements", "rules", "knowledge", "findings", "missing"}


def test_extension_names_every_statement_that_fired(cards: dict[str, dict[str, Any]]) -> None:
    [card] = cards_of(
        pancreatic_net(), rule("gi", statements=("GI-TX-09",)), rule("general", statements=("GEN-TX-04",))
    )

    assert card["extension"]["org.hoofbeats.card"]["statements"] == ["GEN-TX-04", "GI-TX-09"]


def test_statement_that_was_merged_away_is_not_cited_in_the_detail() -> None:
    [card] = cards_of(
        pancreatic_net(), rule("gi", statements=("GI-TX-09",)), rule("general", statements=("GEN-TX-04",))
    )

    assert "GI-TX-09" not in card["detail"]


def test_extension_names_rules_and_version_of_the_knowledge(cards: dict[str, dict[str, Any]]) -> None:
    extension = cards["management"]["extension"]["org.hoofbeats.card"]

    assert "resection-or-surveillance-of-pancreatic-net-of-10-20-mm" in extension["rules"]
    assert extension["knowledge"] == KNOWLEDGE.version


def test_extension_has_each_finding_with_its_evidence(cards: dict[str, dict[str, Any]]) -> None:
    found = {f["name"]: f for f in cards["management"]["extension"]["org.hoofbeats.card"]["findings"]}

    assert found["tumour_size"] == {
        "name": "tumour_size",
        "value": "15 mm",
        "unit": "mm",
        "date": "2026-03-04",
        "evidence": [{"resource": "Observation/size", "element": "valueQuantity", "date": "2026-03-04"}],
    }


def test_extension_says_none_of_a_set_that_is_empty() -> None:
    held = {**pancreatic_net(), **findings(metastatic_sites=[])}
    nowhere = rule(when={"all": [{"finding": "metastatic_sites", "excludes": ["liver"]}]})

    [card] = cards_of(stated(held), nowhere)

    [found] = card["extension"]["org.hoofbeats.card"]["findings"]
    assert found["value"] == "none"


def test_extension_without_findings_or_gaps_leaves_their_keys_out() -> None:
    anyone = rule(when={"none": [{"finding": "gastrinoma", "is": "yes"}]})
    held = findings(gastrinoma="not applicable")

    [card] = cards_of(held, anyone)

    assert set(card["extension"]["org.hoofbeats.card"]) == {"kind", "statements", "rules", "knowledge"}


def unclear(detail: str) -> str:
    return detail.partition("Not recorded or unclear")[2].partition("**Statements**")[0]


def test_detail_names_the_fact_that_keeps_a_further_rule_undecided() -> None:
    further = rule("further", when={"all": [{"finding": "nodal_status", "is": "N0"}]})

    [card] = cards_of(
        stated({**pancreatic_net(), **findings(nodal_status="not recorded")}), rule(when=_ALWAYS), further
    )

    assert "Nodes" in unclear(card["detail"])


def test_detail_does_not_name_a_fact_that_is_not_recorded_where_nothing_hangs_on_it() -> None:
    settled = {"finding": "primary_site", "is": "pancreas"}, {"finding": "nodal_status", "is": "N0"}

    [card] = cards_of(
        stated({**pancreatic_net(), **findings(nodal_status="not recorded")}), rule(when={"any": list(settled)})
    )

    assert "Nodes" not in card["detail"]


def test_extension_names_missing_items_and_findings(cards: dict[str, dict[str, Any]]) -> None:
    assert {"histopathology", "sstr_imaging"} <= set(cards["work-up"]["extension"]["org.hoofbeats.card"]["missing"])


@pytest.mark.parametrize("kind", ["work-up", "management"])
def test_card_holds_nothing_that_is_empty(cards: dict[str, dict[str, Any]], kind: str) -> None:
    assert list(empties(cards[kind])) == []


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda held: held.id)
def test_card_of_a_rule_holds_nothing_that_is_empty(held: Rule) -> None:
    assert list(empties(only(held, longest()))) == []


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda held: held.id)
def test_card_of_a_rule_cites_every_statement_of_the_rule(held: Rule) -> None:
    detail = only(held, longest())["detail"]

    assert [s.id for s in held.statements if f"**{s.id}**" not in detail] == []


def test_uuid_is_one(cards: dict[str, dict[str, Any]]) -> None:
    assert UUID(cards["management"]["uuid"]).version == 5


def test_uuids_of_a_call_are_all_different() -> None:
    held = [card["uuid"] for card in cards_of(pancreatic_net())]
    held += [s["uuid"] for card in cards_of(pancreatic_net()) for s in card.get("suggestions", ())]

    assert len(set(held)) == len(held)


@pytest.mark.parametrize(
    "changes", [{"hook_instance": "another"}, {"service": "net-surveillance"}], ids=["another call", "another service"]
)
def test_uuid_differs_between_calls_and_services(changes: dict[str, str]) -> None:
    [card] = cards_of(pancreatic_net(), rule())

    [other] = cards_of(pancreatic_net(), rule(), context=replace(CONTEXT, **changes))

    assert card["uuid"] != other["uuid"]


def test_same_call_gets_the_same_bytes() -> None:
    first = json.dumps(cards_of(pancreatic_net()))

    second = json.dumps(cards_of(pancreatic_net()))

    assert first == second
