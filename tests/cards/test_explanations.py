"""An explanation shows why a rule decided as it did, and changes of facts that have been tried and would turn it."""

import pytest
from json_reading import empties
from stated import KNOWLEDGE, RULES, decisions, findings, rule

from cards.decide import decide
from cards.explain import Explanation, as_data, explain, in_words
from cards.rules import Rule
from mappings.dates import read_date
from mappings.findings import Evidence, given, known

_SMALL = rule(
    "small",
    when={
        "all": [
            {"finding": "diagnosis_status", "is": "active"},
            {"finding": "tumour_size", "at_most": 10, "unit": "mm"},
        ]
    },
    unless={"any": [{"finding": "men1", "is": "confirmed"}]},
)


def explained(one: Rule, **values: object) -> Explanation:
    return explain(one, findings(**values))


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda held: held.id)
def test_every_change_that_is_named_turns_the_outcome(held: Rule) -> None:
    explanation = explain(held, given(held.typical))

    tried = [
        decide(held, given({**held.typical, **{change.name: change for change in counterfactual.changes}})).outcome
        for counterfactual in explanation.counterfactuals
    ]

    assert tried == [counterfactual.outcome for counterfactual in explanation.counterfactuals]
    assert tried != []


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda held: held.id)
def test_one_change_is_enough_to_silence_a_rule_that_speaks(held: Rule) -> None:
    explanation = explain(held, given(held.typical))

    assert {len(counterfactual.changes) for counterfactual in explanation.counterfactuals} == {1}


def test_smallest_change_is_the_one_that_is_named() -> None:
    explanation = explained(_SMALL, diagnosis_status="suspected", tumour_size="8 mm", men1="excluded")

    assert [[(f.name, f.value) for f in c.changes] for c in explanation.counterfactuals] == [
        [("diagnosis_status", "active")]
    ]


def test_two_changes_are_named_where_one_is_not_enough() -> None:
    explanation = explained(_SMALL, diagnosis_status="suspected", tumour_size="12 mm", men1="excluded")

    assert {tuple(f.name for f in c.changes) for c in explanation.counterfactuals} == {
        ("diagnosis_status", "tumour_size")
    }


def test_amount_that_would_turn_the_outcome_is_at_the_bound_or_beside_it() -> None:
    explanation = explained(_SMALL, diagnosis_status="active", tumour_size="8 mm", men1="excluded")

    sizes = [str(f.value) for c in explanation.counterfactuals for f in c.changes if f.name == "tumour_size"]

    assert sizes == ["10.1 mm"]


@pytest.mark.parametrize("held", KNOWLEDGE.rules[::7], ids=lambda held: held.id)
def test_explanation_of_nothing_known_names_few_changes(held: Rule) -> None:
    assert len(explain(held, findings()).counterfactuals) <= 5


def test_no_more_than_five_changes_are_named() -> None:
    many = RULES["endoscopic-resection-of-small-duodenal-net"]

    assert len(explain(many, given(many.typical)).counterfactuals) == 5


def test_explanation_in_words_shows_every_criterion_with_its_fact_and_proof() -> None:
    size = known(
        "tumour_size",
        findings(tumour_size="8 mm")["tumour_size"].value or "",
        (Evidence("Observation/1", "valueQuantity", read_date("2026-01-02")),),
    )
    held = given({**findings(diagnosis_status="active", men1="unknown"), "tumour_size": size})

    lines = list(in_words(explain(_SMALL, held), held))

    assert lines[:6] == [
        "Title of small (small): recommend",
        "  asks for",
        "    yes      diagnosis active: active",
        "    yes      tumour size at most 10 mm: 8 mm [Observation/1]",
        "  unless",
        "    unknown  MEN1 confirmed: not stated",
    ]


def test_explanation_in_words_says_what_would_change_it() -> None:
    held = findings(diagnosis_status="active", tumour_size="12 mm", men1="excluded")

    lines = list(in_words(explain(_SMALL, held), held))

    assert lines[-1] == "  would speak if tumour size were 10 mm"


def test_explanation_as_data_names_rule_outcome_and_trace() -> None:
    held = findings(diagnosis_status="active", men1="excluded")

    data = as_data(explain(_SMALL, held), held)

    assert (data["rule"], data["outcome"], data["missing"]) == ("small", "undetermined", ["tumour_size"])
    assert data["when"]["parts"][1] == {
        "criterion": "Tumour size at most 10 mm",
        "truth": "unknown",
        "finding": "tumour_size",
        "value": "not stated",
    }


def test_explanation_as_data_names_the_resources_that_say_so() -> None:
    proof = (Evidence("Condition/1", "clinicalStatus", read_date("2026-01-02")), Evidence("Condition/2", "code"))
    held = given({"diagnosis_status": known("diagnosis_status", "active", proof)})

    [part, _] = as_data(explain(_SMALL, held), held)["when"]["parts"]

    assert part["evidence"] == [
        {"resource": "Condition/1", "element": "clinicalStatus", "date": "2026-01-02"},
        {"resource": "Condition/2", "element": "code"},
    ]


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda held: held.id)
def test_explanation_as_data_holds_nothing_that_is_empty(held: Rule) -> None:
    typical = given(held.typical)

    assert list(empties(as_data(explain(held, typical), typical))) == []


def test_explanation_rests_on_the_decision_that_was_made() -> None:
    held = findings(diagnosis_status="active", tumour_size="8 mm")

    explanation = explain(_SMALL, held)

    assert [explanation.decision] == decisions(_SMALL, tumour_size="8 mm")


def test_size_that_is_not_recorded_turns_the_outcome_once_it_is() -> None:
    asks = RULES["size-depth-nodes-and-metastases-of-duodenal-net"]

    explanation = explain(asks, given(asks.typical))

    assert "1 mm" in [str(f.value) for c in explanation.counterfactuals for f in c.changes if f.name == "tumour_size"]
