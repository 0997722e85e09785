"""Nodes and distant metastases: categories against the problem list, and what is only suspected."""

from __future__ import annotations

import pytest
from chart_builder import Element, Resource, coding, concept, condition, finding, observation, stated, value, words
from finding_examples import NET

from mappings.findings import State


def m(category: int, on: str = "2026-05-04") -> Resource:
    return observation("m_category", stated(f"category_m{category}"), on=on)


def n0(on: str = "2026-05-04") -> Resource:
    return observation("n_category", stated("category_n0"), on=on)


def metastasis(organ: str, on: str = "2026-05-04", **elements: str) -> Resource:
    return condition(f"metastasis_{organ}", on=on, **elements)


UNNAMED = coding("ICD-10-CM", "C7B.8")


@pytest.mark.parametrize("organ", ["liver", "bone", "peritoneum", "lung", "brain"])
def test_metastasis_of_a_distant_organ_on_the_problem_list_is_m1(organ: str) -> None:
    found = value("distant_metastasis", metastasis(organ))

    assert found == "M1"


def test_nodal_metastasis_on_the_problem_list_is_no_distant_one() -> None:
    found = finding("distant_metastasis", metastasis("lymph_node"))

    assert found.state is State.ABSENT


def test_m0_that_is_older_than_a_liver_metastasis_does_not_count() -> None:
    found = value("distant_metastasis", m(0, "2025-05-04"), metastasis("liver", "2026-05-04"))

    assert found == "M1"


def test_m0_that_is_newer_than_a_liver_metastasis_contradicts_it() -> None:
    found = finding("distant_metastasis", m(0, "2026-05-04"), metastasis("liver", "2025-05-04"))

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


@pytest.mark.parametrize("day", ["2026", "2026-05", "2026-05-04", ""])
def test_m0_that_may_be_as_late_as_a_liver_metastasis_contradicts_it(day: str) -> None:
    found = finding("distant_metastasis", m(0, "2026-05-04"), metastasis("liver", day))

    assert found.state is State.UNKNOWN


def test_m1_and_a_liver_metastasis_both_are_evidence() -> None:
    found = finding("distant_metastasis", m(1), metastasis("liver"))

    assert found.value == "M1"
    assert len(found.evidence) == 2


def test_later_m1_overrides_an_earlier_m0() -> None:
    found = value("distant_metastasis", m(0, "2025-05-04"), m(1, "2026-05-04"))

    assert found == "M1"


@pytest.mark.parametrize("category", ["cM0", "pM0", "M0"])
def test_category_in_words_is_read(category: str) -> None:
    found = value("distant_metastasis", observation("m_category", stated(words(category))))

    assert found == "M0"


@pytest.mark.parametrize("category", ["MX", "M0 (i+)", "no distant metastases seen on CT"])
def test_category_that_is_not_understood_is_unknown(category: str) -> None:
    found = finding("distant_metastasis", observation("m_category", stated(words(category))))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize("status", ["provisional", "differential", "unconfirmed"])
def test_suspected_liver_metastasis_leaves_an_earlier_m0_open(status: str) -> None:
    found = finding("distant_metastasis", m(0, "2025-05-04"), metastasis("liver", verification=status))

    assert found.state is State.UNKNOWN


def test_m0_after_a_suspected_liver_metastasis_settles_it() -> None:
    suspected = metastasis("liver", "2025-05-04", verification="provisional")

    found = value("distant_metastasis", suspected, m(0, "2026-05-04"))

    assert found == "M0"


def test_suspected_liver_metastasis_alone_is_unknown_rather_than_absent() -> None:
    found = finding("distant_metastasis", metastasis("liver", verification="provisional"))

    assert found.state is State.UNKNOWN


def test_m1_stands_beside_a_suspected_liver_metastasis() -> None:
    found = value("distant_metastasis", m(1), metastasis("liver", verification="provisional"))

    assert found == "M1"


def test_category_that_is_not_understood_is_named_beside_a_suspected_metastasis() -> None:
    category = observation("m_category", stated(words("MX")))

    found = finding("distant_metastasis", category, metastasis("liver", verification="provisional"))

    assert [conflict.partition(": ")[2] for conflict in found.conflicts] == ["MX could not be read"]


