"""A rule recommends, is silent or cannot be determined; a rule that breaks takes no other with it."""

import pytest
from stated import decisions, findings, never_fails, rule

from cards.decide import decide, decide_all
from mappings.findings import Finding
from mappings.truth import Truth

_SMALL_AND_G1 = {
    "all": [{"finding": "tumour_size", "at_most": 10, "unit": "mm"}, {"finding": "grade", "is": "G1"}],
}
_UNLESS_AMPULLA = {"any": [{"finding": "primary_subsite", "in": ["ampulla", "periampullary"]}]}


@pytest.mark.parametrize(
    ("size", "grade", "outcome"),
    [
        ("10 mm", "G1", "recommend"),
        ("10.1 mm", "G1", "silent"),
        ("10 mm", "unknown", "undetermined"),
        ("10 mm", "not recorded", "undetermined"),
        ("8-12 mm", "G1", "undetermined"),
        ("8-12 mm", "G2", "silent"),
        ("unknown", "unknown", "undetermined"),
    ],
)
def test_rule_recommends_only_where_its_criteria_are_true(size: str, grade: str, outcome: str) -> None:
    small = rule(when=_SMALL_AND_G1)

    [decision] = decisions(small, tumour_size=size, grade=grade)

    assert decision.outcome.value == outcome


@pytest.mark.parametrize(
    ("subsite", "outcome"),
    [
        ("head", "recommend"),
        ("ampulla", "silent"),
        ("unknown", "recommend"),
        ("not recorded", "recommend"),
        ("not applicable", "recommend"),
    ],
)
def test_exception_silences_a_rule_only_where_it_is_true(subsite: str, outcome: str) -> None:
    small = rule(when=_SMALL_AND_G1, unless=_UNLESS_AMPULLA)

    [decision] = decisions(small, tumour_size="8 mm", grade="G1", primary_subsite=subsite)

    assert decision.outcome.value == outcome


def test_exception_that_is_true_silences_an_undetermined_rule() -> None:
    small = rule(when=_SMALL_AND_G1, unless=_UNLESS_AMPULLA)

    [decision] = decisions(small, tumour_size="8 mm", primary_subsite="ampulla")

    assert decision.outcome.value == "silent"


def test_unknown_exception_is_a_reservation() -> None:
    small = rule(when=_SMALL_AND_G1, unless=_UNLESS_AMPULLA)

    [decision] = decisions(small, tumour_size="8 mm", grade="G1")

    assert [str(criterion) for criterion in decision.reservations()] == ["Subsite: ampulla or periampullary"]


@pytest.mark.parametrize("subsite", ["head", "ampulla"])
def test_known_exception_is_no_reservation(subsite: str) -> None:
    small = rule(when=_SMALL_AND_G1, unless=_UNLESS_AMPULLA)

    [decision] = decisions(small, tumour_size="8 mm", grade="G1", primary_subsite=subsite)

    assert decision.reservations() == ()


def test_exception_that_cannot_come_true_is_no_reservation() -> None:
    both = {
        "all": [{"finding": "men1", "is": "confirmed"}, {"finding": "gastrinoma", "is": "yes"}],
    }

    [decision] = decisions(rule(unless=both), men1="unknown", gastrinoma="no")

    assert decision.reservations() == ()


def test_rule_without_exception_has_no_reservation() -> None:
    [decision] = decisions(rule())

    assert decision.reservations() == ()


def test_undetermined_rule_names_the_findings_that_are_missing() -> None:
    small = rule(when=_SMALL_AND_G1)

    [decision] = decisions(small, tumour_size="unknown", grade="G1")

    assert decision.missing() == ("tumour_size",)


def test_missing_finding_is_named_once() -> None:
    between = rule(
        when={
            "all": [
                {"finding": "tumour_size", "more_than": 10, "unit": "mm"},
                {"finding": "tumour_size", "at_most": 20, "unit": "mm"},
            ]
        }
    )

    [decision] = decisions(between)

    assert decision.missing() == ("tumour_size",)


def test_finding_that_could_no_longer_change_the_outcome_is_not_missing() -> None:
    either = {"any": [{"finding": "gastrinoma", "is": "yes"}, {"finding": "treated", "is": "yes"}]}
    nested = rule(when={"all": [{"finding": "grade", "is": "G1"}, either]})

    [decision] = decisions(nested, gastrinoma="yes")

    assert decision.missing() == ("grade",)


def test_silent_rule_misses_nothing() -> None:
    small = rule(when=_SMALL_AND_G1)

    [decision] = decisions(small, grade="G2")

    assert decision.missing() == ()


def test_trace_tells_the_truth_of_every_criterion() -> None:
    small = rule(when=_SMALL_AND_G1, unless=_UNLESS_AMPULLA)

    [decision] = decisions(small, tumour_size="8 mm", primary_subsite="head")

    assert [truth for _, truth in decision.when.criteria()] == [Truth.TRUE, Truth.UNKNOWN]
    assert decision.unless is not None
    assert decision.unless.truth is Truth.FALSE


class _BreaksOnSize(dict[str, Finding]):
    def __getitem__(self, name: str) -> Finding:
        if name == "tumour_size":
            raise ValueError("8 mm of Jane Doe")
        return super().__getitem__(name)


_BROKEN = _BreaksOnSize(findings(diagnosis_status="active"))


@pytest.mark.parametrize(
    "when",
    [
        {"all": [{"finding": "tumour_size", "at_most": 10, "unit": "mm"}]},
        {"any": [{"finding": "tumour_size", "at_most": 10, "unit": "mm"}]},
    ],
)
def test_rule_that_raises_is_left_out_and_the_others_stay(when: dict[str, object]) -> None:
    rules = (rule("before"), rule("breaks", when=when), rule("after"))

    held = decide_all(rules, _BROKEN, lambda name, error: None)

    assert [decision.rule.id for decision in held] == ["before", "after"]


def test_rule_that_raises_is_told_with_its_error() -> None:
    told: list[tuple[str, str]] = []
    breaks = rule("breaks", when={"all": [{"finding": "tumour_size", "at_most": 10, "unit": "mm"}]})

    decide_all([breaks], _BROKEN, lambda name, error: told.append((name, type(error).__name__)))

    assert told == [("breaks", "ValueError")]


def test_rule_that_one_false_criterion_rules_out_asks_for_no_other_finding() -> None:
    asks_first = rule(
        when={
            "all": [
                {"finding": "diagnosis_status", "is": "suspected"},
                {"finding": "tumour_size", "at_most": 10, "unit": "mm"},
            ]
        }
    )

    held = decide_all([asks_first], _BROKEN, never_fails)

    assert held == []


def test_shortcut_leaves_out_only_what_is_silent() -> None:
    held = findings(diagnosis_status="active", tumour_size="8 mm", grade="G2")
    rules = [rule("silent", when=_SMALL_AND_G1), rule("speaks")]

    decided = decide_all(rules, held, never_fails)

    assert [d.rule.id for d in decided] == [one.id for one in rules if decide(one, held).outcome.value != "silent"]
