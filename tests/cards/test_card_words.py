"""Findings, facts and statements are put in the words of a clinician."""

from dataclasses import replace

import pytest
from stated import KNOWLEDGE, VOCABULARY, decisions, findings, rule

from cards.words import because, citations, facts_table, tumour_in_words, value_in_words
from mappings.dates import read_date
from mappings.findings import Evidence, Finding, given, known, unknown


@pytest.mark.parametrize(
    ("name", "written", "words"),
    [
        ("tumour_size", "8 mm", "8 mm"),
        ("tumour_size", "1.25 cm", "12.5 mm"),
        ("ki67_index", "<1 %", "<1 %"),
        ("ki67_index", "3-5 %", "3–5 %"),
        ("ki67_index", "≥20 %", "≥20 %"),
        ("lesion_count", "2", "2"),
        ("grade", "G3-NET", "NET G3"),
        ("grade", "G3-unspecified", "G3, differentiation not stated"),
        ("primary_site", "jejunum-ileum", "jejunum or ileum"),
        ("sstr_imaging", "absent", "not found and not on order"),
        ("sstr_imaging", "ordered", "on order"),
        ("metastatic_sites", ["lung", "liver"], "liver, lung"),
        ("metastatic_sites", [], "none"),
        ("functional_syndromes", ["carcinoid-syndrome", "vipoma"], "carcinoid syndrome, VIPoma"),
        ("open_orders", ["sstr_imaging"], "somatostatin-receptor imaging"),
        ("age", "36 a", "36 years"),
        ("months_since_echocardiography", "14 mo", "14 months"),
        ("grade", "not recorded", "not recorded"),
        ("grade", "unknown", "not stated"),
        ("grade", "not applicable", "does not apply"),
    ],
)
def test_value_is_said_as_a_clinician_would_read_it(name: str, written: object, words: str) -> None:
    finding = findings(**{name: written})[name]

    assert value_in_words(finding, VOCABULARY[finding.name]) == words


def test_value_of_which_nothing_is_told_is_unknown() -> None:
    assert value_in_words(unknown("grade", ""), VOCABULARY["grade"]) == "unknown"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"primary_site": "duodenum", "grade": "G1", "tumour_size": "8 mm"}, "Duodenal NET G1 8 mm"),
        ({"primary_site": "pancreas", "grade": "G3-NET"}, "Pancreatic NET G3"),
        ({"primary_site": "pancreas", "grade": "NEC", "tumour_size": "30 mm"}, "Pancreatic NEC 30 mm"),
        ({"primary_site": "unknown-primary", "grade": "G2"}, "NET of unknown primary G2"),
        ({"primary_site": "jejunum-ileum"}, "Small-bowel NET"),
        ({"primary_site": "jejunum-ileum", "grade": "NEC"}, "Small-bowel NEC"),
        ({"primary_site": "unknown-primary", "grade": "NEC"}, "NEC of unknown primary"),
        ({"primary_site": "other", "grade": "G1"}, "Neuroendocrine neoplasm G1"),
        ({"tumour_size": "<5 mm"}, "Neuroendocrine neoplasm <5 mm"),
        ({"primary_site": "rectum", "grade": "indeterminate"}, "Rectal NET"),
        ({}, "Neuroendocrine neoplasm"),
    ],
)
def test_tumour_is_named_as_far_as_it_is_known(values: dict[str, object], words: str) -> None:
    assert tumour_in_words(findings(**values)) == words


def row_of(finding: Finding) -> str:
    """The one row of the table of facts."""
    [_, _, row] = facts_table([VOCABULARY[finding.name]], given({finding.name: finding}))
    return row


def evidence(resource: str, day: str, *, by_text: bool = False) -> Evidence:
    return Evidence(resource, "value", read_date(day), "", by_text)


def test_fact_is_shown_with_its_value_date_and_resource() -> None:
    row = row_of(known("grade", "G1", (evidence("Observation/1", "2026-01-02"),)))

    assert row == "| Grade | G1 | 2026-01-02 | Observation/1 |"


def test_fact_of_a_partial_date_shows_no_more_than_the_record_says() -> None:
    row = row_of(known("grade", "G1", (evidence("Observation/1", "2026-01"),)))

    assert "| 2026-01 |" in row


@pytest.mark.parametrize(
    ("name", "value", "proof"),
    [("insulinoma", "no", "complete search"), ("sstr_pet_available", "no", "setting of this site")],
)
def test_fact_without_date_and_resource_says_what_it_follows_from(name: str, value: str, proof: str) -> None:
    assert row_of(known(name, value)) == f"| {VOCABULARY[name].label} | {value} | – | {proof} |"


