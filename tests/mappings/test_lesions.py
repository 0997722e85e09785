"""Size, number, depth and growth of lesions, each by its own identity."""

from __future__ import annotations

import pytest
from chart_builder import (
    DAY,
    Element,
    Resource,
    between,
    coding,
    concept,
    condition,
    finding,
    findings_of,
    local,
    mm,
    observation,
    quantity,
    said,
    stated,
    value,
    without_date,
    words,
)

from mappings.findings import State


def size(amount: Element, lesion: str = "", on: str = "2026-05-04") -> Resource:
    return observation("tumour_size", amount, lesion=lesion, on=on)


def depth(layer: str, lesion: str = "", on: str = "2026-05-04") -> Resource:
    return observation("invasion_depth", stated(f"depth_{layer}"), lesion=lesion, on=on)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (mm(10), "10 mm"),
        (quantity(1.2, "cm"), "12 mm"),
        (quantity(1.2, code="cm"), "12 mm"),
        (quantity(12, "MM"), "12 mm"),
        (quantity(0.5, code="[in_i]"), "12.7 mm"),
        (quantity(0.5, "inch"), "12.7 mm"),
        (quantity(0.012, code="m"), "12 mm"),
        (mm(10, "<"), "<10 mm"),
        (between(1, 2, "cm"), "10–20 mm"),
        (said("8 mm"), "8 mm"),
        (said("1,2 cm"), "12 mm"),
    ],
)
def test_size_is_read_in_millimetres_whatever_its_unit(amount: Element, expected: str) -> None:
    found = value("tumour_size", size(amount))

    assert found == expected


@pytest.mark.parametrize(
    "amount",
    [
        quantity(12),
        quantity(12, "%"),
        quantity(12, "mm2"),
        quantity(12, "units"),
        quantity(12, "m"),
        said("12 x 8 mm"),
        said("12x8mm"),
        said("about 1 cm"),
        said("12"),
        said("T1"),
        said("1,200 mm"),
    ],
)
def test_size_that_nobody_can_tell_is_unknown_and_named(amount: Element) -> None:
    found = finding("tumour_size", size(amount))

    assert found.state is State.UNKNOWN
    assert found.conflicts


def test_largest_of_several_lesions_counts() -> None:
    found = value("tumour_size", size(mm(6), "A"), size(mm(18), "B"), size(mm(9), "C"))

    assert found == "18 mm"


def test_an_older_large_lesion_counts_beside_a_newer_small_one() -> None:
    found = value("tumour_size", size(mm(18), "A", on="2024-01-10"), size(mm(6), "B", on="2026-01-10"))

    assert found == "18 mm"


def test_latest_measurement_of_one_lesion_counts() -> None:
    found = value("tumour_size", size(mm(22), "A", on="2024-01-10"), size(mm(9), "A", on="2026-01-10"))

    assert found == "9 mm"


def test_larger_of_two_measurements_of_one_day_counts() -> None:
    found = value("tumour_size", size(mm(12), "A"), size(mm(14), "A"))

    assert found == "14 mm"


def test_size_is_an_interval_where_a_lesion_is_known_to_one() -> None:
    found = value("tumour_size", size(mm(20, "<"), "A"), size(mm(12), "B"))

    assert found == "12–20 mm"


def test_one_lesion_that_cannot_be_read_leaves_the_largest_unknown() -> None:
    found = finding("tumour_size", size(mm(8), "A"), size(quantity(25), "B"))

    assert found.state is State.UNKNOWN


def test_size_as_a_component_is_read() -> None:
    part = {"code": observation("tumour_size")["code"], **quantity(1.2, "cm")}

    found = value("tumour_size", observation(coding("LOINC", "33731-1"), component=[part]))

    assert found == "12 mm"


@pytest.mark.parametrize(
    ("lesions", "expected"), [(["A"], "1"), (["A", "A"], "1"), (["A", "B"], "2"), (["", ""], "1"), (["", "A"], "1")]
)
def test_lesions_are_counted_by_their_identities(lesions: list[str], expected: str) -> None:
    sizes = [size(mm(5 + number), lesion) for number, lesion in enumerate(lesions)]

    found = value("lesion_count", *sizes)

    assert found == expected


def test_size_and_depth_of_one_identity_are_one_lesion() -> None:
    found = value("lesion_count", size(mm(8), "A"), depth("mucosa", "A"))

    assert found == "1"


def test_observation_without_a_value_is_no_lesion() -> None:
    empty = observation("tumour_size", lesion="A", dataAbsentReason=words("not measured"))

    found = finding("lesion_count", empty)

    assert found.state is State.ABSENT


