"""Amounts as intervals: comparisons of three values, the largest of several, words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.amounts import Amount, largest, plain
from mappings.truth import Truth

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
NUMBERS = st.decimals(0, 100, places=1)


def exactly(number: str) -> Amount:
    return Amount.exactly(Decimal(number), "%")


def interval(low: str | None, high: str | None, *, from_low: bool = True, to_high: bool = True) -> Amount:
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    return Amount(ends[0], ends[1], "%", from_low, to_high)


BELOW_3 = interval("0", "3", to_high=False)
UP_TO_3 = interval("0", "3")
ABOVE_20 = interval("20", None, from_low=False)
FROM_20 = interval("20", None)


@st.composite
def amounts(draw: st.DrawFn) -> Amount:
    low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
    closed = low == high
    return Amount(
        draw(st.sampled_from([low, low, None])),
        draw(st.sampled_from([high, high, None])),
        "%",
        closed or draw(st.booleans()),
        closed or draw(st.booleans()),
    )


def wider(amount: Amount, by: Decimal) -> Amount:
    """The amount after some of what is known of it was lost."""
    low = None if amount.low is None else amount.low - by
    return Amount(low, None if amount.high is None else amount.high + by, amount.unit)


@pytest.mark.parametrize(
    ("amount", "bound", "at_most", "at_least", "less_than", "more_than"),
    [
        (exactly("2.9"), 3, T, F, T, F),
        (exactly("3"), 3, T, T, F, F),
        (exactly("3.1"), 3, F, T, F, T),
        (BELOW_3, 3, T, F, T, F),
        (UP_TO_3, 3, T, U, U, F),
        (ABOVE_20, 20, F, T, F, T),
        (FROM_20, 20, U, T, F, U),
        (interval("2", "3"), 3, T, U, U, F),
        (interval("3", "5"), 3, U, T, F, U),
        (interval("2", "4"), 3, U, U, U, U),
        (interval(None, None), 3, U, U, U, U),
        (interval(None, "2"), 3, T, F, T, F),
    ],
)
def test_comparison_is_unknown_where_the_interval_straddles_the_bound(
    amount: Amount, bound: int, at_most: Truth, at_least: Truth, less_than: Truth, more_than: Truth
) -> None:
    limit = Decimal(bound)

    found = (amount.at_most(limit), amount.at_least(limit), amount.less_than(limit), amount.more_than(limit))

    assert found == (at_most, at_least, less_than, more_than)


@given(amounts(), NUMBERS)
def test_at_most_and_more_than_are_complements(amount: Amount, bound: Decimal) -> None:
    found = ~amount.at_most(bound)

    assert found is amount.more_than(bound)


@given(amounts(), NUMBERS)
def test_at_least_and_less_than_are_complements(amount: Amount, bound: Decimal) -> None:
    found = ~amount.at_least(bound)

    assert found is amount.less_than(bound)


@given(amounts(), NUMBERS, st.decimals(0, 50, places=1))
def test_losing_what_is_known_never_makes_a_comparison_more_certain(
    amount: Amount, bound: Decimal, loss: Decimal
) -> None:
    before = [amount.at_most(bound), amount.at_least(bound)]

    after = [wider(amount, loss).at_most(bound), wider(amount, loss).at_least(bound)]

    assert all(now in (truth, U) for truth, now in zip(before, after, strict=True))


@given(amounts(), amounts())
def test_overlap_is_mutual(one: Amount, other: Amount) -> None:
    found = one.overlaps(other)

    assert found == other.overlaps(one)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (exactly("2"), exactly("2"), True),
        (exactly("2"), exactly("3"), False),
        (BELOW_3, exactly("3"), False),
        (UP_TO_3, exactly("3"), True),
        (ABOVE_20, exactly("20"), False),
        (interval("3", "5"), interval("5", "8"), True),
        (interval(None, "2"), ABOVE_20, False),
    ],
)
def test_amounts_overlap_where_one_value_lies_in_both(one: Amount, other: Amount, expected: bool) -> None:
    found = one.overlaps(other)

    assert found is expected


@pytest.mark.parametrize(
    ("several", "expected"),
    [
        ([exactly("6"), exactly("18"), exactly("9")], "18 %"),
        ([exactly("12"), BELOW_3], "12 %"),
        ([exactly("12"), interval("0", "20", to_high=False)], "12–20 %"),
        ([exactly("12"), ABOVE_20], ">20 %"),
        ([FROM_20, ABOVE_20], ">20 %"),
        ([exactly("12"), interval(None, None)], "≥12 %"),
    ],
)
def test_largest_of_several_is_known_as_far_as_each_is(several: list[Amount], expected: str) -> None:
    found = largest(several)

    assert str(found) == expected


def test_largest_of_five_and_more_than_five_is_more_than_five() -> None:
    found = largest([exactly("5"), interval("5", "9", from_low=False)])

    assert found.at_most(Decimal(5)) is F


@given(st.lists(amounts(), min_size=1, max_size=4), NUMBERS)
def test_largest_is_at_most_a_bound_where_every_one_is(several: list[Amount], bound: Decimal) -> None:
    each = {amount.at_most(bound) for amount in several}

    found = largest(several).at_most(bound)

    assert found is (T if each == {T} else F if F in each else U)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (exactly("8"), "8 %"),
        (exactly("8.50"), "8.5 %"),
        (exactly("0"), "0 %"),
        (BELOW_3, "<3 %"),
        (interval(None, "3"), "≤3 %"),
        (ABOVE_20, ">20 %"),
        (FROM_20, "≥20 %"),
        (interval("3", "5"), "3–5 %"),
        (Amount.exactly(Decimal("2.5"), "1"), "2.5"),
    ],
)
def test_amount_reads_as_people_write_it(amount: Amount, words: str) -> None:
    found = str(amount)

    assert found == words


@pytest.mark.parametrize(
    ("number", "words"), [("100", "100"), ("1E+2", "100"), ("0.10", "0.1"), ("1E-3", "0.001"), ("-2.0", "-2")]
)
def test_number_has_no_exponent_and_no_needless_zeros(number: str, words: str) -> None:
    found = plain(Decimal(number))

    assert found == words
