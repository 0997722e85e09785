"""A criterion is true, false or unknown of a finding, for every comparator and every state of a finding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from stated import criterion, findings

from cards.criteria import Criterion
from mappings.amounts import Amount
from mappings.findings import known, unknown
from mappings.truth import Truth

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


@pytest.mark.parametrize(
    ("comparison", "truth"),
    [
        ({"is": "duodenum"}, U),
        ({"is": "stomach"}, F),
        ({"in": ["duodenum", "stomach"]}, U),
        ({"in": ["duodenum", "pancreas"]}, T),
        ({"in": ["duodenum", "pancreas", "stomach"]}, T),
        ({"in": ["stomach", "colon"]}, F),
        ({"recorded": True}, F),
        ({"contradicted": True}, T),
    ],
)
def test_of_two_values_holds_what_holds_for_each(comparison: dict[str, object], truth: Truth) -> None:
    torn = replace(unknown("primary_site", "", (), ("a and b",)), among=frozenset({"duodenum", "pancreas"}))

    held = criterion(finding="primary_site", **comparison).holds(torn)

    assert held is truth


@pytest.mark.parametrize(
    ("comparison", "written", "truth"),
    [
        ({"is": "G1"}, "G1", T),
        ({"is": "G1"}, "G2", F),
        ({"is": "G1"}, "unknown", U),
        ({"is": "G1"}, "not recorded", U),
        ({"is": "G1"}, "not applicable", F),
        ({"in": ["G1", "G2"]}, "G2", T),
        ({"in": ["G1", "G2"]}, "NEC", F),
        ({"in": ["G1", "G2"]}, "unknown", U),
        ({"in": ["G1", "G2"]}, "not recorded", U),
        ({"in": ["G1", "G2"]}, "not applicable", F),
        ({"recorded": True}, "G1", T),
        ({"recorded": True}, "not recorded", F),
        ({"recorded": True}, "unknown", U),
        ({"recorded": True}, "not applicable", F),
        ({"recorded": False}, "G1", F),
        ({"recorded": False}, "not recorded", T),
        ({"recorded": False}, "unknown", U),
        ({"recorded": False}, "not applicable", F),
        ({"contradicted": True}, "G1", F),
        ({"contradicted": True}, "not recorded", F),
        ({"contradicted": True}, "unknown", U),
        ({"contradicted": True}, "not applicable", F),
    ],
)
def test_category_is_compared_by_its_value(comparison: dict[str, object], written: str, truth: Truth) -> None:
    of_grade = criterion(finding="grade", **comparison)

    held = of_grade.holds(findings(grade=written)["grade"])

    assert held is truth


@pytest.mark.parametrize(
    ("comparison", "truth"),
    [
        ({"is": "G1"}, U),
        ({"in": ["G1", "G2"]}, U),
        ({"recorded": True}, F),
        ({"recorded": False}, T),
        ({"contradicted": True}, T),
    ],
)
def test_record_that_contradicts_itself_has_nothing_that_anybody_could_use(
    comparison: dict[str, object], truth: Truth
) -> None:
    two_grades = unknown("grade", "the record contradicts itself", conflicts=("Observation/1: G1", "Observation/2: G2"))

    held = criterion(finding="grade", **comparison).holds(two_grades)

    assert held is truth


@pytest.mark.parametrize(
    ("written", "truth"),
    [("absent", T), ("done", F), ("ordered", F), ("unknown", U), ("not applicable", F)],
)
def test_step_is_absent_only_where_the_record_says_so(written: str, truth: Truth) -> None:
    not_found = criterion(finding="sstr_imaging", **{"is": "absent"})

    held = not_found.holds(findings(sstr_imaging=written)["sstr_imaging"])

    assert held is truth


@pytest.mark.parametrize(
    ("comparator", "written", "truth"),
    [
        ("at_most", "9.9 mm", T),
        ("at_most", "10 mm", T),
        ("at_most", "10.1 mm", F),
        ("at_most", "1 cm", T),
        ("at_most", "<10 mm", T),
        ("at_most", ">10 mm", F),
        ("at_most", "≥10 mm", U),
        ("at_most", "8-12 mm", U),
        ("at_most", "10-12 mm", U),
        ("less_than", "9.9 mm", T),
        ("less_than", "10 mm", F),
        ("less_than", "10.1 mm", F),
        ("less_than", "<10 mm", T),
        ("less_than", "≤10 mm", U),
        ("less_than", "8-12 mm", U),
        ("at_least", "9.9 mm", F),
        ("at_least", "10 mm", T),
        ("at_least", "10.1 mm", T),
        ("at_least", "<10 mm", F),
        ("at_least", "≤10 mm", U),
        ("at_least", ">10 mm", T),
        ("at_least", "8-12 mm", U),
        ("more_than", "9.9 mm", F),
        ("more_than", "10 mm", F),
        ("more_than", "10.1 mm", T),
        ("more_than", ">10 mm", T),
        ("more_than", "≥10 mm", U),
        ("more_than", "8-10 mm", F),
        ("more_than", "8-12 mm", U),
        ("at_most", "unknown", U),
        ("less_than", "unknown", U),
        ("at_least", "unknown", U),
        ("more_than", "unknown", U),
        ("at_most", "not recorded", U),
        ("more_than", "not recorded", U),
        ("at_most", "not applicable", F),
        ("less_than", "not applicable", F),
        ("at_least", "not applicable", F),
        ("more_than", "not applicable", F),
    ],
)
def test_amount_is_compared_as_an_interval(comparator: str, written: str, truth: Truth) -> None:
    against_10_mm = criterion(finding="tumour_size", unit="mm", **{comparator: 10})

    held = against_10_mm.holds(findings(tumour_size=written)["tumour_size"])

    assert held is truth


@pytest.mark.parametrize(
    ("comparator", "members", "complete", "truth"),
    [
        ("includes", {"insulinoma"}, True, T),
        ("includes", {"insulinoma"}, False, T),
        ("includes", {"gastrinoma"}, True, F),
        ("includes", {"gastrinoma"}, False, U),
        ("includes", set(), True, F),
        ("includes", set(), False, U),
        ("excludes", {"insulinoma"}, True, F),
        ("excludes", {"insulinoma"}, False, F),
        ("excludes", {"gastrinoma"}, True, T),
        ("excludes", {"gastrinoma"}, False, U),
        ("excludes", set(), True, T),
        ("excludes", set(), False, U),
    ],
)
def test_set_lacks_a_member_only_where_it_is_complete(
    comparator: str, members: set[str], complete: bool, truth: Truth
) -> None:
    syndromes = known("functional_syndromes", frozenset(members), complete=complete)

    held = criterion(finding="functional_syndromes", **{comparator: ["insulinoma", "vipoma"]}).holds(syndromes)

    assert held is truth


@pytest.mark.parametrize("comparator", ["includes", "excludes"])
@pytest.mark.parametrize(("written", "truth"), [("unknown", U), ("not recorded", U), ("not applicable", F)])
def test_set_without_value_says_nothing_of_its_members(comparator: str, written: str, truth: Truth) -> None:
    held = criterion(finding="metastatic_sites", **{comparator: ["liver"]}).holds(
        findings(metastatic_sites=written)["metastatic_sites"]
    )

    assert held is truth


_AMOUNTS = st.tuples(st.decimals(0, 40, places=1), st.decimals(0, 40, places=1), st.booleans(), st.booleans()).map(
    lambda ends: Amount(min(ends[:2]), max(ends[:2]), "mm", ends[2], ends[3])
)


@given(_AMOUNTS)
def test_at_most_and_more_than_are_opposites_for_every_interval(amount: Amount) -> None:
    size = known("tumour_size", amount)

    at_most = criterion(finding="tumour_size", at_most=20, unit="mm").holds(size)
    more_than = criterion(finding="tumour_size", more_than=20, unit="mm").holds(size)

    assert at_most is ~more_than


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (criterion(finding="grade", **{"is": "G1"}), "Grade: G1"),
        (criterion(finding="grade", **{"in": ["G1", "G2"]}), "Grade: G1 or G2"),
        (criterion(finding="grade", recorded=True), "Grade is recorded"),
        (criterion(finding="grade", recorded=False), "Grade is not recorded"),
        (criterion(finding="grade", contradicted=True), "Grade is contradictory or unreadable"),
        (criterion(finding="tumour_size", at_most=10, unit="mm"), "Tumour size at most 10 mm"),
        (criterion(finding="tumour_size", less_than=2.5, unit="mm"), "Tumour size less than 2.5 mm"),
        (criterion(finding="metastatic_sites", includes=["liver"]), "Metastatic sites include liver"),
        (criterion(finding="metastatic_sites", excludes=["liver"]), "Metastatic sites do not include liver"),
    ],
)
def test_criterion_reads_as_a_clinician_would_say_it(written: Criterion, words: str) -> None:
    assert str(written) == words