def test_deepest_lesion_counts() -> None:
    found = value("invasion_depth", depth("mucosa", "A"), depth("muscularis", "B"))

    assert found == "muscularis"


def test_latest_depth_of_one_lesion_counts() -> None:
    found = value("invasion_depth", depth("muscularis", "A", "2024-01-10"), depth("submucosa", "A", "2026-01-10"))

    assert found == "submucosa"


def test_depth_without_any_identity_is_of_one_lesion() -> None:
    found = value("invasion_depth", depth("muscularis", on="2024-01-10"), depth("submucosa", on="2026-01-10"))

    assert found == "submucosa"


@pytest.mark.parametrize("layer", [said("uT2"), stated(local("DEPTH-9"))])
def test_depth_that_is_not_understood_leaves_the_deepest_unknown(layer: Element) -> None:
    found = finding("invasion_depth", depth("mucosa", "A"), observation("invasion_depth", layer, lesion="B"))

    assert found.state is State.UNKNOWN
    assert found.conflicts


def test_depth_that_is_understood_beside_one_that_is_not_leaves_it_unknown() -> None:
    found = finding("invasion_depth", depth("mucosa", "A"), observation("invasion_depth", said("uT2"), lesion="A"))

    assert found.state is State.UNKNOWN
    assert [conflict.partition(": ")[2] for conflict in found.conflicts] == ["uT2 could not be read"]


def test_growth_is_counted_a_year_between_first_and_latest() -> None:
    sizes = [size(mm(12), "A", "2024-05-04"), size(mm(13), "A", "2025-05-04"), size(mm(16), "A", "2026-05-04")]

    found = value("tumour_growth_rate", *sizes)

    assert found == "2 mm/a"


def test_fastest_growing_lesion_counts() -> None:
    slow = [size(mm(18), "A", "2025-05-04"), size(mm(19), "A", "2026-05-04")]
    fast = [size(mm(6), "B", "2025-05-04"), size(mm(12), "B", "2026-05-04")]

    found = value("tumour_growth_rate", *slow, *fast)

    assert found == "6 mm/a"


def test_earlier_size_is_that_of_the_lesion_that_is_largest_now() -> None:
    unchanged = [size(mm(25), "A", "2025-05-04"), size(mm(25), "A", "2026-05-04")]
    growing = [size(mm(6), "B", "2025-05-04"), size(mm(12), "B", "2026-05-04")]

    found = value("prior_tumour_size", *unchanged, *growing)

    assert found == "25 mm"


def test_earlier_size_is_not_known_where_the_largest_lesion_was_measured_once() -> None:
    growing = [size(mm(6), "B", "2025-05-04"), size(mm(12), "B", "2026-05-04")]

    found = finding("prior_tumour_size", size(mm(25), "A", "2026-05-04"), *growing)

    assert found.state is State.UNKNOWN


def test_of_two_lesions_as_large_the_earlier_size_is_that_of_the_one_that_grew() -> None:
    unchanged = [size(mm(20), "A", "2025-05-04"), size(mm(20), "A", "2026-05-04")]
    grown = [size(mm(15), "B", "2025-05-04"), size(mm(20), "B", "2026-05-04")]

    found = value("prior_tumour_size", *unchanged, *grown)

    assert found == "15 mm"


def test_a_shrinking_lesion_has_a_negative_growth() -> None:
    found = value("tumour_growth_rate", size(mm(12), "A", "2025-05-04"), size(mm(10), "A", "2026-05-04"))

    assert found == "-2 mm/a"


def test_growth_over_unlike_units_is_in_millimetres() -> None:
    found = value("tumour_growth_rate", size(quantity(1, "cm"), "A", "2025-05-04"), size(mm(15), "A", "2026-05-04"))

    assert found == "5 mm/a"


@pytest.mark.parametrize(("day", "rate"), [("2026-11-04", "4 mm/a"), ("2026-10-30", "4.13 mm/a")])
def test_growth_is_told_from_about_six_months_on(day: str, rate: str) -> None:
    found = value("tumour_growth_rate", size(mm(12), "A", "2026-05-04"), size(mm(14), "A", day))

    assert found == rate


def test_earlier_size_is_told_from_three_months_on() -> None:
    found = findings_of(size(mm(18), "A", "2026-02-04"), size(mm(20), "A", "2026-05-04"))

    assert str(found["prior_tumour_size"].value) == "18 mm"
    assert found["tumour_growth_rate"].state is State.UNKNOWN


def test_growth_is_never_rounded_up_to_a_bound() -> None:
    found = finding("tumour_growth_rate", size(mm(15), "A", "2025-05-04"), size(mm("19.996"), "A", "2026-05-04"))

    assert str(found.value) == "4.99 mm/a"


