"""Scope: only a neoplasm that matters now, or an order that acid suppression spoils, is worth advising on."""

import pytest
from stated import findings

from cards.scope import is_in_scope


@pytest.mark.parametrize("status", ["active", "suspected", "remission"])
def test_patient_with_a_neoplasm_is_in_scope(status: str) -> None:
    assert is_in_scope(findings(diagnosis_status=status, selected_orders=[]))


@pytest.mark.parametrize("status", ["inactive", "history", "not recorded", "unknown"])
def test_patient_without_a_present_neoplasm_is_not_in_scope(status: str) -> None:
    assert not is_in_scope(findings(diagnosis_status=status, selected_orders=[]))


@pytest.mark.parametrize("order", ["chromogranin-a", "gastrin"])
def test_test_that_acid_suppression_spoils_is_in_scope_for_anybody(order: str) -> None:
    assert is_in_scope(findings(diagnosis_status="not recorded", selected_orders=[order]))


def test_any_other_order_is_in_scope_with_a_neoplasm_only() -> None:
    assert not is_in_scope(findings(diagnosis_status="not recorded", selected_orders=["surgery"]))
    assert is_in_scope(findings(diagnosis_status="active", selected_orders=["surgery"]))
