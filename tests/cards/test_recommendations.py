"""What is shown: one recommendation a kind, merged by topic, the more specific source speaking."""

import pytest
from stated import advice, rule

from cards.recommend import Point


def names(decisions: tuple[object, ...]) -> list[str]:
    return [decision.rule.id for decision in decisions]  # type: ignore[attr-defined]


def point_of(*rules: object) -> Point:
    [recommendation] = advice(*rules)  # type: ignore[arg-type]
    [point] = recommendation.points
    return point


def test_rules_of_different_topics_are_points_of_one_recommendation() -> None:
    [recommendation] = advice(rule("a", topic="surgery"), rule("b", topic="drugs"))

    assert [point.topic for point in recommendation.points] == ["surgery", "drugs"]


def test_rules_of_one_topic_and_one_source_speak_together() -> None:
    point = point_of(rule("a"), rule("b"))

    assert (names(point.speaking), names(point.merged)) == (["a", "b"], [])


@pytest.mark.parametrize("specific", ["DUO-TX-14", "PNET-TX-01", "UNK-TX-02"])
@pytest.mark.parametrize("general", ["GEN-TX-04", "GI-TX-09"])
def test_organ_document_speaks_before_general_and_gastrointestinal_document(specific: str, general: str) -> None:
    point = point_of(rule("general", statements=(general,)), rule("specific", statements=(specific,)))

    assert (names(point.speaking), names(point.merged)) == (["specific"], ["general"])


def test_general_document_speaks_before_gastrointestinal_document() -> None:
    point = point_of(rule("gi", statements=("GI-TX-09",)), rule("general", statements=("GEN-TX-04",)))

    assert (names(point.speaking), names(point.merged)) == (["general"], ["gi"])


def test_rule_of_two_sources_has_the_precedence_of_the_more_specific_one() -> None:
    point = point_of(rule("general", statements=("GEN-TX-04",)), rule("both", statements=("GI-TX-09", "PNET-TX-01")))

    assert (names(point.speaking), names(point.merged)) == (["both"], ["general"])


def test_both_sides_of_a_listed_conflict_stay_together() -> None:
    surveillance = rule("surveillance", statements=("GEN-TX-06",))
    resection = rule("resection", statements=("PNET-TX-03",))

    point = point_of(surveillance, resection)

    assert (names(point.speaking), names(point.merged)) == (["resection", "surveillance"], [])


def test_sides_of_a_conflict_are_merged_for_a_patient_whom_it_does_not_concern() -> None:
    surveillance = rule("surveillance", statements=("GEN-TX-06",))
    resection = rule("resection", statements=("PNET-TX-03",))

    [recommendation] = advice(surveillance, resection, primary_site="pancreas", tumour_size="25 mm")

    assert names(recommendation.points[0].speaking) == ["resection"]
    assert recommendation.conflicts == ()


def test_second_source_on_the_same_side_of_a_conflict_is_merged_away() -> None:
    duodenal = rule("duodenal", statements=("DUO-TX-17",))
    general = rule("general", statements=("GEN-TX-20",))

    point = point_of(general, duodenal)

    assert (names(point.speaking), names(point.merged)) == (["duodenal"], ["general"])


def test_more_specific_source_stands_before_a_general_one() -> None:
    [recommendation] = advice(
        rule("gi", topic="a", statements=("GI-TX-09",)), rule("duodenal", topic="b", statements=("DUO-TX-19",))
    )

    assert [point.topic for point in recommendation.points] == ["b", "a"]


def test_optional_marker_stands_last_whatever_its_source() -> None:
    [recommendation] = advice(
        rule("marker", card="surveillance", topic="fu.cga", statements=("DUO-FU-02",)),
        rule("imaging", card="surveillance", topic="fu.imaging", statements=("GEN-FU-04",)),
    )

    assert [point.topic for point in recommendation.points] == ["fu.imaging", "fu.cga"]


def test_less_specific_source_outside_the_conflict_is_merged_away() -> None:
    resection = rule("resection", statements=("PNET-TX-03",))
    unrelated = rule("unrelated", statements=("GEN-TX-04",))

    point = point_of(unrelated, resection)

    assert (names(point.speaking), names(point.merged)) == (["resection"], ["unrelated"])