def test_growth_is_an_interval_where_a_day_is_only_a_year() -> None:
    found = value("tumour_growth_rate", size(mm(10), "A", "2024"), size(mm(14), "A", "2026-01-01"))

    assert found == "2–3.99 mm/a"


@pytest.mark.parametrize(
    "latest",
    [
        size(mm(14), "A", "2026-05-06"),
        size(mm(14), "A", "2026-08-04"),
        size(mm(14), "A", "2026-10-20"),
        size(mm(14, "<"), "A", "2027-05-04"),
        size(quantity(14), "A", "2026-11-04"),
        without_date(size(mm(14), "A")),
    ],
)
def test_growth_is_unknown_where_two_measurements_do_not_tell(latest: Resource) -> None:
    found = finding("tumour_growth_rate", size(mm(12), "A", "2026-05-04"), latest)

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    "sizes",
    [
        [size(mm(12), "A")],
        [size(mm(12), "A", "2025-05-04"), size(mm(18), "B", "2026-05-04")],
        [size(mm(12), "", "2025-05-04"), size(mm(18), "", "2026-05-04")],
    ],
)
def test_no_growth_is_told_without_two_measurements_of_one_identity(sizes: list[Resource]) -> None:
    found = finding("tumour_growth_rate", *sizes)

    assert found.state is State.ABSENT


def placed(meaning: str, lesion: str, day: str) -> Resource:
    return observation("tumour_placement", stated(meaning), lesion=lesion, on=day)


def test_lesions_that_lie_differently_have_no_placement_however_late_one_was_stated() -> None:
    deep = placed("placement_deep", "A", "2026-01-04")

    found = finding("tumour_placement", deep, placed("placement_peripheral", "B", "2026-05-04"))

    assert found.state is State.UNKNOWN
    assert found.among == {"deep", "peripheral"}


def test_placement_of_one_lesion_is_the_latest() -> None:
    found = value(
        "tumour_placement",
        placed("placement_deep", "A", "2026-01-04"),
        placed("placement_peripheral", "A", "2026-05-04"),
    )

    assert found == "peripheral"


def test_lesions_that_lie_alike_have_their_placement() -> None:
    found = value("tumour_placement", placed("placement_deep", "A", "2026-01-04"), placed("placement_deep", "B", DAY))

    assert found == "deep"


def test_lesion_without_a_size_may_be_the_largest() -> None:
    assert value("tumour_size", size(mm(6), "A"), depth("mucosa", "B")) == "≥6 mm"


def test_lesion_without_a_depth_may_be_the_deepest() -> None:
    found = finding("invasion_depth", depth("submucosa", "A"), size(mm(6), "A"), size(mm(9), "B"))

    assert found.state is State.UNKNOWN
    assert found.among == frozenset({"submucosa", "muscularis", "beyond"})


def test_no_lesion_is_deeper_than_the_deepest_layer() -> None:
    assert value("invasion_depth", depth("beyond", "A"), size(mm(9), "B")) == "beyond"


def test_size_and_depth_without_any_identity_lack_nothing() -> None:
    found = findings_of(depth("mucosa"), size(mm(6), "A"))

    assert (found["invasion_depth"].value, str(found["tumour_size"].value)) == ("mucosa", "6 mm")


@pytest.mark.parametrize("organ", ["site_liver", "site_bone", "site_lymph_node"])
def test_size_of_what_lies_in_an_organ_of_metastases_is_none_of_the_tumour(organ: str) -> None:
    metastasis = {**size(mm(45), "B"), "bodySite": concept(organ)}

    found = findings_of(size(mm(12), "A"), metastasis)

    assert (str(found["tumour_size"].value), str(found["lesion_count"].value)) == ("12 mm", "1")


def test_size_of_what_lies_in_the_organ_of_the_tumour_is_its_size() -> None:
    assert value("tumour_size", {**size(mm(12), "A"), "bodySite": concept("site_pancreas")}) == "12 mm"


def test_size_of_a_problem_that_is_a_metastasis_is_none_of_the_tumour() -> None:
    about = {"focus": [{"reference": "Condition/m"}]}
    metastasis = condition("metastasis_liver", id="m")

    found = findings_of(metastasis, size(mm(12), "A"), {**size(mm(45)), **about})

    assert str(found["tumour_size"].value) == "12 mm"


@pytest.mark.parametrize("several", [False, True])
def test_result_with_a_body_site_is_read_whether_one_or_a_list_of_one(several: bool) -> None:
    site = concept("site_pancreas")

    assert value("tumour_size", {**size(mm(12), "A"), "bodySite": [site] if several else site}) == "12 mm"
