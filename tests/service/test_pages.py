"""Every rule, statement, finding and value set has its page, which says in words what the files say."""

from __future__ import annotations

from flask.testing import FlaskClient
from page_reading import every_page, page, section

from cards.knowledge import shipped_knowledge

KNOWLEDGE = shipped_knowledge()
RULE = "/rules/endoscopic-resection-of-small-duodenal-net"
MEN1_RULE = "/rules/surgery-order-in-men1"


def test_every_rule_has_a_page() -> None:
    shown = {rule.id: every_page()[f"/rules/{rule.id}"].all("h1")[0].text for rule in KNOWLEDGE.rules}

    assert shown == {rule.id: " ".join(rule.title.split()) for rule in KNOWLEDGE.rules}


def test_every_statement_has_a_page() -> None:
    shown = {name: every_page()[f"/statements/{name}"].all("h1")[0].text for name in KNOWLEDGE.statements}

    assert shown == {name: f"{name} {statement.text}" for name, statement in KNOWLEDGE.statements.items()}


def test_every_value_set_has_a_page() -> None:
    sets = KNOWLEDGE.terminology.value_sets

    lacking = [name for name, held in sets.items() if held.meaning not in every_page()[f"/value-sets/{name}"].text]

    assert lacking == []


def test_criteria_are_a_table_in_words(client: FlaskClient) -> None:
    table = section(page(client, RULE), "When the rule speaks").all("table")[0]

    assert [row[:3] for row in table.rows()[:5]] == [
        ["Joined by", "Fact", "Has to be"],
        ["", "Diagnosis", "active"],
        ["and", "Primary site", "duodenum"],
        ["and", "Tumour size", "at most 10 mm"],
        ["and", "Grade", "G1"],
    ]


def test_criteria_say_what_each_fact_means(client: FlaskClient) -> None:
    table = section(page(client, RULE), "When the rule speaks").all("table")[0]

    assert table.rows()[3][3] == KNOWLEDGE.vocabulary["tumour_size"].meaning


def test_nested_criteria_are_read_with_their_joins(client: FlaskClient) -> None:
    table = section(page(client, MEN1_RULE), "When the rule speaks").all("table")[0]

    assert [row[:3] for row in table.rows()[5:]] == [
        ["and", "At least one of these holds:"],
        ["", "Functional syndromes", "includes gastrinoma"],
        ["or", "All of these hold:"],
        ["", "Function", "non-functioning"],
        ["and", "Tumour size", "at most 20 mm"],
    ]


def test_exceptions_are_a_table_of_their_own(client: FlaskClient) -> None:
    table = section(page(client, RULE), "When the rule speaks").all("table")[1]

    assert table.all("caption")[0].text == "The rule is silent where: at least one of these holds:"
    assert table.rows()[1][:3] == ["", "Subsite", "periampullary or ampulla"]


def test_statement_on_a_rule_page_names_source_place_strength_and_verdict(client: FlaskClient) -> None:
    told = section(page(client, RULE), "Statements it rests on").all("article")[0].text

    statement = KNOWLEDGE.statements["DUO-TX-01"]
    for part in (statement.text, statement.source.title, statement.locator, statement.strength, statement.guidance):
        assert part in told
    assert "Current guidance agrees" in told


def test_conflict_on_a_rule_page_has_both_sides(client: FlaskClient) -> None:
    told = section(page(client, RULE), "Where sources differ").text

    assert 'Surgery is indicated at "10-20 mm" and above DUO-TX-03' in told
    assert "Interdisciplinary discussion; local excision is an option DUO-GOV-02 , DUO-TX-07" in told


def test_cases_are_a_table_of_changes_and_decisions(client: FlaskClient) -> None:
    typical, cases = section(page(client, RULE), "Cases").all("table")

    assert ["Tumour size", "10 mm"] in typical.rows()
    assert ["Tumour size: 10.1 mm", "the rule is silent"] in cases.rows()
    assert ["Diagnosis: not recorded", "undecided, a fact is missing"] in cases.rows()


