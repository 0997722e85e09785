"""What clinicians state: the latest understood value counts, a newer one that is not understood hides the older."""

from __future__ import annotations

import pytest
from chart_builder import (
    Element,
    coding,
    concept,
    finding,
    local,
    observation,
    quantity,
    said,
    stated,
    value,
    with_date,
    words,
)
from finding_examples import EXAMPLES

from mappings.findings import State

_STATED = [
    "unresectable_disease",
    "progressive_disease",
    "local_invasion",
    "aggressive_course",
    "symptoms_or_malignant_features",
    "fit_for_surgery",
    "liver_metastases_resectable",
    "liver_metastases_multifocal",
    "liver_metastases_few",
    "liver_dominant_disease",
    "painful_bone_metastases",
    "hormone_control_documented",
]
_CHOSEN = [
    *_STATED,
    "tumour_function",
    "sstr_status",
    "differentiation",
    "invasion_depth",
    "tumour_placement",
    "nodal_status",
    "distant_metastasis",
    "gastric_net_type",
]


def edition(method: Element | None, on: str = "2026-05-04") -> Element:
    return observation("tnm_stage_group", said("IIA"), method=method, on=on)


@pytest.mark.parametrize("name", _STATED)
@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (stated(True), "yes"),
        (stated(False), "no"),
        (stated(coding("v2-0136", "Y")), "yes"),
        (stated(coding("v2-0136", "N")), "no"),
        (stated(words("Yes")), "yes"),
        (said("no"), "no"),
    ],
)
def test_yes_and_no_are_read_as_boolean_code_and_word(name: str, shown: Element, expected: str) -> None:
    found = value(name, observation(name, shown))

    assert found == expected


@pytest.mark.parametrize("name", _STATED)
@pytest.mark.parametrize("shown", [said("probably"), stated(local("MAYBE")), quantity(1, code="1")])
def test_anything_but_yes_and_no_is_unknown_and_named(name: str, shown: Element) -> None:
    found = finding(name, observation(name, shown))

    assert found.state is State.UNKNOWN
    assert found.conflicts


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        (said("probably"), "probably"),
        (stated(local("MAYBE")), "MAYBE"),
        (quantity(1, "%"), "1 %"),
        (quantity(1, "points"), "1 points"),
        (stated({"coding": [{"system": "urn:oid:2.999.20.1"}]}), "no value"),
    ],
)
def test_what_is_not_understood_is_named_as_it_was_written(shown: Element, written: str) -> None:
    found = finding("fit_for_surgery", observation("fit_for_surgery", shown))

    assert [conflict.partition(": ")[2] for conflict in found.conflicts] == [f"{written} could not be read"]


@pytest.mark.parametrize("name", _CHOSEN)
def test_later_statement_counts(name: str) -> None:
    one, other = EXAMPLES[name].otherwise

    found = value(name, with_date(one, "2026-05-04"), with_date(other, "2024-05-04"))

    assert found == EXAMPLES[name].value


@pytest.mark.parametrize("name", _CHOSEN)
def test_later_statement_that_is_not_understood_hides_an_earlier_one(name: str) -> None:
    earlier = with_date(EXAMPLES[name].chart[0], "2024-05-04")
    later = observation(earlier["code"], said("equivocal"), on="2026-05-04")

    found = finding(name, earlier, later)

    assert found.state is State.UNKNOWN
    assert "equivocal" in found.conflicts[0]


@pytest.mark.parametrize("name", _CHOSEN)
def test_earlier_statement_that_is_not_understood_does_not_matter(name: str) -> None:
    later = with_date(EXAMPLES[name].chart[0], "2026-05-04")
    earlier = observation(later["code"], said("equivocal"), on="2024-05-04")

    found = value(name, later, earlier)

    assert found == EXAMPLES[name].value


@pytest.mark.parametrize("name", _CHOSEN)
def test_observation_without_a_value_that_says_why_states_nothing(name: str) -> None:
    empty = observation(EXAMPLES[name].chart[0]["code"], dataAbsentReason=words("not assessed"))

    found = finding(name, empty)

    assert found.state is State.ABSENT


@pytest.mark.parametrize("name", _CHOSEN)
def test_observation_without_a_value_that_does_not_say_why_may_have_lost_it(name: str) -> None:
    empty = observation(EXAMPLES[name].chart[0]["code"])

    found = finding(name, EXAMPLES[name].chart[0], empty)

    assert found.state is State.UNKNOWN


def test_local_code_with_words_that_are_understood_is_read_and_marked_as_text() -> None:
    found = finding("nodal_status", observation("n_category", stated(local("N-7", text="pN1"))))

    assert found.value == "N+"
    assert found.evidence[0].by_text


def test_local_code_beside_a_known_one_does_not_matter() -> None:
    both = {"coding": [*local()["coding"], *concept("category_m0")["coding"]]}

    found = value("distant_metastasis", observation("m_category", stated(both)))

    assert found == "M0"


def test_concept_that_means_two_things_is_not_understood() -> None:
    both = {"coding": [*concept("category_m0")["coding"], *concept("category_m1")["coding"]]}

    found = finding("distant_metastasis", observation("m_category", stated(both)))

    assert found.state is State.UNKNOWN


def test_later_course_of_disease_counts_over_an_earlier_boolean() -> None:
    earlier = observation("progressive_disease", stated(False), on="2024-05-04")
    later = observation("disease_progression", stated("progression_worse"), on="2026-05-04")

    found = value("progressive_disease", earlier, later)

    assert found == "yes"


def test_course_of_disease_that_contradicts_a_boolean_of_the_day_is_unknown() -> None:
    boolean = observation("progressive_disease", stated(False))
    course = observation("disease_progression", stated("progression_worse"))

    found = finding("progressive_disease", boolean, course)

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


def test_edition_of_an_older_stage_does_not_count_where_the_latest_names_none() -> None:
    found = finding("tnm_edition", edition(concept("tnm_edition_outdated"), "2015-05-04"), edition(None, "2026-05-04"))

    assert found.state is State.UNKNOWN


def test_edition_in_words_is_read() -> None:
    found = value("tnm_edition", edition(words("UICC 7")))

    assert found == "outdated"


def test_edition_nobody_knows_is_unknown() -> None:
    found = finding("tnm_edition", edition(words("in-house staging")))

    assert found.state is State.UNKNOWN


def test_stage_says_nothing_of_nodes_and_metastases() -> None:
    found = finding("nodal_status", observation("tnm_stage_group", said("IIIB N1")))

    assert found.state is State.ABSENT


@pytest.mark.parametrize("blanks", [" {}", "{} ", "\n{}\t", "\u00a0{}"])
def test_blanks_around_the_system_of_a_value_do_not_hide_what_it_means(blanks: str) -> None:
    meant = concept("category_m1")["coding"][0]
    padded = {"coding": [{**meant, "system": blanks.format(meant["system"])}]}

    assert value("distant_metastasis", observation("m_category", stated(padded))) == "M1"
