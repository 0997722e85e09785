"""Groups of criteria follow Kleene's logic, and tell which of their criteria the truth still hangs on."""

import pytest
from stated import findings, parse_when

from cards.criteria import Criterion, Group, Judgement, judge
from mappings.truth import Truth

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
_WRITTEN = {T: "yes", F: "no", U: "unknown"}

_GASTRINOMA = {"finding": "gastrinoma", "is": "yes"}
_TREATED = {"finding": "treated", "is": "yes"}
_INVASION = {"finding": "local_invasion", "is": "yes"}


def judged(when: dict[str, object], **values: str) -> Judgement:
    held = findings(**values)

    def holds(criterion: Criterion) -> Truth:
        return criterion.holds(held[criterion.finding.name])

    group = parse_when(when)
    assert isinstance(group, Group)
    return judge(group, holds)


@pytest.mark.parametrize(
    ("one", "other", "all_of", "any_of", "none_of"),
    [
        (T, T, T, T, F),
        (T, F, F, T, F),
        (T, U, U, T, F),
        (F, T, F, T, F),
        (F, F, F, F, T),
        (F, U, F, U, U),
        (U, T, U, T, F),
        (U, F, F, U, U),
        (U, U, U, U, U),
    ],
)
def test_group_follows_kleene(one: Truth, other: Truth, all_of: Truth, any_of: Truth, none_of: Truth) -> None:
    values = {"gastrinoma": _WRITTEN[one], "treated": _WRITTEN[other]}

    truths = [judged({join: [_GASTRINOMA, _TREATED]}, **values).truth for join in ("all", "any", "none")]

    assert truths == [all_of, any_of, none_of]


def test_joins_beside_each_other_all_have_to_hold() -> None:
    both = {"all": [_GASTRINOMA], "none": [_TREATED]}

    truth = judged(both, gastrinoma="yes", treated="yes").truth

    assert truth is F


def test_every_part_is_judged_even_where_the_truth_is_settled() -> None:
    judgement = judged({"all": [_GASTRINOMA, _TREATED]}, gastrinoma="no", treated="yes")

    assert [truth for _, truth in judgement.criteria()] == [F, T]


def test_criteria_of_nested_groups_come_in_the_order_of_the_rule() -> None:
    judgement = judged({"all": [{"any": [_TREATED, _INVASION]}, _GASTRINOMA]})

    assert [str(criterion) for criterion, _ in judgement.criteria()] == [
        "Treated: yes",
        "Local invasion: yes",
        "Gastrinoma: yes",
    ]


def test_truth_hangs_on_each_unknown_criterion_of_an_unknown_group() -> None:
    judgement = judged({"all": [_GASTRINOMA, {"any": [_TREATED, _INVASION]}]}, treated="no")

    assert [str(criterion) for criterion in judgement.open()] == ["Gastrinoma: yes", "Local invasion: yes"]


def test_truth_does_not_hang_on_an_unknown_criterion_in_a_settled_group() -> None:
    judgement = judged({"all": [_GASTRINOMA, {"any": [_TREATED, _INVASION]}]}, treated="yes")

    assert [str(criterion) for criterion in judgement.open()] == ["Gastrinoma: yes"]


def test_truth_hangs_on_nothing_where_the_whole_is_settled() -> None:
    judgement = judged({"all": [_GASTRINOMA, _TREATED]}, gastrinoma="no")

    assert list(judgement.open()) == []
