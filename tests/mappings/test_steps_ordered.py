"""Steps that are on order: by an open request, and by nothing else."""

from __future__ import annotations

import pytest
from chart_builder import (
    TERMINOLOGY,
    VOCABULARY,
    finding,
    order,
    value,
)
from finding_examples import EXAMPLES

from mappings.findings import State

ORDERABLE = {d.name: d.order for d in VOCABULARY.values() if d.order is not None}


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
@pytest.mark.parametrize("status", ["active", "on-hold", "draft"])
def test_step_is_ordered_by_an_open_request(name: str, order_set: str, status: str) -> None:
    found = value(name, order(order_set, status=status))

    assert found == "ordered"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_step_that_was_done_is_done_even_if_it_is_ordered_again(name: str, order_set: str) -> None:
    found = value(name, *EXAMPLES[name].chart, order(order_set))

    assert found == "done"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
@pytest.mark.parametrize("status", ["revoked", "completed", "entered-in-error", "unknown"])
def test_request_that_is_not_open_orders_nothing(name: str, order_set: str, status: str) -> None:
    found = value(name, order(order_set, status=status))

    assert found == "absent"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_code_in_which_a_step_is_suggested_is_read_as_its_order(name: str, order_set: str) -> None:
    preferred = TERMINOLOGY.preferred(order_set)
    code = {"coding": [{"system": preferred.system, "code": preferred.code}]}

    found = value(name, order(code))

    assert found == "ordered"


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_open_orders_name_the_step(name: str, order_set: str) -> None:
    found = value("open_orders", order(order_set))

    assert name in str(found)


def test_open_orders_are_incomplete_after_an_incomplete_search() -> None:
    found = finding("open_orders", order("ct_abdomen"), complete=False)

    assert found.value == frozenset({"abdominal_imaging"})
    assert not found.complete


@pytest.mark.parametrize("searches", [{}, {"complete": {"ServiceRequest"}}])
def test_open_orders_are_complete_after_a_complete_search_for_orders(searches: dict[str, set[str]]) -> None:
    found = finding("open_orders", order("ct_abdomen"), **searches)

    assert found.complete


@pytest.mark.parametrize(("name", "order_set"), ORDERABLE.items())
def test_order_alone_settles_nothing_after_an_incomplete_search_for_results(name: str, order_set: str) -> None:
    found = finding(name, order(order_set), complete={"ServiceRequest"})

    assert found.state is State.UNKNOWN


def test_order_of_a_past_date_is_still_open() -> None:
    found = value("chromogranin_a_test", order("chromogranin_a", on="2019-01-01"))

    assert found == "ordered"
