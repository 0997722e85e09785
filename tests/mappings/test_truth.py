"""Kleene's three values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.truth import Truth, all_true, any_true

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
TRUTHS = st.lists(st.sampled_from(Truth), max_size=5)


@pytest.mark.parametrize(("truth", "negated"), [(T, F), (F, T), (U, U)])
def test_unknown_is_its_own_negation(truth: Truth, negated: Truth) -> None:
    assert ~truth is negated


@pytest.mark.parametrize(
    ("truths", "expected"), [([], T), ([T, T], T), ([T, U], U), ([T, F], F), ([U, F], F), ([U, U], U)]
)
def test_all_are_true_unless_one_is_false_or_unknown(truths: list[Truth], expected: Truth) -> None:
    assert all_true(truths) is expected


@pytest.mark.parametrize(
    ("truths", "expected"), [([], F), ([F, F], F), ([F, U], U), ([T, F], T), ([U, T], T), ([U, U], U)]
)
def test_any_is_true_if_one_is(truths: list[Truth], expected: Truth) -> None:
    assert any_true(truths) is expected


@given(TRUTHS)
def test_not_all_is_any_not(truths: list[Truth]) -> None:
    assert ~all_true(truths) is any_true([~truth for truth in truths])


@given(TRUTHS, st.data())
def test_losing_a_fact_never_makes_a_group_more_certain(truths: list[Truth], data: st.DataObject) -> None:
    lost = [data.draw(st.sampled_from([truth, U])) for truth in truths]

    assert all_true(lost) in (all_true(truths), U)


@pytest.mark.parametrize(("value", "truth"), [(True, T), (False, F)])
def test_what_is_certain_is_never_unknown(value: bool, truth: Truth) -> None:
    assert Truth.of(value) is truth