def test_fact_shows_three_of_its_resources_and_counts_the_rest() -> None:
    proof = tuple(evidence(f"Observation/{number}", "2026-01-02") for number in range(5))

    row = row_of(known("grade", "G1", proof))

    assert row.endswith("| Observation/0, Observation/1, Observation/2 and 2 more |")


@pytest.mark.parametrize(("number", "end"), [(3, "Observation/2 |"), (4, "Observation/2 and 1 more |")])
def test_fact_counts_no_more_resources_than_it_leaves_out(number: int, end: str) -> None:
    proof = tuple(evidence(f"Observation/{place}", "2026-01-02") for place in range(number))

    assert row_of(known("grade", "G1", proof)).endswith(end)


def test_fact_that_rests_on_text_says_so() -> None:
    row = row_of(known("primary_site", "duodenum", (evidence("Condition/1", "2026-01-02", by_text=True),)))

    assert row.endswith("| Condition/1 (by its text) |")


@pytest.mark.parametrize("written", ["unknown", "not recorded", "not applicable"])
def test_finding_without_value_is_no_fact(written: str) -> None:
    assert facts_table([VOCABULARY["grade"]], findings(grade=written)) == []


def test_step_that_was_not_found_is_no_fact() -> None:
    assert facts_table([VOCABULARY["sstr_imaging"]], findings(sstr_imaging="absent")) == []


def test_reason_names_the_facts_that_made_the_rule_speak() -> None:
    small = rule(
        when={
            "all": [
                {"finding": "diagnosis_status", "is": "active"},
                {"finding": "primary_site", "is": "duodenum"},
                {"finding": "tumour_size", "at_most": 10, "unit": "mm"},
                {"finding": "grade", "is": "G1"},
            ]
        }
    )
    values = {"diagnosis_status": "active", "primary_site": "duodenum", "tumour_size": "8 mm", "grade": "G1"}
    [decision] = decisions(small, **values)

    assert because(decision, findings(**values)) == "tumour size: 8 mm; grade: G1"


def test_reason_names_a_contradiction_that_made_the_rule_speak() -> None:
    unclear = rule(when={"all": [{"finding": "grade", "contradicted": True}]})
    [decision] = decisions(unclear, grade="contradictory")

    assert because(decision, findings(grade="contradictory")) == "grade: contradictory or unreadable"


def test_statements_stand_under_their_source_with_place_strength_and_verdict() -> None:
    statement = KNOWLEDGE.statements["GEN-WU-03"]

    assert citations([statement]) == [
        f"{statement.source}:",
        "",
        "- **GEN-WU-03** Immunostaining for chromogranin A is an essential general marker of NET. "
        "(Mandatory Histopathological Confirmation, line 28; strength: none given; current guidance agrees)",
        "",
    ]


def test_source_of_several_statements_is_named_once() -> None:
    lines = citations([KNOWLEDGE.statements[name] for name in ("GEN-WU-03", "DUO-WU-03", "GEN-WU-04")])

    assert [line for line in lines if line.endswith(":")] == [
        f"{KNOWLEDGE.sources[name]}:" for name in ("general-document", "duodenal-document")
    ]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("agrees", "current guidance agrees"),
        ("outdated", "superseded by current guidance"),
        ("disputed", "current sources differ"),
        ("unverifiable", "no current source was found"),
    ],
)
def test_citation_says_how_current_guidance_sees_a_statement(verdict: str, words: str) -> None:
    statement = replace(KNOWLEDGE.statements["GEN-WU-03"], verdict=verdict, guidance="")

    assert citations([statement])[2].endswith(f"; {words})")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("agrees", "commonly held, not checked against current guidance"),
        ("outdated", "held to be superseded, not checked against current guidance"),
        ("disputed", "held to be disputed, not checked against current guidance"),
        ("unverifiable", "no current source was found"),
    ],
)
def test_citation_claims_no_guidance_that_nobody_looked_up(verdict: str, words: str) -> None:
    statement = replace(KNOWLEDGE.statements["GEN-WU-03"], verdict=verdict, guidance="", was_checked=False)

    assert citations([statement])[2].endswith(f"; {words})")


def test_extension_without_a_source_says_that_none_was_looked_up() -> None:
    extension = next(s for s in KNOWLEDGE.statements.values() if s.is_extension and not s.was_checked)

    assert citations([extension])[2].endswith("commonly held; no source was looked up)")


def test_extension_stands_under_a_heading_that_says_no_source_document_has_it() -> None:
    assert citations([KNOWLEDGE.statements["EXT-02"]])[0].startswith("Specialist additions not found in any source")