def test_metastasis_without_a_place_leaves_m0_open() -> None:
    found = finding("distant_metastasis", m(0, "2025-05-04"), condition(UNNAMED, on="2026-05-04"))

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(("clinical", "verification"), [("resolved", "confirmed"), ("active", "refuted")])
def test_metastasis_that_is_gone_or_refuted_does_not_count(clinical: str, verification: str) -> None:
    found = value("distant_metastasis", m(0), metastasis("liver", clinical=clinical, verification=verification))

    assert found == "M0"


def test_all_organs_with_metastases_are_named() -> None:
    found = value("metastatic_sites", metastasis("liver"), metastasis("bone"), metastasis("lymph_node"))

    assert found == {"liver", "bone", "lymph-node"}


def test_suspected_metastasis_is_no_metastatic_site() -> None:
    found = value("metastatic_sites", metastasis("liver", verification="provisional"))

    assert found == frozenset()


@pytest.mark.parametrize(
    ("site", "organ"), [("site_liver", "liver"), ("site_bone", "bone"), ("site_lymph_node", "lymph-node")]
)
def test_body_site_tells_the_place_of_a_metastasis_whose_code_does_not(site: str, organ: str) -> None:
    found = value("metastatic_sites", condition(UNNAMED, sites=[site]))

    assert found == {organ}


def test_metastasis_whose_code_and_body_site_both_name_the_liver_is_one() -> None:
    both = {"coding": [*concept("metastasis_liver")["coding"], *UNNAMED["coding"]]}

    found = finding("metastatic_sites", condition(both, id="c1", sites=["site_liver"]))

    assert found.value == {"liver"}
    assert [evidence.resource for evidence in found.evidence] == ["Condition/c1"]


def test_metastases_are_named_in_the_order_of_the_record() -> None:
    by_site = condition(UNNAMED, id="c1", sites=["site_liver"])

    found = finding("metastatic_sites", by_site, {**metastasis("liver"), "id": "c2"})

    assert [evidence.resource for evidence in found.evidence] == ["Condition/c1", "Condition/c2"]


def test_suspected_metastasis_of_the_liver_by_its_body_site_leaves_m0_open() -> None:
    suspected = condition(UNNAMED, sites=["site_liver"], verification="provisional")

    found = finding("distant_metastasis", m(0, "2025-05-04"), suspected)

    assert found.state is State.UNKNOWN


def test_suspected_nodal_metastasis_by_its_body_site_does_not_matter_for_m0() -> None:
    suspected = condition(UNNAMED, sites=["site_lymph_node"], verification="provisional")

    found = value("distant_metastasis", m(0, "2025-05-04"), suspected)

    assert found == "M0"


def test_metastasis_without_a_place_is_of_another_one() -> None:
    found = value("metastatic_sites", condition(UNNAMED))

    assert found == {"other"}


def test_sites_are_incomplete_after_an_incomplete_search() -> None:
    found = finding("metastatic_sites", metastasis("liver"), complete=False)

    assert found.value == frozenset({"liver"})
    assert not found.complete


@pytest.mark.parametrize("day", ["2025-05-04", "2026-05-04", "2026-10-04"])
def test_n0_beside_a_nodal_metastasis_on_the_problem_list_is_a_contradiction(day: str) -> None:
    found = finding("nodal_status", n0("2026-05-04"), metastasis("lymph_node", day))

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


def test_n0_beside_a_nodal_and_a_liver_metastasis_stands() -> None:
    found = value("nodal_status", n0("2026-05-04"), metastasis("lymph_node"), metastasis("liver"))

    assert found == "N0"


def test_nodal_metastasis_on_the_problem_list_alone_is_no_n_category() -> None:
    found = finding("nodal_status", metastasis("lymph_node"))

    assert found.state is State.ABSENT


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([m(1)], "yes"),
        ([observation("unresectable_disease", stated(True))], "yes"),
        ([m(0), observation("unresectable_disease", stated(True))], "yes"),
        ([m(0), observation("unresectable_disease", stated(False))], "no"),
        ([m(0)], "no"),
    ],
)
def test_advanced_is_m1_or_unresectable(resources: list[Element], expected: str) -> None:
    found = value("advanced_disease", NET, *resources)

    assert found == expected


def test_advanced_is_unknown_where_only_resectability_is_stated() -> None:
    found = finding("advanced_disease", NET, observation("unresectable_disease", stated(False)))

    assert found.state is State.UNKNOWN


def test_advanced_is_unknown_where_resectability_contradicts_itself() -> None:
    said = [observation("unresectable_disease", stated(answer)) for answer in (True, False)]

    found = finding("advanced_disease", NET, m(0), *said)

    assert found.state is State.UNKNOWN