def test_rule_page_has_the_thirteen_source_attributes(client: FlaskClient) -> None:
    table = section(page(client, RULE), "Source attributes").all("table")[0]

    assert len(table.rows()) == 1 + 13
    assert ["Use of race", "Not used"] in table.rows()


def test_rule_page_tells_status_and_content_hash(client: FlaskClient) -> None:
    told = section(page(client, RULE), "Version").text

    rule = next(rule for rule in KNOWLEDGE.rules if RULE.endswith(rule.id))
    assert f"Content hash {rule.hash}" in told
    assert "Draft: not reviewed by a clinician" in told


def test_rule_page_tells_what_would_be_dangerous_literally(client: FlaskClient) -> None:
    held = page(client, "/rules/surgical-evaluation-of-duodenal-gastrinoma")

    assert "MEN1" in section(held, "Not to be taken literally").text


def test_rule_page_links_the_rules_of_its_topic(client: FlaskClient) -> None:
    held = page(client, "/rules/sstr-pet-at-staging-of-duodenal-net")

    links = section(held, "When the rule speaks").all("a")
    assert "/rules/sstr-imaging-at-staging" in [link.attributes["href"] for link in links]


def test_statement_page_links_references_and_rules(client: FlaskClient) -> None:
    links = [link.attributes["href"] for link in page(client, "/statements/DUO-TX-01").all("main")[0].all("a")]

    assert "https://jgo.amegroups.org/article/view/87733/html" in links
    assert RULE in links


def test_background_statement_says_why_no_rule_rests_on_it(client: FlaskClient) -> None:
    told = section(page(client, "/statements/GI-PX-03"), "What rests on it").text

    assert "It reports a fact; nothing is to be done because of it." in told
    assert "The word must not be displayed to clinicians or patients as a fact." in told


def test_every_statement_is_used_or_says_why_not() -> None:
    uses = {name: section(every_page()[f"/statements/{name}"], "What rests on it") for name in KNOWLEDGE.statements}

    said = "What rests on it Background: no rule rests on it."
    assert [name for name, use in uses.items() if not use.all("a") and not use.text.removeprefix(said)] == []


def test_grading_statement_names_the_finding_that_is_computed_by_it(client: FlaskClient) -> None:
    use = section(page(client, "/statements/GEN-GR-01"), "What rests on it")

    assert "/findings#grade" in [link.attributes["href"] for link in use.all("a")]


def test_every_finding_stands_on_the_page_of_findings(client: FlaskClient) -> None:
    articles = page(client, "/findings").all("article")

    assert [article.attributes["id"] for article in articles] == list(KNOWLEDGE.vocabulary)


def test_finding_tells_meaning_values_unit_resources_value_sets_and_rules(client: FlaskClient) -> None:
    articles = page(client, "/findings?q=tumour_size").all("article")

    told = next(article for article in articles if article.attributes["id"] == "tumour_size").text
    for part in ("Largest diameter", "a number, in mm", "Read from Observation", "Value sets Tumour size", "rules"):
        assert part in told


def test_value_set_marks_codes_of_a_single_source(client: FlaskClient) -> None:
    rows = page(client, "/value-sets/neuroendocrine_neoplasm").all("table")[0].rows()

    assert ["714810002", "Benign carcinoid tumor", "SNOMED CT", "OMOP single source"] in rows


def test_value_set_says_what_was_left_out_and_why(client: FlaskClient) -> None:
    name, left_out = next((v.name, v.left_out[0]) for v in KNOWLEDGE.terminology.value_sets.values() if v.left_out)

    rows = section(page(client, f"/value-sets/{name}"), "Left out on purpose").all("table")[0].rows()

    assert [left_out.code, left_out.system, left_out.reason] in rows


def test_sources_list_documents_and_references(client: FlaskClient) -> None:
    held = page(client, "/sources")

    assert len(section(held, "Documents").all("article")) == 6
    assert len(section(held, "References").all("li")) == len(KNOWLEDGE.sources) - 6


def test_every_conflict_is_listed(client: FlaskClient) -> None:
    articles = page(client, "/conflicts").all("article")

    assert [article.attributes["id"] for article in articles] == list(KNOWLEDGE.conflicts)
