"""Scope: whether there is anything to advise on, so that the record of anybody else is not read further."""

from __future__ import annotations

from collections.abc import Mapping

from mappings.findings import Finding

_WITH_CARDS = ("active", "suspected", "remission")
# Tests that acid suppression spoils for any patient.
_JUDGED_WITHOUT_NEOPLASM = frozenset({"chromogranin-a", "gastrin"})


def is_in_scope(findings: Mapping[str, Finding]) -> bool:
    """Whether there is a neoplasm to advise on, or an order that is judged without one."""
    if findings["diagnosis_status"].value in _WITH_CARDS:
        return True
    orders = findings["selected_orders"].value
    return isinstance(orders, frozenset) and not orders.isdisjoint(_JUDGED_WITHOUT_NEOPLASM)