def test_merged_rule_still_belongs_to_the_recommendation() -> None:
    [recommendation] = advice(rule("gi", statements=("GI-TX-09",)), rule("general", statements=("GEN-TX-04",)))

    assert names(recommendation.decisions) == ["gi", "general"]


def test_most_urgent_rule_of_a_point_speaks_first() -> None:
    rules = [rule(indicator, indicator=indicator) for indicator in ("info", "warning", "critical")]

    [recommendation] = advice(*rules)

    assert names(recommendation.points[0].speaking) == ["critical", "warning", "info"]


def test_point_with_a_warning_stands_first() -> None:
    [recommendation] = advice(rule("a", topic="calm"), rule("b", topic="urgent", indicator="warning"))

    assert [point.topic for point in recommendation.points] == ["urgent", "calm"]


@pytest.mark.parametrize(
    ("indicators", "shown"),
    [
        (("info", "info"), "info"),
        (("info", "warning"), "warning"),
        (("warning", "critical"), "critical"),
    ],
)
def test_recommendation_is_as_urgent_as_its_most_urgent_rule(indicators: tuple[str, str], shown: str) -> None:
    rules = [rule(indicator, topic=indicator, indicator=indicator) for indicator in indicators]

    [recommendation] = advice(*rules)

    assert recommendation.indicator == shown


def test_each_kind_of_card_is_one_recommendation_in_the_order_of_kinds() -> None:
    kinds = ("surveillance", "management", "grade-check", "safety")

    held = advice(*(rule(kind, card=kind) for kind in kinds))

    assert [recommendation.kind for recommendation in held] == ["safety", "grade-check", "management", "surveillance"]


def test_more_urgent_kind_comes_first_whatever_its_place_among_kinds() -> None:
    held = advice(
        rule("safety", card="safety"),
        rule("overdue", card="surveillance", indicator="warning"),
        rule("now", card="management", indicator="critical"),
    )

    assert [recommendation.kind for recommendation in held] == ["management", "surveillance", "safety"]


def test_kind_without_a_rule_that_speaks_is_not_recommended() -> None:
    silent = rule(when={"all": [{"finding": "diagnosis_status", "is": "suspected"}]})

    assert advice(silent) == ()


def test_kind_with_undetermined_rules_only_is_not_recommended() -> None:
    undetermined = rule(when={"all": [{"finding": "grade", "is": "G1"}]})

    assert advice(undetermined) == ()


def test_findings_that_keep_other_rules_of_the_kind_undecided_are_missing() -> None:
    undetermined = rule("b", when={"all": [{"finding": "grade", "is": "G1"}]})

    [recommendation] = advice(rule("a"), undetermined)

    assert recommendation.missing == ("grade",)


def test_two_findings_that_keep_a_rule_undecided_are_missing_and_three_are_not() -> None:
    open_criteria = [
        {"finding": "grade", "is": "G1"},
        {"finding": "nodal_status", "is": "N0"},
        {"finding": "men1", "is": "confirmed"},
    ]
    two = rule("two", when={"all": open_criteria[:2]})
    three = rule("three", when={"all": open_criteria})

    assert [r.missing for r in advice(rule("a"), two)] == [("grade", "nodal_status")]
    assert [r.missing for r in advice(rule("a"), three)] == [()]


def test_findings_that_only_another_kind_misses_are_not_missing() -> None:
    undetermined = rule("b", card="surveillance", when={"all": [{"finding": "grade", "is": "G1"}]})

    [recommendation] = advice(rule("a"), undetermined)

    assert recommendation.missing == ()


def test_of_two_rules_as_specific_the_more_urgent_one_speaks_for_an_item() -> None:
    asked = {"card": "work-up", "items": ("tumour_board",)}

    [recommendation] = advice(
        rule("a", indicator="info", **asked), rule("b", indicator="warning", **asked), tumour_board="absent"
    )

    assert [item.decision.rule.id for item in recommendation.items] == ["b"]
